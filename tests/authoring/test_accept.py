"""Accepting records, on both sides, that two cells say the same; it is refused where they plainly do not."""

from pathlib import Path

import pytest

from seattn_course.authoring.accept import AcceptError, accept, lesson_at
from seattn_course.authoring.gates import run_gates
from seattn_course.authoring.sync import synchronise
from seattn_course.authoring.tree import CourseTree, Lesson
from seattn_course.course.command import main


@pytest.fixture
def edited(course: Path, monkeypatch: pytest.MonkeyPatch) -> Lesson:
    """A Turkish lesson whose title changed, synced; the working folder is its course."""
    lesson = Lesson(course, "notebooks", "tr", "01_gate")
    lesson.write_text(lesson.text_path.read_text(encoding="utf-8").replace("· Kapı\n", "· Bir kapı\n"))
    synchronise(CourseTree(course))
    (course / "seattn_course").mkdir()
    monkeypatch.chdir(course)
    return lesson


def stale(lesson: Lesson) -> list[str]:
    return [f"{finding.path} [{finding.cell}]" for finding in run_gates(CourseTree(lesson.root), ["stale"])]


@pytest.mark.parametrize(
    "path",
    ["notebooks/tr/01_gate.ipynb", "notebooks/en/01_gate.ipynb", "text/notebooks/en/01_gate.md"],
)
def test_a_named_cell_is_accepted_from_either_side(edited: Lesson, path: str, capsys):
    assert stale(edited) == ["notebooks/en/01_gate.ipynb [title]"]
    assert main(["accept", path, "title"]) == 0
    assert "accepted 1 cells" in capsys.readouterr().out
    assert stale(edited) == []
    assert run_gates(CourseTree(edited.root), ["pairing"]) == []


def test_all_accepts_what_needs_it_and_leaves_the_rest(edited: Lesson):
    assert accept(edited, None) == ["title"]
    assert accept(edited, None) == []


@pytest.mark.parametrize("arguments", [[], ["title", "--all"]])
def test_somebody_must_say_what_was_compared(edited: Lesson, arguments: list[str], capsys):
    assert main(["accept", edited.name, *arguments]) == 2
    assert "name the cells" in capsys.readouterr().out
    assert stale(edited) != []


@pytest.mark.parametrize(
    ("path", "cell", "message"),
    [
        ("notebooks/tr/01_gate.ipynb", "titel", "has no cell 'titel'"),
        ("exercises/tr/01_gate.ipynb", "title", "is no lesson or solution"),
        ("notebooks/tr/99_none.ipynb", "title", "missing"),
    ],
)
def test_what_cannot_be_accepted(edited: Lesson, path: str, cell: str, message: str, capsys):
    assert main(["accept", path, cell]) == 1
    assert message in capsys.readouterr().out


def test_a_new_pair_is_one_finding_until_all_of_it_is_accepted(edited: Lesson):
    new = Lesson(edited.root, "notebooks", "tr", "05_new")
    for lesson in (new, new.twin()):
        source = Lesson(edited.root, "notebooks", lesson.language, "02_mean")
        lesson.write_text(source.text_path.read_text(encoding="utf-8"))
    synchronise(CourseTree(edited.root))
    (found,) = (finding for finding in run_gates(CourseTree(edited.root), ["stale"]) if "05_new" in finding.path)
    assert str(found).startswith("notebooks/tr/05_new.ipynb: stale: never compared with notebooks/en/05_new.ipynb")
    assert "`seattn accept notebooks/tr/05_new.ipynb --all`" in found.message
    assert main(["accept", new.name, "--all"]) == 0
    assert stale(edited) == ["notebooks/en/01_gate.ipynb [title]"]


def test_differing_code_is_not_accepted(edited: Lesson):
    notebook = edited.read()
    notebook.cells[3].source = notebook.cells[3].source.replace("0.35", "0.45")
    edited.write(notebook)
    with pytest.raises(AcceptError, match="differs from its text: run `seattn sync` first"):
        accept(edited, ["gate"])
    for lesson in (edited, edited.twin()):
        notebook = lesson.read()
        notebook.cells[3].source = notebook.cells[3].source.replace("0.45", "0.55" if lesson is edited else "0.65")
        notebook.cells[3].source = notebook.cells[3].source.replace("0.35", "0.65")
        lesson.write(notebook)
    synchronise(CourseTree(edited.root))  # refuses to carry: both sides changed
    with pytest.raises(AcceptError, match=r"\[gate\]: type, tags, reason or code differ"):
        accept(edited, ["gate"])


def test_a_malformed_record_counts_as_never_accepted(edited: Lesson):
    notebook = edited.read()
    notebook.cells[2].metadata["twin"] = "yes"
    edited.write(notebook)
    assert "notebooks/tr/01_gate.ipynb [equation]" in stale(edited)


def test_paths_outside_the_course_are_refused(edited: Lesson, tmp_path: Path):
    with pytest.raises(ValueError, match="not in the subpath"):
        lesson_at(tmp_path / "elsewhere" / "x.ipynb", edited.root)
