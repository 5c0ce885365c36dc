"""The GPU lane: every notebook on cuda against the outputs stored from the CPU, compared with a tolerance.

Needs nbclient, nbformat and ipykernel, no pytest and no installed package: a GPU machine's environment is often
somebody else's. Kernels are ordinary ones, because a process that was forked can lose its GPU.
"""

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from seattn_course.authoring.kernels.session import KernelSession
from seattn_course.authoring.tree import Lesson
from seattn_course.authoring.validation import rules
from seattn_course.authoring.validation.compare import ABSOLUTE, RELATIVE, differences
from seattn_course.authoring.validation.report import CellRecord, Report, comparable

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def run_lane(lessons: Sequence[Lesson], report: Report, session: KernelSession, timeout: float) -> int:
    """Run all notebooks one after the other, print the report; 0 if everything passed."""
    for lesson in lessons:
        try:
            notebook = lesson.read()
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            report.unreadable[lesson.name] = str(error)
            print(f"{lesson.name}: no notebook can be read from it: {error}", flush=True)
            continue
        for record, problem in run_notebook(notebook, lesson, session.name, timeout):
            report.cells.append(record)
            if problem:
                print(f"{lesson.name} [{record.cell}]: {problem}", flush=True)
    print(f"floats within {RELATIVE:g} of their value, one unit of their last printed place, or {ABSOLUTE:g}")
    for line in report.lines(session.kernels()):
        print(line)
    print(f"{report.passed} passed, {report.failed + len(report.unrun())} failed")
    return 0 if report.ok else 1


def run_notebook(
    notebook: NotebookNode, lesson: Lesson, kernel_name: str, timeout: float
) -> Iterator[tuple[CellRecord, str | None]]:
    """Run a notebook cell by cell; (record, what is wrong with the cell or None) for each code cell."""
    filled_in = lesson.kind == "exercises" and _filled_in(notebook)
    client = NotebookClient(
        notebook,
        kernel_name=kernel_name,
        resources={"metadata": {"path": str(lesson.path.parent)}},
        timeout=timeout,
        coalesce_streams=True,
        store_widget_state=False,
    )
    broken: str | None = None
    code = [(position, cell) for position, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    with client.setup_kernel():
        for number, (position, cell) in enumerate(code, start=1):
            name = cell.metadata.get("name") or f"code cell {number}"
            started, stored = time.perf_counter(), cell.copy()
            problem, facts = f"not run: {broken}" if broken else None, {}
            if not broken:
                try:
                    client.execute_cell(cell, position)
                except CellExecutionError as error:
                    problem = _COLOURS.sub("", str(error)).strip()
                except (CellTimeoutError, DeadKernelError) as error:
                    died = isinstance(error, DeadKernelError)
                    problem = "killed its kernel" if died else f"ran into its time limit of {timeout:g} s"
                    broken = f"cell {name!r} {problem}"
            if problem is None:
                problem, facts = _judged(stored, cell, number, lesson, filled_in)
            seconds = time.perf_counter() - started
            yield CellRecord(lesson.name, name, problem is None, seconds, **facts), problem


def _judged(
    stored: NotebookNode, cell: NotebookNode, number: int, lesson: Lesson, filled_in: bool
) -> tuple[str | None, dict[str, Any]]:
    """(what is wrong or None, what the report says about the cell)."""
    if lesson.kind == "exercises":
        facts = {"check": rules.check_outcome(cell, cell.outputs)[0]}
        return rules.exercise_problem(cell, cell.outputs, filled_in), facts
    ignored = "nbval-ignore-output" in cell.metadata.get("tags", [])
    kind = "ignored" if ignored else "compared"
    facts = {kind: len(comparable(stored.outputs)), "reason": cell.metadata.get("reason")}
    different = [] if ignored else differences(stored.outputs, cell.outputs)
    problems = [rules.stored_problem(stored, number), *different, rules.output_problem(cell, cell.outputs)]
    return "; ".join(filter(None, problems)) or None, facts


def _filled_in(exercise: NotebookNode) -> bool:
    try:
        from seattn_course.authoring.generation import touched
    except ModuleNotFoundError:  # jupytext, which only a maintainer's environment has; theirs are never filled in
        return False
    return bool(touched(exercise))
