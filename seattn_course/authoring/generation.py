"""An exercise made from its solution, and what it records about itself.

Each exercise records a hash of every cell as generated. So a cell that a person edited can be told from one whose
solution has changed since, and a learner's answers are never overwritten.
"""

import re

import nbformat
from nbformat import NotebookNode

from seattn_course.authoring.notebooks import digest, normalise, shared_metadata
from seattn_course.authoring.stubs import has_markers, make_stub
from seattn_course.authoring.tree import Lesson

SHORTEST_LEAK = 25  # characters: a shorter piece ("return x * gate") may well stand elsewhere


class SolutionError(ValueError):
    """A solution from which no exercise can be made; ``cell`` names the cell."""

    def __init__(self, cell: str, message: str):
        super().__init__(message)
        self.cell = cell


def generate(solution: NotebookNode, exercise: Lesson) -> NotebookNode:
    """The exercise of a solution: answers taken out, outputs cleared. SolutionError names a cell."""
    cells: list[NotebookNode] = []
    removed: list[tuple[str, str]] = []
    for cell in solution.cells:
        tags = cell.metadata.get("tags", [])
        if "solution-only" in tags:
            continue
        name, source = cell_name(cell), cell.source
        if cell.cell_type == "code":
            try:
                if "answer" in tags:
                    stub = make_stub(source, exercise.language)
                    if not stub.removed:
                        raise ValueError("is tagged answer, but marks no solution")
                    source = stub.source
                    removed += [(name, text) for text in stub.removed]
                elif has_markers(source):
                    raise ValueError("marks a solution, but is not tagged answer")
            except ValueError as error:
                raise SolutionError(name, str(error)) from None
            source = source.replace("strict_check as check", "check")
            if "strict_check" in source:
                raise SolutionError(name, "only `strict_check as check` in the import becomes `check`")
        make = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
        cells.append(make(source, id=cell.get("id", name), metadata=shared_metadata(cell)))
    _refuse_leaks(cells, removed)
    notebook = nbformat.v4.new_notebook(cells=cells)
    normalise(notebook, exercise)
    notebook.metadata.seattn.source = exercise.as_kind("solutions").name
    notebook.metadata.seattn.note = "Generated from the source named here; write your answers in the answer cells."
    notebook.metadata.seattn.generated = [f"{cell_name(cell)} {cell_hash(cell)}" for cell in cells]
    return notebook


def touched(exercise: NotebookNode) -> list[str]:
    """The cells a person changed, added or removed since the exercise was generated; all if it has no record."""
    record, now = record_of(exercise), named_cells(exercise)
    changed = [name for name in now if record.get(name) != cell_hash(now[name])]
    return changed + [name for name in record if name not in now]


def cell_hash(cell: NotebookNode) -> str:
    return digest(f"{cell.cell_type}\n{cell.source}")


def named_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """Every cell by its name (or id, if a learner added it); a copy of a cell gets a name of its own."""
    cells: dict[str, NotebookNode] = {}
    for cell in notebook.cells:
        name = cell_name(cell)
        cells[name if name not in cells else f"{name} (copy {len(cells)})"] = cell
    return cells


def cell_name(cell: NotebookNode) -> str:
    return cell.metadata.get("name") or cell.get("id", "?")


def record_of(exercise: NotebookNode) -> dict[str, str]:
    """Hash by cell name, as generated; empty if the notebook has no record."""
    entries = exercise.metadata.get("seattn", {}).get("generated", [])
    return dict(entry.rsplit(" ", 1) for entry in entries)


def _refuse_leaks(cells: list[NotebookNode], removed: list[tuple[str, str]]) -> None:
    """SolutionError if a longer piece of a solution still stands somewhere in the exercise."""
    for answer, text in removed:
        for words in (_one_line, _without_comments):  # as written, and with other comments
            piece = words(text)
            for cell in cells:
                if len(piece) >= SHORTEST_LEAK and piece in words(cell.source):
                    raise SolutionError(cell_name(cell), f"gives the solution of {answer} away: {piece[:60]!r}")


def _one_line(source: str) -> str:
    return " ".join(source.split())


def _without_comments(source: str) -> str:
    return _one_line(re.sub(r"(?m)(^|\s)#\s.*$", "", source))
