"""The gate "links": targets and anchors that exist, and no path of somebody's machine."""

import nbformat
import pytest

from seattn_course.authoring.links import links_gate
from seattn_course.authoring.markdown import headings, lab_anchor, page_anchor
from seattn_course.authoring.tree import CourseTree, Lesson


def with_prose(course, source: str) -> list[str]:
    """The findings after ``source`` was put into the first cell of a lesson."""
    lesson = Lesson(course, "notebooks", "tr", "02_mean")
    notebook = lesson.read()
    notebook.cells[0].source = source
    lesson.write(notebook)
    return [str(finding).removeprefix("notebooks/tr/02_mean.ipynb ") for finding in links_gate(CourseTree(course))]


@pytest.mark.parametrize(
    "source",
    [
        "[a](01_gate.ipynb#Çıktı-ne-gösteriyor?)",
        "[a](01_gate.ipynb#%C3%87%C4%B1kt%C4%B1-ne-g%C3%B6steriyor?)",
        "# Bir başlık\n[a](#Bir-başlık)",
        "# Kapı `C` ve $s$\n[a](#Kapı-C-ve-$s$)",
        "[a](../../exercises/tr/02_mean.ipynb) [b](../en/02_mean.ipynb) [c](https://example.org/#x) [d](../tr)",
        "<a href='01_gate.ipynb'>a</a> `[a](none.ipynb)`",
    ],
)
def test_links_that_lead_somewhere(course, source):
    assert with_prose(course, source) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[a](03_none.ipynb)", "link to 03_none.ipynb: there is no such file"),
        ("[a](01_gate.ipynb#Kapi)", "link to 01_gate.ipynb#Kapi: no heading there has this anchor"),
        ("[a](#Kapı)", "link to #Kapı: no heading there has this anchor"),
        ("![a picture of it](none.png)", "link to none.png: there is no such file"),
        ("<a href='none.html'>a</a>", "link to none.html: there is no such file"),
        ("[a](/notebooks/tr)", "link to /notebooks/tr: a link is relative to its file"),
        ("[a](../../../../elsewhere)", "link to ../../../../elsewhere leaves the course"),
        ("In /home/ada/course", "names a path of somebody's machine: /home/ada"),
        ("In C:\\Users\\ada", "names a path of somebody's machine: C:\\Users"),
        ("[a](file:///x)", "names a path of somebody's machine: file://"),
    ],
)
def test_links_that_do_not(course, source, message):
    assert with_prose(course, source) == [f"[title]: links: {message}"]


def test_no_path_of_a_machine_in_outputs(course):
    lesson = Lesson(course, "notebooks", "en", "02_mean")
    notebook = lesson.read()
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", name="stderr", text="/home/ada/x.py:1: Warning")]
    lesson.write(notebook)
    [finding] = links_gate(CourseTree(course))
    assert finding.cell == "mean"
    assert finding.message == "names a path of somebody's machine: /home/ada"


def test_pages_at_the_root(course):
    english = "# The course\n[a](#the-course) [b](README.tr.md#kurs) [c](no.md)"
    turkish = "# Kurs\n[a](notebooks/tr/01_gate.ipynb#1-·-Kapı) [b](#Kurs)"
    (course / "README.md").write_text(english, encoding="utf-8")
    (course / "README.tr.md").write_text(turkish, encoding="utf-8")
    assert [str(finding) for finding in links_gate(CourseTree(course))] == [
        "README.md: links: link to no.md: there is no such file",
        "README.tr.md: links: link to #Kurs: no heading there has this anchor",
    ]


def test_anchors_as_the_two_viewers_make_them():
    [heading] = headings("## What does `fc1` do, *exactly*?")
    assert lab_anchor(heading) == "What-does-fc1-do,-exactly?"
    assert page_anchor(heading) == "what-does-fc1-do-exactly"
