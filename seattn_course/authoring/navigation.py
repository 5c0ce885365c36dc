"""The lines of links at a lesson's head and end, which follow from the order of the lessons; and their gate.

``seattn sync`` writes them, so a lesson that is added needs no edit in its neighbours. The gate "navigation"
reports a line that is not as sync would write it, and a head from which the course's home cannot read title and
times.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from seattn_course.authoring.notebooks import cell_name, cells_by_name
from seattn_course.authoring.tree import CourseTree, Finding, Lesson
from seattn_course.authoring.twin_record import record_of, recorded
from seattn_course.course.language import LANGUAGES, Catalogue
from seattn_course.course.lessons import LessonHead, head_of

GATE = "navigation"
# Where the lines stand: the first cell, and the last one that begins a paragraph with these words.
HEAD_LINE = re.compile(r"^\[(?:Türkçe|English)\]\(.*$", re.MULTILINE)
END_LINE = re.compile(r"^\*\*(?:Now you|Sıra sizde):\*\*.*$", re.MULTILINE)


@dataclass(frozen=True)
class Lines:
    """The two lines of one lesson."""

    head: str
    end: str


def lines_of(lesson: Lesson, heads: list[LessonHead]) -> Lines:
    """What the lines of ``lesson`` say, with ``heads`` of all lessons in order."""
    words = Catalogue("seattn_course.course.messages", lesson.language)
    place = next(index for index, head in enumerate(heads) if head.stem == lesson.stem)
    before = heads[place - 1] if place else None
    after = heads[place + 1] if place + 1 < len(heads) else None
    exercises = f"../../exercises/{lesson.language}/{lesson.stem}.ipynb"
    links = [
        (words.text("home.twin"), f"../{lesson.twin().language}/{lesson.stem}.ipynb"),
        (words.text("home.nav_exercises"), exercises),
        (words.text("home.nav_solutions"), f"../../solutions/{lesson.language}/{lesson.stem}.ipynb"),
    ]
    if before:
        links.append((words.text("home.previous", title=before.short_title), f"{before.stem}.ipynb"))
        links.append((words.text("home.course_home"), f"{heads[0].stem}.ipynb"))
    if after:
        links.append((words.text("home.next", title=after.short_title), f"{after.stem}.ipynb"))
    key, goal = ("now_you", after) if after else ("now_you_last", heads[0])
    end = words.text(f"home.{key}", exercises=exercises, number=goal.number, lesson=f"{goal.stem}.ipynb")
    return Lines(" · ".join(f"[{text}]({target})" for text, target in links), end)


def heads_in(notebooks: Mapping[Lesson, NotebookNode | None], language: str) -> list[LessonHead]:
    """The heads of one language's lessons, in order; none if one cannot be read: then no neighbour is known."""
    found = []
    for lesson, notebook in sorted(notebooks.items(), key=lambda entry: entry[0].stem):
        if lesson.kind == "notebooks" and lesson.language == language:
            if notebook is None or not notebook.cells:
                return []
            try:
                found.append(head_of(lesson.stem, notebook.cells[0].source, language))
            except ValueError:
                return []
    return found


def rewritten(notebook: NotebookNode, lines: Lines) -> dict[str, str]:
    """The sources that change so that both lines are right, by cell name; a missing line is added to its cell."""
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    ends = [cell for cell in prose if END_LINE.search(cell.source)] or prose
    changed = {}
    for cell, pattern, line in ((prose[0], HEAD_LINE, lines.head), (ends[-1], END_LINE, lines.end)):
        before = changed.get(cell_name(cell), cell.source)
        after = pattern.sub(lambda _, line=line: line, before, count=1)
        if not pattern.search(before):
            after = f"{before}\n\n{line}"
        if after != before:
            changed[cell_name(cell)] = after
    return changed


def navigate(notebooks: Mapping[Lesson, NotebookNode]) -> None:
    """Write the lines anew in all lessons; a translation that was current stays so."""
    heads = {language: heads_in(notebooks, language) for language in LANGUAGES}
    for lesson, notebook in notebooks.items():
        if lesson.kind != "notebooks" or not heads[lesson.language]:
            continue
        cells = cells_by_name(notebook)
        twin_cells = cells_by_name(notebooks[lesson.twin()]) if lesson.twin() in notebooks else {}
        for name, after in rewritten(notebook, lines_of(lesson, heads[lesson.language])).items():
            twin = twin_cells.get(name)
            current = twin is not None and recorded(twin) == record_of(cells[name], lesson.language)
            cells[name].source = after
            if current:
                twin.metadata["twin"] = str(record_of(cells[name], lesson.language))


def navigation_gate(tree: CourseTree) -> Iterator[Finding]:
    notebooks = {lesson: tree.notebook(lesson) for lesson in tree.lessons("notebooks")}
    heads = {language: heads_in(notebooks, language) for language in LANGUAGES}
    for lesson, notebook in notebooks.items():
        if not notebook or not notebook.cells:
            continue
        try:
            head_of(lesson.stem, notebook.cells[0].source, lesson.language)
        except ValueError as error:
            yield Finding(GATE, lesson.name, cell_name(notebook.cells[0]), str(error))
            continue
        known = heads[lesson.language]
        for name in rewritten(notebook, lines_of(lesson, known)) if known else ():
            yield Finding(GATE, lesson.name, name, "its links to other lessons are old; run `seattn sync`")
