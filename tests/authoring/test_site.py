"""What Sphinx is given: links that follow the site's folders, an anchor for each cell, figures with their text."""

import re
from pathlib import Path

import nbformat
import pytest

from seattn_course.authoring.site import for_the_site, index_page, with_site_links, write_sources
from seattn_course.authoring.tree import KINDS, CourseTree, Lesson
from seattn_course.course.language import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("source", "site"),
    [
        ("[a](02_mean.ipynb)", "[a](02_mean.ipynb)"),
        ("[a](../../exercises/en/01_gate.ipynb)", "[a](../exercises/01_gate.ipynb)"),
        ("[a](../tr/01_gate.ipynb)", '<a href="../../tr/notebooks/01_gate.html">a</a>'),
        ("[a](../../solutions/tr/01_gate.ipynb)", '<a href="../../tr/solutions/01_gate.html">a</a>'),
        ("[a](https://arxiv.org/abs/1709.01507)", "[a](https://arxiv.org/abs/1709.01507)"),
    ],
)
def test_links_follow_the_folders_of_the_site(source, site):
    assert with_site_links(f"See {source}.", Lesson(Path(), "notebooks", "en", "01_gate")) == f"See {site}."


def test_the_twins_have_the_same_anchors_in_the_same_order(course):
    def anchors(language: str) -> list[str]:
        lesson = Lesson(course, "notebooks", language, "01_gate")
        cells = for_the_site(lesson.read(), lesson).cells
        return [re.search(r'id="cell-([\w-]+)"', cell.source)[1] for cell in cells[::2]]

    names = [cell.metadata["name"] for cell in Lesson(course, "notebooks", "en", "01_gate").read().cells]
    assert anchors("en") == anchors("tr") == names


def test_a_figure_keeps_its_description_and_a_widget_is_left_out(course):
    lesson = Lesson(course, "notebooks", "tr", "01_gate")
    notebook = lesson.read()
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    notebook.cells[-1].outputs += [
        nbformat.v4.new_output("display_data", data={**view, "text/plain": "run this cell"}),
        nbformat.v4.new_output("display_data", data=view),
    ]
    cell = for_the_site(notebook, lesson).cells[-1]
    assert cell.metadata["mystnb"] == {"image": {"alt": "2.0 ve 1.17 çubukları"}}
    assert [list(output.data) for output in cell.outputs] == [["image/png", "text/plain"], ["text/plain"]]
    assert lesson.read() != notebook  # the stored notebook is as it was


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notebook_has_its_page_and_every_link_its_file(language, tmp_path):
    tree = CourseTree(ROOT)
    write_sources(tree, language, tmp_path)
    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.ipynb")}
    assert pages == {
        f"{kind}/{one.stem}.ipynb" for kind in KINDS for one in tree.lessons(kind, languages=(language,))
    }
    index = index_page(tree, language)
    for page in pages:
        assert f"{page[:-6]}\n" in index  # in the sidebar
    for page in tmp_path.rglob("*.*"):
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+\.(?:ipynb|md))\)", text):
            assert (page.parent / link).is_file(), (page.name, link)
        for target in re.findall(r'<a href=\\?"\.\./\.\./(\w\w)/(\w+)/(\w+)\.html', text):
            assert (ROOT / target[1] / target[0] / f"{target[2]}.ipynb").is_file(), (page.name, target)
