"""Exercises: generated from solutions, told apart when they differ, never written over a learner's work."""

import argparse
import errno
import json
from pathlib import Path

import nbformat
import pytest

from seattn_course.authoring import exercises, generation
from seattn_course.authoring.execution import execution_gate
from seattn_course.authoring.exercise_gate import exercises_gate
from seattn_course.authoring.generation import SolutionError, generate, touched
from seattn_course.authoring.tree import CourseTree, Lesson

ANSWER, CHECK = "answer-scale", "check-scale"


@pytest.fixture
def exercise(course: Path) -> Lesson:
    return Lesson(course, "exercises", "en", "01_gate")


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


def regenerate(course: Path, *stems: str, replace: bool = False) -> int:
    return exercises.run(argparse.Namespace(stems=list(stems), replace=replace), course)


def change(lesson: Lesson, name: str, old: str, new: str) -> None:
    notebook = lesson.read()
    cell = next(cell for cell in notebook.cells if cell.metadata.get("name") == name)
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    lesson.write(notebook)


def fill_in(exercise: Lesson) -> None:
    notebook = exercise.read()
    cell = next(cell for cell in notebook.cells if cell.metadata.name == ANSWER)
    cell.source = "def scale(x, gate):\n    return gate * x"
    cell.execution_count = 3
    cell.outputs = [nbformat.v4.new_output("stream", text="mine")]
    exercise.write(notebook)


def findings(course: Path) -> list[str]:
    return [str(finding) for finding in exercises_gate(CourseTree(course))]


def test_generation_takes_answers_out_and_keeps_names_and_ids(course):
    solution = Lesson(course, "solutions", "tr", "01_gate")
    fresh = generate(solution.read(), solution.as_kind("exercises"))
    assert [cell.id for cell in fresh.cells] == ["title", "setup", "task-scale", ANSWER, CHECK]
    assert fresh.cells[1].source == "from seattn_course.tr import check"
    assert "Cevabınızı buraya yazın" in fresh.cells[3].source
    assert "x * gate" not in nbformat.writes(fresh)
    code = [cell for cell in fresh.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert fresh.metadata.seattn.source == "solutions/tr/01_gate.ipynb"
    assert "twin" not in nbformat.writes(fresh)
    nbformat.validate(fresh)


def test_generation_is_deterministic(course):
    solution = Lesson(course, "solutions", "en", "01_gate")
    first, second = (nbformat.writes(generate(solution.read(), solution.as_kind("exercises"))) for _ in range(2))
    assert first == second


def test_a_fresh_exercise_passes_and_a_second_run_writes_nothing(course, exercise, capsys):
    assert findings(course) == []
    before = exercise.path.stat().st_mtime_ns
    assert regenerate(course) == 0
    assert capsys.readouterr().out == ""
    assert exercise.path.stat().st_mtime_ns == before


def test_a_missing_exercise_is_found_and_written(course, exercise, capsys):
    exercise.path.unlink()
    assert findings(course) == ["exercises/en/01_gate.ipynb: exercises: missing; run `make exercises`"]
    assert regenerate(course) == 0
    assert capsys.readouterr().out == "exercises/en/01_gate.ipynb written\n"
    assert findings(course) == []


def test_out_of_date_is_told_from_hand_edited(course, exercise):
    change(exercise.as_kind("solutions"), "task-scale", "Scale a value", "Scale one value")
    change(exercise, CHECK, "check(", "print(")
    out_of_date, edited = sorted(findings(course), reverse=True)
    assert out_of_date.startswith("exercises/en/01_gate.ipynb [task-scale]: exercises: out of date: ")
    assert edited.startswith("exercises/en/01_gate.ipynb [check-scale]: exercises: hand-edited: ")


def test_an_older_generation_is_replaced_without_asking(course, exercise):
    change(exercise.as_kind("solutions"), "task-scale", "Scale a value", "Scale one value")
    assert regenerate(course, "01_gate") == 0
    assert "Scale one value" in exercise.path.read_text(encoding="utf-8")
    assert findings(course) == []


def test_outputs_alone_are_no_work_to_lose(course, exercise):
    notebook = exercise.read()
    notebook.cells[1].execution_count = 1
    exercise.write(notebook)
    assert touched(notebook) == []
    assert regenerate(course) == 0
    assert exercise.read().cells[1].execution_count is None


def test_a_filled_in_answer_is_a_note_for_a_learner_and_a_finding_in_ci(course, exercise, monkeypatch, capsys):
    fill_in(exercise)
    assert findings(course) == []
    assert "exercises/en/01_gate.ipynb: answers filled in (answer-scale)" in capsys.readouterr().out
    assert list(execution_gate(CourseTree(course))) == []
    monkeypatch.setenv("CI", "true")
    [finding] = findings(course)
    assert finding.startswith("exercises/en/01_gate.ipynb [answer-scale]: exercises: filled in")
    assert [each.cell for each in execution_gate(CourseTree(course))] == [ANSWER]


def test_an_answer_with_an_edit_elsewhere_is_reported_in_full(course, exercise):
    fill_in(exercise)
    change(exercise, "task-scale", "Scale", "Do not scale")
    assert len(findings(course)) == 2


def test_a_changed_stub_is_a_hand_edit_even_in_an_answer_cell(course, exercise):
    change(exercise, ANSWER, "def scale(x, gate):", "def scale(x, gate=1):")
    [finding] = findings(course)
    assert "[answer-scale]: exercises: hand-edited" in finding


def test_a_learners_work_is_left_alone(course, exercise, capsys):
    fill_in(exercise)
    change(exercise.as_kind("solutions"), "task-scale", "Scale a value", "Scale one value")
    before = exercise.path.read_bytes()
    assert regenerate(course) == 1
    assert exercise.path.read_bytes() == before
    out = capsys.readouterr().out
    assert "exercises/en/01_gate.ipynb is left alone: edited in answer-scale." in out
    assert "--replace" in out


@pytest.mark.parametrize("edit", ["added", "copied", "removed", "no record", "no notebook"])
def test_every_kind_of_edit_is_work_to_keep(course, exercise, edit, capsys):
    notebook = exercise.read()
    if edit == "added":
        notebook.cells.append(nbformat.v4.new_code_cell("my = 1"))
    elif edit == "copied":
        notebook.cells.append(nbformat.from_dict(json.loads(json.dumps(notebook.cells[0])) | {"id": "copy"}))
    elif edit == "removed":
        del notebook.cells[0]
    elif edit == "no record":
        del notebook.metadata.seattn["generated"]
    exercise.write(notebook)
    if edit == "no notebook":
        exercise.path.write_text("{ my notes", encoding="utf-8")
    before = exercise.path.read_bytes()
    assert regenerate(course) == 1
    assert exercise.path.read_bytes() == before
    assert "is left alone" in capsys.readouterr().out


def test_replace_keeps_a_copy_beside(course, exercise, capsys):
    fill_in(exercise)
    before = exercise.path.read_bytes()
    assert regenerate(course, replace=True) == 0
    [kept] = exercise.path.parent.glob("01_gate.mine-*.ipynb")
    assert kept.read_bytes() == before
    assert kept.name in capsys.readouterr().out
    assert "mine" not in exercise.path.read_text(encoding="utf-8")
    assert findings(course) == []  # the copy is no exercise of the course


@pytest.mark.parametrize("moment", ["writing", "copying"])
def test_a_full_disk_leaves_the_old_file_whole(course, exercise, monkeypatch, capsys, moment):
    fill_in(exercise)
    before = exercise.path.read_bytes()

    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    if moment == "writing":
        monkeypatch.setattr(Path, "write_text", full)
    else:
        monkeypatch.setattr(exercises.shutil, "copy2", full)
    assert regenerate(course, "01_gate", replace=True) == 1
    assert exercise.path.read_bytes() == before
    assert not list(exercise.path.parent.glob(".*"))
    [line] = [line for line in capsys.readouterr().out.splitlines() if "/en/" in line]
    assert line == (
        "exercises/en/01_gate.ipynb was not written and is as it was: "
        "the disk is full: free some space and run it again"
    )


def test_an_unknown_stem_is_named(course, capsys):
    assert regenerate(course, "99_none") == 1
    assert capsys.readouterr().out == "no solution is called 99_none; there are 01_gate, 02_mean\n"


def test_an_exercise_without_a_solution_is_found(course, exercise):
    Lesson(course, "exercises", "en", "03_orphan").write(exercise.read())
    assert findings(course) == [
        "exercises/en/03_orphan.ipynb: exercises: no solutions/en/03_orphan.ipynb generates it"
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "cell", "message"),
    [
        (ANSWER, "# END SOLUTION", "", ANSWER, "line 2: BEGIN SOLUTION without END SOLUTION"),
        (ANSWER, "    # BEGIN SOLUTION\n", "", ANSWER, "END SOLUTION without BEGIN SOLUTION"),
        (CHECK, "check(", "h = 1  # SOLUTION\ncheck(", CHECK, "marks a solution, but is not tagged answer"),
        ("setup", "import strict_check as check", "import strict_check", "setup", "only `strict_check as check`"),
    ],
)
def test_a_solution_that_cannot_be_turned_is_named_with_its_cell(course, exercise, name, old, new, cell, message):
    solution = exercise.as_kind("solutions")
    change(solution, name, old, new)
    with pytest.raises(SolutionError, match=message) as caught:
        generate(solution.read(), exercise)
    assert caught.value.cell == cell
    assert any(f"solutions/en/01_gate.ipynb [{cell}]: exercises: " in finding for finding in findings(course))
    assert regenerate(course) == 1


def test_an_answer_cell_that_marks_nothing_is_refused(course, exercise):
    solution = exercise.as_kind("solutions")
    change(solution, ANSWER, "    # BEGIN SOLUTION\n", "")
    change(solution, ANSWER, "    # END SOLUTION", "")
    with pytest.raises(SolutionError, match="is tagged answer, but marks no solution"):
        generate(solution.read(), exercise)


def test_a_solution_that_stands_elsewhere_is_a_leak(course, exercise):
    solution = exercise.as_kind("solutions")
    change(solution, ANSWER, "return x * gate", "product = x * gate\n    return product + 0.0")
    change(solution, "task-scale", "##", "```python\nproduct = x * gate\nreturn product + 0.0\n```\n##")
    with pytest.raises(SolutionError, match="gives the solution of answer-scale away") as caught:
        generate(solution.read(), exercise)
    assert caught.value.cell == "task-scale"


def test_a_changed_record_is_found(course, exercise):
    notebook = exercise.read()
    notebook.metadata.seattn.generated[0] = "title 0000000000000000"
    exercise.write(notebook)
    [finding] = findings(course)
    assert "its record of what was generated was changed" in finding


def test_moved_cells_are_found(course, exercise):
    notebook = exercise.read()
    notebook.cells[0], notebook.cells[2] = notebook.cells[2], notebook.cells[0]
    exercise.write(notebook)
    [finding] = findings(course)
    assert "hand-edited: the cells stand in another order" in finding


def test_names_of_cells_are_what_the_record_holds(exercise):
    notebook = exercise.read()
    assert list(generation.record_of(notebook)) == [cell.metadata.name for cell in notebook.cells]
