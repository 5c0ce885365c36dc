"""The gate "readable": a file that is no notebook is one finding, and the others are judged all the same."""

import json

import pytest

from seattn_course.authoring.gates import run_gates
from seattn_course.authoring.readable import readable_gate
from seattn_course.authoring.tree import CourseTree, Lesson


def notebook_with(cell: dict) -> bytes:
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"cells": [', "is no JSON: Expecting value in line 1, column 12"),
        (b"", "is no JSON"),
        (b"\xff\xfe", "is no UTF-8 text (byte 0)"),
        (b"[1]", "is JSON, but no notebook of format 4"),
        (notebook_with({"cell_type": "poem", "id": "a"}), "is JSON, but no notebook of format 4"),
        (
            notebook_with({"cell_type": "code", "id": "a", "metadata": {}, "execution_count": 1, "source": ""}),
            "is JSON, but no notebook of format 4: 'outputs' is a required property",
        ),
    ],
)
def test_a_file_that_is_no_notebook_is_one_finding_here(course, content, message):
    lesson = Lesson(course, "notebooks", "tr", "02_mean")
    lesson.path.write_bytes(content)
    [finding] = readable_gate(CourseTree(course))
    assert str(finding).startswith(f"notebooks/tr/02_mean.ipynb: readable: {message}")


@pytest.mark.parametrize("kind", ["notebooks", "solutions", "exercises"])
def test_a_broken_file_is_one_finding_of_all_gates_together(course, kind):
    Lesson(course, kind, "tr", "01_gate").path.write_text("{", encoding="utf-8")
    [finding] = run_gates(CourseTree(course))
    assert finding.gate == "readable"


def test_one_broken_file_does_not_stop_the_other_gates(course):
    broken = Lesson(course, "notebooks", "tr", "02_mean")
    broken.path.write_text("{", encoding="utf-8")
    other = Lesson(course, "notebooks", "tr", "01_gate")
    notebook = other.read()
    notebook.cells[0].source += "\n\nKonvolüsyon 0,73519 olur."
    other.write(notebook)
    gates = {finding.gate for finding in run_gates(CourseTree(course))}
    assert {"readable", "numbers", "glossary", "pairing"} <= gates
