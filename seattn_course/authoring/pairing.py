"""Gate "pairing": every lesson and solution equals its MyST text, and neither exists without the other.

The comparison is by content. Modification times decide nothing here: git sets them at will.
"""

from collections.abc import Iterator
from enum import Enum

from nbformat import NotebookNode

from seattn_course.authoring.notebooks import (
    cell_name,
    cells_by_name,
    digest,
    from_text,
    name_problems,
    shared_metadata,
    to_text,
)
from seattn_course.authoring.tree import PAIRED_KINDS, CourseTree, Finding, Lesson


class State(Enum):
    """How a notebook and its text stand to each other, as the text's hash at the last sync shows."""

    AGREE = "agree"
    NOTEBOOK_CHANGED = "the notebook changed after the last sync, the text did not"
    TEXT_CHANGED = "the text changed after the last sync, the notebook did not"
    BOTH_CHANGED = "both changed after the last sync"
    NEVER_SYNCED = "they differ, and no earlier sync is recorded"


def pair_state(notebook: NotebookNode, text: str) -> State:
    """ValueError if the text cannot be read."""
    from_notebook = to_text(notebook)
    if from_notebook == text or from_notebook == to_text(from_text(text)):
        return State.AGREE
    base = notebook.metadata.get("seattn", {}).get("text")
    if base is None:
        return State.NEVER_SYNCED
    if digest(text) == base:
        return State.NOTEBOOK_CHANGED
    return State.TEXT_CHANGED if digest(from_notebook) == base else State.BOTH_CHANGED


def differing_cells(notebook: NotebookNode, text_notebook: NotebookNode) -> list[str]:
    """Names of the cells that differ between a notebook and the notebook its text describes."""
    ours, theirs = cells_by_name(notebook), cells_by_name(text_notebook)

    def content(cell: NotebookNode | None) -> tuple | None:
        return cell and (cell.cell_type, cell.source, shared_metadata(cell))

    return [name for name in {**ours, **theirs} if content(ours.get(name)) != content(theirs.get(name))]


def pairing_gate(tree: CourseTree) -> Iterator[Finding]:
    for lesson in tree.lessons(*PAIRED_KINDS):
        text_name = lesson.text_path.relative_to(tree.root).as_posix()
        if not lesson.path.exists():
            yield Finding("pairing", text_name, None, f"has no notebook {lesson.name}; run `seattn sync`")
        elif not lesson.text_path.exists():
            yield Finding("pairing", lesson.name, None, f"has no text {text_name}; run `seattn sync`")
        elif (notebook := tree.notebook(lesson)) is not None:
            for cell, message in _problems(lesson, notebook, text_name):
                yield Finding("pairing", lesson.name, cell, message)


def _problems(lesson: Lesson, notebook: NotebookNode, text_name: str) -> Iterator[tuple[str | None, str]]:
    try:
        text = lesson.text_path.read_text(encoding="utf-8")
        text_notebook = from_text(text)
        state = pair_state(notebook, text)
    except ValueError as error:
        yield None, f"its text {text_name} cannot be read: {error}"
        return
    if state is not State.AGREE:
        message = f"differs from its text {text_name}: {state.value}; run `seattn sync`"
        yield from ((cell, message) for cell in differing_cells(notebook, text_notebook) or [None])
    elif differing := differing_cells(notebook, text_notebook):
        # The text has a form for it, but reads back as something else (blank lines at the ends, a line "+++").
        yield from ((cell, "this source does not survive being written as MyST text") for cell in differing)
    elif notebook.metadata.get("seattn", {}).get("text") != digest(text) or to_text(notebook) != text:
        yield None, f"agrees with its text {text_name}, but the sync is not recorded; run `seattn sync`"
    for cell in notebook.cells:
        name = cell_name(cell)
        if name and cell.get("id") != name:
            yield name, f"its cell id is {cell.get('id')!r}, not its name; run `seattn sync`"
    yield from name_problems(notebook)
