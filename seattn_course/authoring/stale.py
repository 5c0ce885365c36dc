"""Gate "stale": no translation is older than what it translates.

The twins are equals: whichever side was edited, the other side is reported until somebody has looked at it and
accepted the pair again.
"""

from collections.abc import Iterator

from nbformat import NotebookNode

from seattn_course.authoring.notebooks import matched_cells
from seattn_course.authoring.tree import PAIRED_KINDS, CourseTree, Finding, Lesson
from seattn_course.authoring.twin_record import record_of, recorded

LANGUAGE_NAMES = {"en": "English", "tr": "Turkish"}


def stale_gate(tree: CourseTree) -> Iterator[Finding]:
    cells = list(matched_cells(tree, *PAIRED_KINDS))
    begun = {turkish for _, turkish, _, *pair in cells if any(map(recorded, pair))}
    new = dict.fromkeys((english, turkish) for english, turkish, *_ in cells if turkish not in begun)
    for english, turkish in new:
        message = f"never compared with {english.name}: do so, then `seattn accept {turkish.name} --all`"
        yield Finding("stale", turkish.name, None, message)
    for english, turkish, name, english_cell, turkish_cell in cells:
        if turkish not in begun:
            continue
        for lesson, cell, other in (
            (english, english_cell, turkish_cell),
            (turkish, turkish_cell, english_cell),
        ):
            if reason := staleness(lesson, cell, other):
                yield Finding("stale", lesson.name, name, f"{reason}, then `seattn accept {lesson.name} {name}`")


def staleness(lesson: Lesson, cell: NotebookNode, other: NotebookNode) -> str | None:
    """Why ``cell`` of ``lesson`` cannot be taken for a translation of ``other`` as it stands; None if it can."""
    known = recorded(cell)
    twin = lesson.twin().language
    if known is None:
        return f"never accepted: compare it with the {LANGUAGE_NAMES[twin]} cell"
    if known.words == record_of(other, twin).words:
        return None
    what = "a comment or docstring of the" if cell.cell_type == "code" else "the"
    return f"{what} {LANGUAGE_NAMES[twin]} cell changed after this translation was accepted; update it"
