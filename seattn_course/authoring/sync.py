"""The ``seattn sync`` verb: carry edits between a notebook, its text and its twin, and never lose one.

First each notebook is joined with its text: the side that changed since the last sync wins, as hashes show and
not file times; if both changed, nothing is written. Then code that changed in one language is carried to the
other. Prose is never carried: the gate "stale" reports it. Last, the links between lessons are written anew.
"""

import argparse
from dataclasses import dataclass, field

from nbformat import NotebookNode

from seattn_course.authoring.carry import CarryError, carry, changed_side
from seattn_course.authoring.joining import JoinError, join, store
from seattn_course.authoring.navigation import navigate
from seattn_course.authoring.notebooks import cells_by_name
from seattn_course.authoring.stale import LANGUAGE_NAMES
from seattn_course.authoring.tree import PAIRED_KINDS, CourseTree, Lesson, find_root
from seattn_course.authoring.twin_record import TwinRecord, record_of, recorded


@dataclass
class Report:
    """What a sync did, what it refused, and which code cells of which notebook have no outputs now."""

    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unexecuted: dict[str, list[str]] = field(default_factory=dict)


def synchronise(tree: CourseTree) -> Report:
    """Sync every lesson and solution with its text and its twin."""
    report = Report()
    all_joined = {}
    for pair in tree.twins(*PAIRED_KINDS):
        joined = {}
        for lesson in pair:
            if not lesson.path.exists() and not lesson.text_path.exists():
                continue
            try:
                notebook, dropped = join(lesson)
            except JoinError as error:
                report.refused.append(str(error))
                continue
            joined[lesson] = notebook
            report.unexecuted[lesson.name] = dropped
        if len(joined) == 2:
            _carry_all(pair, tuple(joined.values()), report)
        all_joined |= joined
    navigate(all_joined)
    for lesson, notebook in all_joined.items():
        try:
            report.done += [f"wrote {file}" for file in store(lesson, notebook)]
        except JoinError as error:
            report.refused.append(str(error))
    return report


def _carry_all(
    pair: tuple[Lesson, Lesson], notebooks: tuple[NotebookNode, NotebookNode], report: Report
) -> None:
    english, turkish = pair
    turkish_cells = cells_by_name(notebooks[1])
    for name, english_cell in cells_by_name(notebooks[0]).items():
        turkish_cell = turkish_cells.get(name)
        if turkish_cell is None:
            continue
        try:
            side = changed_side(english_cell, turkish_cell)
            if side is None:
                _settle(english_cell, turkish_cell)
                continue
            source, target, lesson = (
                (english_cell, turkish_cell, turkish) if side == "en" else (turkish_cell, english_cell, english)
            )
            before = target.source
            carry(source, side, target)
        except CarryError as error:
            report.refused.append(f"{english.name} and {turkish.name} [{name}]: {error}")
            continue
        report.done.append(f"carried the {LANGUAGE_NAMES[side]} change of [{name}] to {lesson.name}")
        if target.cell_type == "code" and target.source != before:
            target.outputs, target.execution_count = [], None
            report.unexecuted[lesson.name].append(name)


def _settle(english: NotebookNode, turkish: NotebookNode) -> None:
    """Both sides hold the same code: that it changed on both is not worth a person's attention."""
    for cell, twin, language in ((english, turkish, "tr"), (turkish, english, "en")):
        if known := recorded(cell):
            cell.metadata["twin"] = str(TwinRecord(record_of(twin, language).shared, known.words))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb takes no arguments: it always syncs the whole course."""


def run(arguments: argparse.Namespace) -> int:
    report = synchronise(CourseTree(find_root()))
    for line in report.done:
        print(line)
    for name, cells in report.unexecuted.items():
        if cells:
            more = f" and {len(cells) - 6} more" if len(cells) > 6 else ""
            print(f"needs executing: seattn execute {name}   # no outputs: {', '.join(cells[:6])}{more}")
    for line in report.refused:
        print(f"refused: {line}")
    if not (report.done or report.refused):
        print("nothing to do")
    return 1 if report.refused else 0
