"""One notebook from a file and its text: the side that changed since the last sync wins, and outputs survive."""

from nbformat import NotebookNode

from seattn_course.authoring.code_cells import code_tree, written_out
from seattn_course.authoring.notebooks import (
    SHARED_KEYS,
    cells_by_name,
    digest,
    from_text,
    name_problems,
    normalise,
    to_text,
)
from seattn_course.authoring.pairing import State, differing_cells, pair_state
from seattn_course.authoring.tree import Lesson


class JoinError(Exception):
    """A person must decide; nothing was written for this notebook. The message says why and what to do."""


def join(lesson: Lesson) -> tuple[NotebookNode, list[str]]:
    """The notebook as it should be, and the names of the code cells that lost their outputs on the way."""
    text_name = lesson.text_path.relative_to(lesson.root).as_posix()
    notebook, described, state = None, None, State.AGREE
    try:
        if lesson.path.exists():
            notebook = lesson.read()
        if lesson.text_path.exists():
            text, described = _read_text(lesson, text_name)
            if notebook is not None:
                state = pair_state(notebook, text)
    except ValueError as error:
        raise JoinError(str(error)) from error
    if state in (State.BOTH_CHANGED, State.NEVER_SYNCED):
        cells = ", ".join(differing_cells(notebook, described)) or "none by name"
        raise JoinError(
            f"{lesson.name} and {text_name}: {state.value}. Cells that differ: {cells}. "
            "Make them agree, or delete the file you do not want, and sync again"
        )
    if notebook is None or state is State.TEXT_CHANGED:
        _refuse_bad_names(described, text_name)
        joined, dropped = rebuilt(notebook, described, lesson.language)
    else:
        _refuse_bad_names(notebook, lesson.name)
        joined, dropped = notebook, []
    normalise(joined, lesson)
    return joined, dropped


def _read_text(lesson: Lesson, text_name: str) -> tuple[str, NotebookNode]:
    try:
        text = lesson.text_path.read_text(encoding="utf-8")
        return text, from_text(text)
    except ValueError as error:
        raise ValueError(f"{text_name} cannot be read: {error}") from error


def _refuse_bad_names(notebook: NotebookNode, file: str) -> None:
    if problems := [f"{cell} {message}" for cell, message in name_problems(notebook)]:
        raise JoinError(f"{file}: {'; '.join(problems)}")


def rebuilt(old: NotebookNode | None, described: NotebookNode, language: str) -> tuple[NotebookNode, list[str]]:
    """``described``, with all that a text does not hold taken from ``old``, cell by cell through the names.

    A code cell keeps its outputs if its code is the same as a syntax tree, docstrings aside. Also returns the
    names of the code cells without outputs to keep.
    """
    known = {} if old is None else cells_by_name(old)
    dropped = []
    for cell in described.cells:
        name = cell.metadata["name"]
        before = known.get(name)
        if before is not None:
            kept = {key: value for key, value in before.metadata.items() if key not in SHARED_KEYS}
            cell.metadata.update(kept)
            if cell.cell_type == before.cell_type != "code" and "attachments" in before:
                cell["attachments"] = before.attachments
        if cell.cell_type != "code":
            continue
        if before is not None and before.cell_type == "code" and _same_code(before, cell, language):
            cell.outputs, cell.execution_count = before.outputs, before.execution_count
        else:
            dropped.append(name)
    described.metadata = NotebookNode() if old is None else old.metadata
    return described, dropped


def _same_code(a: NotebookNode, b: NotebookNode, language: str) -> bool:
    try:
        return written_out(code_tree(a.source, language)) == written_out(code_tree(b.source, language))
    except SyntaxError:
        return a.source == b.source


def store(lesson: Lesson, notebook: NotebookNode) -> list[str]:
    """Write the notebook and its text where their content is new; the names of the files written."""
    text = to_text(notebook)
    if differing := differing_cells(notebook, from_text(text)):
        raise JoinError(
            f"{lesson.name}: the source of {', '.join(differing)} does not survive being written as MyST text "
            "(a line of +++ alone, or a fenced block that looks like a code cell)"
        )
    notebook.metadata.seattn["text"] = digest(text)
    written = []
    if not lesson.path.exists() or lesson.read() != notebook:
        lesson.write(notebook)
        written.append(lesson.name)
    if not lesson.text_path.exists() or lesson.text_path.read_text(encoding="utf-8") != text:
        lesson.write_text(text)
        written.append(lesson.text_path.relative_to(lesson.root).as_posix())
    return written
