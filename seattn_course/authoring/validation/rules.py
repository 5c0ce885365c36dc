"""What has to hold for one cell beyond "the outputs are equal": the holes that nbval leaves open."""

import re
from collections.abc import Iterable

from nbformat import NotebookNode

from seattn_course.checks.outcome import SYMBOLS

EXEMPTING = ("nbval-ignore-output", "raises-exception")
SKIPPING = ("nbval-skip", "skip-execution")  # the second is nbclient's
_COMMENT_MARKERS = re.compile(r"^\s*#\s*(NBVAL_\w+|PYTEST_VALIDATE_IGNORE_OUTPUT)\s*$", re.MULTILINE)
_OUTCOMES = {symbol: outcome for outcome, symbol in SYMBOLS.items()}


def stored_problem(cell: NotebookNode, number: int) -> str | None:
    """Why code cell ``number`` (from 1) of a lesson or solution is not accepted whatever it puts out, or None."""
    tags = cell.metadata.get("tags", [])
    if any(tag in tags for tag in SKIPPING):
        return "is tagged to be skipped: every cell has to run"
    if _COMMENT_MARKERS.search(cell.source):
        return "steers the validation by a comment; use a tag and give its reason"
    if any(tag in tags for tag in EXEMPTING) and not cell.metadata.get("reason"):
        return "is exempt from a comparison without a reason in its metadata"
    if cell.execution_count is None:
        return "stores no run: there is nothing to compare with; run `seattn execute`"
    if cell.execution_count != number:
        return f"was run as number {cell.execution_count}, but is code cell {number}; run `seattn execute`"
    return None


def output_problem(cell: NotebookNode, outputs: Iterable[NotebookNode]) -> str | None:
    """What is wrong with a lesson's or solution's cell whose outputs were found equal, or None."""
    outputs = list(outputs)
    if "raises-exception" in cell.metadata.get("tags", []) and not _errors(outputs):
        return "is tagged raises-exception, but raised none"
    for output in outputs:
        data = output.get("data", {})
        if "image/png" in data and data.get("text/plain", "<Figure").startswith("<Figure"):
            return "shows a figure without a description: nothing of it is compared"
    return None


def check_outcome(cell: NotebookNode, outputs: Iterable[NotebookNode]) -> tuple[str | None, str]:
    """(outcome, text) of an exercise check among a cell's outputs; (None, "") if it shows none."""
    for output in outputs:
        text = output.get("data", {}).get("text/plain", "")
        if text[:1] in _OUTCOMES and text[1:2] == " ":
            return _OUTCOMES[text[0]], text
    return None, ""


def exercise_problem(cell: NotebookNode, outputs: Iterable[NotebookNode], filled_in: bool) -> str | None:
    """What is wrong with an exercise's cell that ran, or None. A learner may have answered: ``filled_in``."""
    outcome, text = check_outcome(cell, outputs)
    if outcome is None:
        is_check = str(cell.metadata.get("name", "")).startswith("check-")
        return "shows no result of its check" if is_check else None
    if outcome == "not_attempted" or (outcome == "passed" and filled_in):
        return None
    if outcome == "passed":
        return f"passes without an answer: {text}"
    return f"is not passed: {text}"


def _errors(outputs: list[NotebookNode]) -> list[NotebookNode]:
    return [output for output in outputs if output.output_type == "error"]
