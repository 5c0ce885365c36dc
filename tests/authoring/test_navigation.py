"""The links between lessons follow from their order; sync writes them, the gate finds old ones."""

from pathlib import Path

import pytest

from seattn_course.authoring.gates import run_gates
from seattn_course.authoring.navigation import HEAD_LINE, navigation_gate
from seattn_course.authoring.notebooks import cells_by_name
from seattn_course.authoring.sync import synchronise
from seattn_course.authoring.tree import CourseTree, Lesson


def head_line(root: Path, language: str, stem: str) -> str:
    return HEAD_LINE.search(Lesson(root, "notebooks", language, stem).read().cells[0].source).group()


def edit(root: Path, language: str, stem: str, name: str, old: str, new: str) -> None:
    lesson = Lesson(root, "notebooks", language, stem)
    notebook = lesson.read()
    cell = cells_by_name(notebook)[name]
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    lesson.write(notebook)


def test_head_and_end_lead_to_everything(course):
    assert head_line(course, "en", "01_gate") == (
        "[Türkçe](../tr/01_gate.ipynb) · [Exercises](../../exercises/en/01_gate.ipynb) · "
        "[Solutions](../../solutions/en/01_gate.ipynb) · [Next: The mean](02_mean.ipynb)"
    )
    assert head_line(course, "tr", "02_mean") == (
        "[English](../en/02_mean.ipynb) · [Alıştırmalar](../../exercises/tr/02_mean.ipynb) · "
        "[Çözümler](../../solutions/tr/02_mean.ipynb) · [Önceki: Kapı](01_gate.ipynb) · "
        "[Kursun ana sayfası](01_gate.ipynb)"
    )
    for stem, goal in (("01_gate", "02_mean"), ("02_mean", "01_gate")):
        prose = [
            cell for cell in Lesson(course, "notebooks", "en", stem).read().cells if cell.cell_type == "markdown"
        ]
        last = prose[-1].source.splitlines()[-1]
        assert last.startswith(
            f"**Now you:** [the exercises of this lesson](../../exercises/en/{stem}.ipynb), then"
        )
        assert f"({goal}.ipynb)" in last


def test_a_new_title_reaches_the_neighbours_and_no_translation_becomes_stale(course):
    for language, old, new in (
        ("en", "The mean", "A mean: what it keeps"),
        ("tr", "Ortalama", "Tek sayı: ne kalır"),
    ):
        edit(course, language, "02_mean", "title", f"· {old}", f"· {new}")
    assert {(found.path, found.cell) for found in navigation_gate(CourseTree(course))} == {
        ("notebooks/en/01_gate.ipynb", "title"), ("notebooks/tr/01_gate.ipynb", "title"),
    }  # fmt: skip
    assert synchronise(CourseTree(course)).refused == []
    assert head_line(course, "en", "01_gate").endswith("[Next: A mean](02_mean.ipynb)")
    assert head_line(course, "tr", "01_gate").endswith("[Sonraki: Tek sayı](02_mean.ipynb)")
    findings = {
        (found.gate, found.path) for found in run_gates(CourseTree(course), ["navigation", "stale", "pairing"])
    }
    assert findings == {("stale", f"notebooks/{language}/02_mean.ipynb") for language in ("en", "tr")}


def test_a_translation_that_was_stale_stays_so(course):
    edit(course, "en", "01_gate", "title", "multiplies", "scales")
    for language, old, new in (("en", "The mean", "A mean"), ("tr", "Ortalama", "Bir ortalama")):
        edit(course, language, "02_mean", "title", f"· {old}", f"· {new}")
    assert synchronise(CourseTree(course)).refused == []
    stale = {str(found).split(":")[0] for found in run_gates(CourseTree(course), ["stale"])}
    assert "notebooks/tr/01_gate.ipynb [title]" in stale
    assert "notebooks/en/01_gate.ipynb [title]" not in stale


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# 2 ·", "# 3 ·", "must begin with '# 2 · '"),
        ("**Time:** 5 minutes", "**Time:** long", "must state its times"),
    ],
)
def test_a_head_that_cannot_be_read_is_the_only_finding(course, old, new, said):
    edit(course, "en", "02_mean", "title", old, new)
    (finding,) = navigation_gate(CourseTree(course))
    assert (finding.path, finding.cell) == ("notebooks/en/02_mean.ipynb", "title")
    assert said in finding.message
    before = head_line(course, "en", "01_gate")
    synchronise(CourseTree(course))
    assert head_line(course, "en", "01_gate") == before
