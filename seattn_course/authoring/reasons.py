"""Gate "reasons": a cell that is compared less strictly than others says why, in its metadata.

nbval also obeys comments such as ``# NBVAL_SKIP``, which nobody would see in a review of tags: those are refused.
"""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from seattn_course.authoring.tree import CourseTree, Finding

GATE = "reasons"
NEED_A_REASON = ("nbval-ignore-output", "nbval-skip", "raises-exception", "given-numbers", "quoted-rival")
_COMMENT = re.compile(r"^\s*#+\s*((?:NBVAL|PYTEST_VALIDATE)_[A-Z_]+)\s*$", re.MULTILINE)
_REFUSED_TAGS = {"pytest-validate-ignore-output", "nbval-check-output", "nbval-raises-exception", "skip-execution"}


def reasons_gate(tree: CourseTree) -> Iterator[Finding]:
    for lesson in tree.lessons():
        if notebook := tree.notebook(lesson):
            for cell in notebook.cells:
                for message in problems(cell):
                    yield Finding(GATE, lesson.name, cell.metadata.get("name"), message)


def problems(cell: NotebookNode) -> Iterator[str]:
    """What one cell's tags leave unexplained."""
    tags, reason = cell.metadata.get("tags", []), cell.metadata.get("reason", "")
    special = [tag for tag in tags if tag in NEED_A_REASON]
    if special and not (isinstance(reason, str) and len(reason.split()) >= 4):
        yield f"is tagged {', '.join(special)} and gives no reason (a sentence in metadata.reason)"
    if reason and not special:
        yield f"gives a reason, but has none of the tags {', '.join(NEED_A_REASON)}"
    for tag in _REFUSED_TAGS.intersection(tags):
        yield f"the tag {tag} is not used here; there are {', '.join(NEED_A_REASON)}"
    for comment in _COMMENT.findall(cell.source if cell.cell_type == "code" else ""):
        yield f"the comment {comment} steers nbval out of sight; use a tag with a reason"
