"""Gate "claims" and the ``seattn claims`` verb: the lessons' tables of verdicts are those of claims.toml.

A row of such a table ends its first column with the claim's number: ``| SE draws nothing new (C15) | true ... |``.
"""

import argparse
import re
from collections.abc import Iterator

from seattn_course.authoring.tree import CourseTree, Finding, Lesson, find_root
from seattn_course.course.claims import FILE, Ledger, read_ledger
from seattn_course.course.language import LANGUAGES

GATE = "claims"
ROW = re.compile(r"^\| .*\(C\d\d\) \|.*\|$", re.MULTILINE)


def claims_gate(tree: CourseTree) -> Iterator[Finding]:
    """A finding for each lesson whose table differs from the ledger, and each verdict that no cell shows."""
    if not (tree.root / FILE).exists():
        return
    try:
        ledger = read_ledger(root=tree.root)
    except (ValueError, KeyError) as error:
        yield Finding(GATE, FILE, None, str(error))
        return
    lessons = [lesson for lesson in tree.lessons("notebooks") if tree.notebook(lesson)]
    for lesson in lessons:
        yield from _differences(tree, lesson, ledger)
    for stem in dict.fromkeys(verdict.lesson for verdict in ledger.verdicts):
        if stem not in {lesson.stem for lesson in lessons}:
            yield Finding(GATE, FILE, None, f"has verdicts of {stem}, which is no lesson")


def _differences(tree: CourseTree, lesson: Lesson, ledger: Ledger) -> Iterator[Finding]:
    notebook = tree.notebook(lesson)
    types = {cell.metadata.get("name"): cell.cell_type for cell in notebook.cells}
    for verdict in ledger.of_lesson(lesson.stem):
        # A paper's figure is cited in prose; whatever the course found itself, code shows.
        shows = ("code", "markdown") if verdict.kind == "published" else ("code",)
        for name in verdict.cells:
            if types.get(name) not in shows:
                message = f"the verdict on {verdict.claim} names a {' or '.join(shows)} cell that is not there"
                yield Finding(GATE, lesson.name, name, message)
    wanted = [verdict.row(lesson.language) for verdict in ledger.of_lesson(lesson.stem)]
    found = [
        (cell.metadata.get("name"), row)
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for row in ROW.findall(cell.source)
    ]
    for name, row in found:
        if row not in wanted:
            yield Finding(GATE, lesson.name, name, f"{FILE} has no such row (`seattn claims --write`): {row}")
    for row in wanted:
        if row not in [row for _, row in found]:
            yield Finding(GATE, lesson.name, None, f"lacks a row of {FILE}: {row}")


def write_rows(tree: CourseTree, ledger: Ledger) -> list[str]:
    """Put the ledger's rows into the texts whose tables have as many rows; the names of the changed texts."""
    changed = []
    for lesson in tree.lessons("notebooks"):
        rows = [verdict.row(lesson.language) for verdict in ledger.of_lesson(lesson.stem)]
        text = lesson.text_path.read_text(encoding="utf-8")
        if len(ROW.findall(text)) != len(rows):
            continue  # which row is new or gone, the gate says
        remaining = iter(rows)
        written = ROW.sub(lambda _, rows=remaining: next(rows), text)
        if written != text:
            lesson.write_text(written)
            changed.append(lesson.text_path.relative_to(tree.root).as_posix())
    return changed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the table that is printed")
    parser.add_argument("--write", action="store_true", help="write the rows into the lessons' texts instead")


def run(arguments: argparse.Namespace) -> int:
    tree = CourseTree(find_root())
    ledger = read_ledger(arguments.language, tree.root)
    if not arguments.write:
        print(ledger._repr_markdown_(), repr(ledger), sep="\n\n")
        return 0
    changed = write_rows(tree, ledger)
    print(*(f"wrote {name}" for name in changed), "then: seattn sync" if changed else "nothing to do", sep="\n")
    return 0
