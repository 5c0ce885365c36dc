"""One notebook for each way of slipping through a validation; each is caught, and its cell named."""

import re
import sys

import pytest
from fault_course import code, new_course, notebook, stream
from nbformat.v4 import new_output

from seattn_course.authoring.generation import generate
from seattn_course.authoring.tree import Lesson

pytestmark = pytest.mark.slow

# What a check shows, without the checker: its outcome is the first character.
SHOW = "class Shown:\n    def __init__(self, text): self.text = text\n    def __repr__(self): return self.text"
FLOOD = "while True:\n    print('x' * 1000)"
STUBBORN = "import time\nwhile True:\n    try: time.sleep(60)\n    except KeyboardInterrupt: print('no')"
DRAW = "from IPython.display import display\ndisplay({'image/png': 'AAAA', 'text/plain': '%s'}, raw=True)"
NO_ALT = "<Figure size 640x480 with 1 Axes>"

# notebook: (its cells, the cell that fails, what the failure says)
FAULTS = {
    "dead_kernel": (
        [code("one", "1"), code("exit", "import os\nos._exit(3)"), code("after", "2")],
        "exit",
        "killed its kernel (exit status 3)",
    ),
    "hanging_cell": (
        [code("hang", "import time\ntime.sleep(60)"), code("after", "2")],
        "hang",
        "Timeout of 6 seconds exceeded",
    ),
    "stubborn_cell": ([code("stubborn", STUBBORN)], "stubborn", "did not stop when it was interrupted"),
    "flood": ([code("flood", FLOOD), code("after", "2")], "flood", "put out more than 1024 KiB"),
    "edited_output": ([code("sum", "print(1 + 1)", [stream("3\n")])], "sum", "Cell outputs differ"),
    "stripped_cell": (
        [code("good", "print(1)", [stream("1\n")]), code("bare", "print(2)")],
        "bare",
        "stores no run",
    ),
    "missing_output": ([code("silent", "print(2)")], "silent", "Cell outputs differ"),
    "wrong_order": (
        [code("second", "x = 1", count=2), code("first", "print(2)", [stream("2\n")], count=1)],
        "second",
        "was run as number 2, but is code cell 1",
    ),
    "no_exception": (
        [code("calm", "1 + 1; None", tags=["raises-exception"], reason="shows the error")],
        "calm",
        "is tagged raises-exception, but raised none",
    ),
    "exception": ([code("fails", "1 / 0")], "fails", "ZeroDivisionError"),
    "skipped": ([code("left-out", "1 / 0", tags=["nbval-skip"])], "left-out", "ZeroDivisionError"),
    "skipped_well": ([code("left-out", "None", tags=["nbval-skip"])], "left-out", "every cell has to run"),
    "comment": ([code("quiet", "# NBVAL_IGNORE_OUTPUT\nprint(1)")], "quiet", "steers the validation by a comment"),
    "no_reason": ([code("vague", "print(1)", tags=["nbval-ignore-output"])], "vague", "without a reason"),
    "bare_figure": (
        [code("figure", DRAW % NO_ALT, [new_output("display_data", data={"text/plain": NO_ALT})])],
        "figure",
        "shows a figure without a description",
    ),
    "description": (
        [code("picture", DRAW % "Gate 0.6", [new_output("display_data", data={"text/plain": "Gate 0.7"})])],
        "picture",
        "Cell outputs differ",
    ),
}


def exercise(root, stem, *cells):
    """The unfilled exercise of a solution with these cells."""
    return generate(notebook(*cells), Lesson(root, "exercises", "en", stem))


def stub_and_check(shown):
    answer = "def gate(x):\n    # BEGIN SOLUTION\n    return x\n    # END SOLUTION"
    return [
        code("setup", SHOW),
        code("answer-gate", answer, tags=["answer"]),
        code("check-gate", f"Shown({shown!r})"),
    ]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """The output of one run over all faults, beside a good lesson and good exercises."""
    course = new_course(tmp_path_factory.mktemp("faults"))
    for stem, (cells, _, _) in FAULTS.items():
        stored = notebook(*cells, run=stem != "stripped_cell")
        if stem == "stripped_cell":
            stored.cells[0].execution_count = 1
        course.add(f"notebooks/en/{stem}", stored)
    course.add("notebooks/en/broken_json", '{"cells": [')
    course.add("notebooks/en/good", notebook(code("sum", "print(1 + 1)", [stream("2\n")]), code("none", "x = 1")))
    bar = "from tqdm.auto import tqdm\nfor i in tqdm(range(2), leave=False): pass\nprint('done')"
    course.add("solutions/en/bar", notebook(code("bar", bar, [stream("done\n")])))
    ignored = code(
        "time", "import time; time.time()", [stream("2\n")], tags=["nbval-ignore-output"], reason="a time"
    )
    course.add("solutions/en/ignored", notebook(ignored))

    root = course.root
    course.add("exercises/en/open", exercise(root, "open", *stub_and_check("… Not attempted: gate")))
    course.add("exercises/en/free", exercise(root, "free", *stub_and_check("✓ Passed: gate")))
    course.add("exercises/en/mute", exercise(root, "mute", *stub_and_check("nothing known")))
    for stem, shown in (("solved", "✓ Passed: gate"), ("wrong", "✗ Wrong: softmax makes channels compete")):
        answered = exercise(root, stem, *stub_and_check(shown))
        answered.cells[1].source = "def gate(x):\n    return x"
        answered.cells[1].execution_count = 7  # a learner's own run is compared with nothing
        answered.cells[1].outputs = [stream("mine\n")]
        course.add(f"exercises/en/{stem}", answered)
    return course.run("test", "--timeout", "6")


def failure(outcome, notebook_name, cell):
    """The text of one cell's failure, or None."""
    pattern = rf"^_+ {re.escape(f'{notebook_name}.ipynb::{cell}')} _+$\n(.*?)(?=^_{{5,}}|^={{5,}})"
    found = re.search(pattern, outcome.stdout, re.MULTILINE | re.DOTALL)
    return found and found[1]


@pytest.mark.parametrize("stem", FAULTS)
def test_fault_is_caught_and_its_cell_named(outcome, stem):
    _, cell, says = FAULTS[stem]
    assert says in failure(outcome, f"notebooks/en/{stem}", cell)


@pytest.mark.parametrize("stem", ["dead_kernel", "flood"])
def test_cells_after_a_ruined_kernel_are_not_waited_for(outcome, stem):
    assert "not run: cell" in failure(outcome, f"notebooks/en/{stem}", "after")


def test_broken_json_fails_alone(outcome):
    assert "ERROR notebooks/en/broken_json.ipynb" in outcome.stdout
    assert re.search(r"broken_json.ipynb .*UNREADABLE", outcome.stdout)


def test_good_notebooks_pass_beside_them(outcome):
    lessons = ("notebooks/en/good", "solutions/en/bar", "solutions/en/ignored")
    for name in (*lessons, "exercises/en/open", "exercises/en/solved"):
        line = next(
            line for line in outcome.stdout.splitlines() if re.match(rf"{name}\.ipynb\s+\d+ cells", line.strip())
        )
        assert "FAILED" not in line


def test_exercise_that_passes_without_an_answer_is_caught(outcome):
    assert "passes without an answer" in failure(outcome, "exercises/en/free", "check-gate")


def test_check_without_a_result_is_caught(outcome):
    assert "shows no result of its check" in failure(outcome, "exercises/en/mute", "check-gate")


def test_wrong_answer_fails_with_what_the_tutor_says(outcome):
    assert "softmax makes channels compete" in failure(outcome, "exercises/en/wrong", "check-gate")


def test_kernels_were_forked_where_they_can_be(outcome):
    forked = sys.platform.startswith("linux")
    assert re.search("^warm kernels; " if forked else "^ordinary kernels", outcome.stdout, re.MULTILINE)


def test_summary_counts_what_was_compared_and_gives_reasons(outcome):
    assert "solutions/en/ignored.ipynb [time]: a time" in outcome.stdout
    assert re.search(r"exercises/en/open\.ipynb .*1 checks not attempted", outcome.stdout)
    assert re.search(r"notebooks/en/good\.ipynb +2 cells, +1 outputs compared, +0 ignored", outcome.stdout)
    assert outcome.returncode == 1


def test_nothing_found_is_a_failure(tmp_path):
    done = new_course(tmp_path).run("test")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "0 passed, 1 failed"


def test_lesson_without_code_is_not_a_pass(tmp_path):
    course = new_course(tmp_path)
    course.add("notebooks/en/empty", notebook())
    assert course.run("test").returncode != 0
