"""Gate "execution": every stored output comes from a run of the whole notebook, top to bottom.

nbval compares nothing for a cell that was never run, so a stripped notebook would pass it; and it needs a
kernel to see that an output was edited by hand. Both are found here without executing anything.
"""

import hashlib
import json
from collections.abc import Iterator

from nbformat import NotebookNode


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
        yield from ((_name(cell), message) for message in _cell_problems(cell, expected))
    recorded = notebook.metadata.get("seattn", {}).get("outputs")
    if recorded is None:
        yield None, "no record of its outputs; run `seattn execute`"
    elif recorded != outputs_hash(notebook):
        yield None, "the outputs are not the ones that `seattn execute` stored: edited by hand, or run elsewhere"


def exercise_problems(notebook: NotebookNode) -> Iterator[tuple[str | None, str]]:
    """An exercise is delivered unexecuted: (cell name, message) for each cell that was run."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None):
            yield _name(cell), "an exercise carries no outputs and no execution counts"


def _name(cell: NotebookNode) -> str:
    return cell.metadata.get("name") or cell.get("id", "?")


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
