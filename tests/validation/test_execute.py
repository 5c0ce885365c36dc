"""`seattn execute` stores what every other run would store, and nothing if it could not."""

import nbformat
import pytest
from fault_course import code, new_course, notebook

from seattn_course.authoring.execution import outputs_hash

pytestmark = pytest.mark.slow

GOOD = [
    code("print", "print('a')\nprint('b')"),
    code("error", "raise ValueError('r=3')", tags=["raises-exception"], reason="shows the error"),
    code("library", "import json\njson.loads('{')", tags=["raises-exception"], reason="shows the error"),
    code("widget", "import ipywidgets\nipywidgets.IntSlider()"),
    code("bar", "from tqdm.auto import tqdm\nfor i in tqdm(range(2), leave=False): pass\nprint('done')"),
]
BAD = {
    "fails": ("1 / 0", "ZeroDivisionError"),
    "warns": ("import sys\nprint('careful', file=sys.stderr)", "standard error"),
    "place": ("import os\nprint(os.path.expanduser('~') + '/x')", "a path of this machine"),
    "address": ("object()", "memory address"),
    "hang": ("import time\ntime.sleep(60)", "hang"),
    "dead": ("import os\nos._exit(1)", "dead"),
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """(course, output of the run) after one `seattn execute all`."""
    course = new_course(tmp_path_factory.mktemp("execute"))
    course.add("notebooks/en/good", notebook(*GOOD, run=False))
    course.add("solutions/en/good", notebook(*GOOD, run=False))
    for name, (source, _) in BAD.items():
        course.add(f"notebooks/en/{name}", notebook(code("first", "print(1)"), code(name, source), run=False))
    return course, course.run("execute", "all", "--timeout", "8")


def stored(course, name):
    return nbformat.read(course.root / f"{name}.ipynb", as_version=4)


def test_outputs_counts_names_and_hash_are_stored(executed):
    course, _ = executed
    result = stored(course, "notebooks/en/good")
    assert [cell.id for cell in result.cells] == ["print", "error", "library", "widget", "bar"]
    assert [cell.execution_count for cell in result.cells] == [1, 2, 3, 4, 5]
    assert result.cells[0].outputs[0].text == "a\nb\n"
    assert result.metadata.seattn.outputs == outputs_hash(result)


def test_same_notebook_gives_the_same_file(executed):
    course, _ = executed
    first = (course.root / "notebooks/en/good.ipynb").read_text()
    assert first == (course.root / "solutions/en/good.ipynb").read_text()


def test_nothing_of_the_machine_is_stored(executed):
    course, _ = executed
    result = stored(course, "notebooks/en/good")
    text = nbformat.writes(result)
    assert "version" not in result.metadata.language_info
    assert "widget-view" not in text
    assert [output.output_type for output in result.cells[4].outputs] == ["stream"], "no progress bar"
    assert "execution" not in result.cells[0].metadata
    assert str(course.root) not in text
    assert nbformat.__file__.partition("site-packages")[0] not in text


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_reproduced_is_not_stored(executed, name):
    course, done = executed
    _, says = BAD[name]
    report = done.stdout.partition(f"notebooks/en/{name}.ipynb: not stored")[2].partition(".ipynb")[0]
    assert f"{name}: " in report
    assert says in report
    assert stored(course, f"notebooks/en/{name}").cells[0].execution_count is None
    assert done.returncode == 1


def test_unknown_name_is_refused(tmp_path):
    done = new_course(tmp_path).run("execute", "99_nothing")
    assert done.returncode == 2
    assert "99_nothing" in done.stdout
