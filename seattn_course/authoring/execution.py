"""Gate "execution": every stored output comes from a run of the whole notebook, top to bottom.

nbval compares nothing for a cell that was never run, so a stripped notebook would pass it; and it needs a
kernel to see that an output was edited by hand. Both are found here without executing anything.
"""

import hashlib
import json
from collections.abc import Iterator

from nbformat import NotebookNode

from seattn_course.authoring.exercise_gate import strict
from seattn_course.authoring.generation import cell_name, touched
from seattn_course.authoring.tree import CourseTree, Finding

GATE = "execution"


def execution_gate(tree: CourseTree) -> Iterator[Finding]:
    """A finding for each cell of a lesson or solution that was not run, and of an exercise that was."""
    for lesson in tree.lessons("notebooks", "solutions"):
        if notebook := tree.notebook(lesson):
            for cell, message in problems(notebook):
                yield Finding(GATE, lesson.name, cell, message)
    for exercise in tree.lessons("exercises"):
        notebook = tree.notebook(exercise)
        if notebook and (strict() or not touched(notebook)):  # a learner's own copy has outputs
            for cell, message in exercise_problems(notebook):
                yield Finding(GATE, exercise.name, cell, message)


def outputs_hash(notebook: NotebookNode) -> str:
    """Hash of all stored outputs, in order. ``seattn execute`` records it in ``metadata.seattn.outputs``."""
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    canonical = json.dumps(outputs, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def problems(notebook: NotebookNode) -> Iterator[tuple[str | None, str]]:
    """What is wrong with an executed notebook: (cell name or None, message)."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if code and not any(cell.outputs for cell in code):
        yield None, "no cell has an output: the notebook is stripped; run `seattn execute`"
        return
    for expected, cell in enumerate(code, start=1):
        yield from ((cell_name(cell), message) for message in _cell_problems(cell, expected))
    recorded = notebook.metadata.get("seattn", {}).get("outputs")
    if recorded is None:
        yield None, "no record of its outputs; run `seattn execute`"
    elif recorded != outputs_hash(notebook):
        yield None, "the outputs are not the ones that `seattn execute` stored: edited by hand, or run elsewhere"


def exercise_problems(notebook: NotebookNode) -> Iterator[tuple[str | None, str]]:
    """An exercise is delivered unexecuted: (cell name, message) for each cell that was run."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None):
            yield cell_name(cell), "an exercise carries no outputs and no execution counts"


def _cell_problems(cell: NotebookNode, expected: int) -> Iterator[str]:
    tags = cell.metadata.get("tags", [])
    if not cell.source.strip():
        yield "an empty code cell"
    elif cell.execution_count is None:
        yield "never executed (no execution count)"
    elif cell.execution_count != expected:
        yield f"executed out of order: count {cell.execution_count}, expected {expected}"
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if errors and "raises-exception" not in tags:
        yield f"stores an error ({errors[0].ename}: {errors[0].evalue})"
    if not errors and "raises-exception" in tags:
        yield "is tagged raises-exception, but no error is stored"
    for output in cell.outputs:
        count = output.get("execution_count")
        if output.output_type == "execute_result" and count != cell.execution_count:
            yield f"an output of run {count} is stored under run {cell.execution_count}"
