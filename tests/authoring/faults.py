"""Seeded faults: each breaks a copy of the course in one way and says which gate must name which place.

A fault is a function of the course's root folder: it breaks the copy and returns the place that the gate must
name, as ``Finding`` prints it: ``"notebooks/tr/01_gate.ipynb [scale]"``, or the path alone. It finds its cell by
search, so that it works on the small course of conftest.py and on a copy of the real one. It raises LookupError
where the course holds nothing to break this way.

    @fault("decimal point in Turkish prose", gate="glossary")
    def decimal_point(root: Path) -> str: ...

The faults themselves stand in faults_*.py, by the gates that catch them.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from seattn_course.authoring.tree import CourseTree, Lesson


class Fault(NamedTuple):
    name: str
    break_course: Callable[[Path], str]
    gate: str


FAULTS: list[Fault] = []


def fault(name: str, gate: str) -> Callable[[Callable[[Path], str]], Callable[[Path], str]]:
    """Adds the decorated function to FAULTS."""

    def add(function: Callable[[Path], str]) -> Callable[[Path], str]:
        FAULTS.append(Fault(name, function, gate))
        return function

    return add


def find_cell(
    root: Path, pattern: str, kind: str = "notebooks", language: str = "tr", cell_type: str = "code"
) -> tuple[Lesson, int]:
    """The first cell of that kind, language and type whose source matches ``pattern``: lesson and index."""
    for lesson in CourseTree(root).lessons(kind, languages=(language,)):
        for index, cell in enumerate(lesson.read().cells):
            if cell.cell_type == cell_type and re.search(pattern, cell.source, re.MULTILINE):
                return lesson, index
    raise LookupError(f"no {cell_type} cell of {kind}/{language} matches {pattern!r}")


def place(lesson: Lesson, index: int) -> str:
    return f"{lesson.name} [{lesson.read().cells[index].metadata.name}]"


def edit_source(lesson: Lesson, index: int, pattern: str, replacement: str) -> str:
    """Replace the first match of ``pattern`` in the cell; returns the cell's place."""
    notebook = lesson.read()
    cell = notebook.cells[index]
    cell.source, count = re.subn(pattern, replacement, cell.source, count=1, flags=re.MULTILINE)
    if not count:
        raise LookupError(f"{pattern!r} is not in {place(lesson, index)}")
    lesson.write(notebook)
    return place(lesson, index)
