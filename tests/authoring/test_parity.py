"""What counts as equal between the twins' cells, and what the messages say where they are not."""

from pathlib import Path

import nbformat
import pytest

from seattn_course.authoring.gates import run_gates
from seattn_course.authoring.parity import cell_differences, moved
from seattn_course.authoring.tree import CourseTree, Lesson


def code(source: str, **metadata) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, metadata=metadata)


@pytest.mark.parametrize(
    ("english", "turkish"),
    [
        (code("x = 1  # 4 rows"), code("x = 1  # 4 satır")),
        (code("x = 1  # about 0.5 of 1,024"), code("x = 1  # 1.024 içinde 0,5 kadar")),
        (code("1", tags=["a", "b"]), code("1", tags=["b", "a"])),
        (code("1", tags=[]), code("1")),
        (code("!ls"), code("!ls")),
    ],
)
def test_equal_cells(english, turkish):
    assert list(cell_differences(english, turkish)) == []


@pytest.mark.parametrize(
    ("english", "turkish", "message"),
    [
        (code("1", tags=["a"]), code("1"), "tags differ: English ['a'], Turkish []"),
        (code("1", reason="A."), code("1", reason="B."), "reason differ: English A., Turkish B."),
        (code("x = 0.5"), code("x = 0.6"), "code differs: English line 1 `0.5`, Turkish line 1 `0.6`"),
        (code("x = 1  # (2, 64)"), code("x = 1  # (2, 32)"), "numbers in comments differ: only in English ['64'], "
                                                            "only in Turkish ['32']"),
        (code("x = 1  # SOLUTION"), code("x = 1"), "markers in comments differ: only in English ['SOLUTION'], "
                                                   "only in Turkish []"),
        (code("x = ("), code("x = 1"), "the English code does not parse, line 1: '(' was never closed"),
    ],
)  # fmt: skip
def test_unequal_cells(english, turkish, message):
    assert list(cell_differences(english, turkish)) == [message]


@pytest.mark.parametrize(
    ("order", "other", "names"),
    [("abcd", "abcd", ""), ("abcd", "bcda", "a"), ("abcd", "abdc", "d"), ("abcde", "ebcda", "ea")],
)
def test_as_few_cells_as_possible_are_said_to_have_moved(order, other, names):
    assert moved(list(order), list(other)) == list(names)


def break_exercise(course: Path) -> str:
    exercise = Lesson(course, "exercises", "tr", "01_gate")
    notebook = exercise.read()
    notebook.cells[3].source = notebook.cells[3].source.replace("x, gate", "x, kapi")
    exercise.write(notebook)
    return f"{exercise.name} [answer-scale]: parity: code differs: English line 1 `gate`, Turkish line 1 `kapi`"


def test_exercises_are_compared_in_ci(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CI", "true")
    message = break_exercise(course)
    assert message in [str(finding) for finding in run_gates(CourseTree(course), ["parity"])]


def test_a_learner_may_work_in_one_language(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CI", raising=False)
    break_exercise(course)
    assert run_gates(CourseTree(course), ["parity", "parity-prose", "parity-outputs"]) == []


def test_files_that_are_no_notebooks_leave_the_other_findings_alone(course: Path):
    broken = Lesson(course, "notebooks", "tr", "01_gate")
    broken.path.write_text('{"cells": [{}], "nbformat": 4}', encoding="utf-8")
    other = Lesson(course, "notebooks", "tr", "02_mean")
    notebook = other.read()
    notebook.cells[2].source = notebook.cells[2].source.replace("6.0", "7.0")
    other.write(notebook)
    own = ["pairing", "parity", "parity-prose", "parity-outputs", "stale"]
    assert {finding.path for finding in run_gates(CourseTree(course), own)} == {other.name}
