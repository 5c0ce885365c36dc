"""Gate "exercises": every exercise is what its solution generates today.

In CI that is strict. Elsewhere a checkout may hold a learner's answers: if nothing but answer cells was filled
in, the gate prints a note instead of a finding.
"""

import os
from collections.abc import Iterator

from nbformat import NotebookNode

from seattn_course.authoring.generation import SolutionError, cell_hash, generate, named_cells, record_of
from seattn_course.authoring.notebooks import shared_metadata
from seattn_course.authoring.stubs import is_unfilled
from seattn_course.authoring.tree import CourseTree, Finding, Lesson

GATE = "exercises"
REMEDY = "run `make exercises`"


def exercises_gate(tree: CourseTree) -> Iterator[Finding]:
    """A finding for each place where an exercise is not what its solution generates today."""
    solutions = {(lesson.language, lesson.stem) for lesson in tree.lessons("solutions")}
    for solution in tree.lessons("solutions"):
        exercise, notebook = solution.as_kind("exercises"), tree.notebook(solution)
        if notebook is None:
            continue
        try:
            fresh = generate(notebook, exercise)
        except SolutionError as error:
            yield Finding(GATE, solution.name, error.cell, str(error))
            continue
        if not exercise.path.exists():
            yield Finding(GATE, exercise.name, None, f"missing; {REMEDY}")
        elif stored := tree.notebook(exercise):
            yield from _report(exercise, list(differences(stored, fresh)), learner=not strict())
    for exercise in tree.lessons("exercises"):
        if (exercise.language, exercise.stem) not in solutions:
            yield Finding(GATE, exercise.name, None, f"no {exercise.as_kind('solutions').name} generates it")


def strict() -> bool:
    """Whether filled-in answers are findings: in CI they are."""
    return os.environ.get("CI") == "true"


def differences(stored: NotebookNode, fresh: NotebookNode) -> Iterator[tuple[str | None, str, str]]:
    """(cell, kind, message) where a stored exercise is not ``fresh``.

    The kind is "filled in", "hand-edited" or "out of date".
    """
    found = list(_cell_differences(stored, fresh))
    if not found and record_of(stored) != record_of(fresh):
        found = [(None, "hand-edited", "its record of what was generated was changed")]
    yield from found


def _cell_differences(stored: NotebookNode, fresh: NotebookNode) -> Iterator[tuple[str | None, str, str]]:
    record, now, then = record_of(stored), named_cells(stored), named_cells(fresh)
    for name, cell in then.items():
        if name not in now:
            kind = "hand-edited" if name in record else "out of date"
            yield name, kind, "the cell is missing"
        elif cell_hash(now[name]) == cell_hash(cell):
            if shared_metadata(now[name]) != shared_metadata(cell):
                yield name, "hand-edited", "the cell's tags or reason differ from its solution's"
        elif record.get(name) == cell_hash(now[name]):
            yield name, "out of date", "the solution has changed since"
        elif "answer" in cell.metadata.get("tags", []) and not is_unfilled(now[name].source):
            yield name, "filled in", "the answer cell holds an answer"
        else:
            yield name, "hand-edited", "the cell was changed here, not in its solution"
    for name in now:
        if name not in then:
            kind = "out of date" if record.get(name) == cell_hash(now[name]) else "hand-edited"
            yield name, kind, "the solution has no such cell"
    if list(now) != list(then) and set(now) == set(then):
        kind = "out of date" if list(now) == list(record) else "hand-edited"
        yield None, kind, "the cells stand in another order than in the solution"


def _report(exercise: Lesson, found: list[tuple[str | None, str, str]], learner: bool) -> Iterator[Finding]:
    answered = [cell for cell, kind, _ in found if kind == "filled in"]
    if learner and answered and len(answered) == len(found):
        print(f"note: {exercise.name}: answers filled in ({', '.join(map(str, answered))}); a finding in CI")
        return
    for cell, kind, message in found:
        remedy = REMEDY if kind == "out of date" else f"change the solution, or {REMEDY} with --replace"
        yield Finding(GATE, exercise.name, cell, f"{kind}: {message}; {remedy}")
