"""Gate "parity": the twins have the same cells in the same order, with the same types, tags and code.

Prose and outputs have gates of their own (parity_prose.py, parity_outputs.py). A difference between the twins is
reported at the Turkish file, whichever side was edited; the message carries both sides.
"""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from nbformat import NotebookNode

from seattn_course.authoring.code_cells import code_tree, first_difference, markers, words
from seattn_course.authoring.exercise_gate import strict
from seattn_course.authoring.generation import touched
from seattn_course.authoring.notebooks import cells_by_name, matched_cells, name_problems, readable_twins
from seattn_course.authoring.tree import CourseTree, Finding, Lesson


def parity_gate(tree: CourseTree) -> Iterator[Finding]:
    for english, turkish in tree.twins():
        for here, there in ((english, turkish), (turkish, english)):
            if there.path.exists() and not here.path.exists():
                yield Finding("parity", here.name, None, f"missing; its twin {there.name} exists")
    for lesson in tree.lessons():
        if (notebook := tree.notebook(lesson)) is not None:
            for cell, message in _own_problems(lesson, notebook):
                yield Finding("parity", lesson.name, cell, message)
    for english, english_notebook, turkish, turkish_notebook in readable_twins(tree):
        if not (_in_use(english, english_notebook) or _in_use(turkish, turkish_notebook)):
            yield from _structure(english, english_notebook, turkish, turkish_notebook)
    for _, turkish, name, english_cell, turkish_cell in compared_cells(tree):
        for message in cell_differences(english_cell, turkish_cell):
            yield Finding("parity", turkish.name, name, message)


def compared_cells(tree: CourseTree) -> Iterator[tuple[Lesson, Lesson, str, NotebookNode, NotebookNode]]:
    """``matched_cells`` of all kinds, without the exercises that a learner is working on."""
    for english, turkish, *cells in matched_cells(tree):
        if not any(_in_use(lesson, tree.notebook(lesson)) for lesson in (english, turkish)):
            yield english, turkish, *cells


def _in_use(lesson: Lesson, notebook: NotebookNode) -> bool:
    return lesson.kind == "exercises" and not strict() and bool(touched(notebook))


def _own_problems(lesson: Lesson, notebook: NotebookNode) -> Iterator[tuple[str | None, str]]:
    language = notebook.metadata.get("seattn", {}).get("language")
    if language != lesson.language:
        yield None, f"its metadata says language {language!r}, its folder {lesson.language!r}"
    if lesson.kind == "exercises" and not _in_use(lesson, notebook):  # for the others, the pairing gate says it
        yield from name_problems(notebook)


def _structure(
    english: Lesson, english_notebook: NotebookNode, turkish: Lesson, turkish_notebook: NotebookNode
) -> Iterator[Finding]:
    ours, theirs = cells_by_name(english_notebook), cells_by_name(turkish_notebook)
    for here, cells, there, other_cells in ((english, ours, turkish, theirs), (turkish, theirs, english, ours)):
        for name, cell in other_cells.items():
            if name not in cells:
                message = f"no such cell here; {there.name} has it, a {cell.cell_type} cell"
                yield Finding("parity", here.name, name, message)
    order = [name for name in ours if name in theirs]
    other_order = [name for name in theirs if name in ours]
    for name in moved(order, other_order):
        message = f"stands {_after(name, other_order)} here, {_after(name, order)} in {english.name}"
        yield Finding("parity", turkish.name, name, message)
    for name in order:
        types = ours[name].cell_type, theirs[name].cell_type
        if types[0] != types[1]:
            message = f"is a {types[1]} cell here, a {types[0]} cell in {english.name}"
            yield Finding("parity", turkish.name, name, message)


def moved(order: list[str], other_order: list[str]) -> list[str]:
    """The names that must move to turn one order into the other; both hold the same names."""
    blocks = SequenceMatcher(None, order, other_order, autojunk=False).get_matching_blocks()
    in_place = {name for block in blocks for name in order[block.a : block.a + block.size]}
    return [name for name in other_order if name not in in_place]


def _after(name: str, order: list[str]) -> str:
    position = order.index(name)
    return f"after {order[position - 1]!r}" if position else "first"


def cell_differences(english: NotebookNode, turkish: NotebookNode) -> Iterator[str]:
    """What differs between two cells of one name and type, apart from prose and outputs."""
    for key in ("tags", "reason"):
        values = [cell.metadata.get(key) or None for cell in (english, turkish)]
        if key == "tags":
            values = [sorted(value or []) for value in values]
        if values[0] != values[1]:
            yield f"{key} differ: English {values[0]}, Turkish {values[1]}"
    if english.cell_type == "code":
        yield from _code_differences(english.source, turkish.source)


def _code_differences(english: str, turkish: str) -> Iterator[str]:
    trees = []
    for name, language, source in (("English", "en", english), ("Turkish", "tr", turkish)):
        try:
            trees.append(code_tree(source, language))
        except SyntaxError as error:
            yield f"the {name} code does not parse, line {error.lineno}: {error.msg}"
    if len(trees) < 2:
        return
    if difference := first_difference(*trees):
        (line, other_line), (code, other_code) = difference.lines, difference.codes
        yield f"code differs: English line {line} `{code}`, Turkish line {other_line} `{other_code}`"
        return  # a comment's number may follow the code's; the code comes first
    marks = [Counter(markers(source)) for source in (english, turkish)]
    if marks[0] != marks[1]:
        only = [sorted(mark for _, mark in ours - theirs) for ours, theirs in (marks, marks[::-1])]
        yield f"markers in comments differ: only in English {only[0]}, only in Turkish {only[1]}"
    figures = [Counter(_figures(source)) for source in (english, turkish)]
    if figures[0] != figures[1]:
        only = [sorted((ours - theirs).elements()) for ours, theirs in (figures, figures[::-1])]
        yield f"numbers in comments differ: only in English {only[0]}, only in Turkish {only[1]}"


def _figures(source: str) -> list[str]:
    """The digits in comments and docstrings; cut at points and commas, which the languages use differently."""
    return [digits for one in words(source) for digits in re.findall(r"\d+", one.text)]
