"""The ``seattn execute`` verb: run notebooks top to bottom and store their outputs.

The same notebook run twice gives the same file: no times, no versions, no paths of the machine it ran on.
"""

import argparse
import re
import sys
import time
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from seattn_course.authoring.execution import outputs_hash, problems
from seattn_course.authoring.kernels.session import kernel_session
from seattn_course.authoring.notebooks import normalise
from seattn_course.authoring.selection import selected
from seattn_course.authoring.tree import PAIRED_KINDS, CourseTree, Lesson, find_root
from seattn_course.authoring.validation.report import WIDGET_VIEW, is_progress_bar

CELL_TIMEOUT = 120  # seconds
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LIBRARY_PATH = re.compile(r"(?:[A-Za-z]:)?[~/\\][^\s\x1b]*?[/\\](?=(?:site-packages|seattn_course)[/\\])")


class StoppedError(Exception):
    """A notebook did not run to its end; the message names the cell."""


def run_all_cells(notebook: NotebookNode, folder: Path, kernel_name: str, timeout: float = CELL_TIMEOUT) -> None:
    """Execute ``notebook`` in place, as if it lay in ``folder``; StoppedError if a cell fails, hangs or kills."""
    running: list[str] = []
    client = NotebookClient(
        notebook,
        kernel_name=kernel_name,
        resources={"metadata": {"path": str(folder)}},
        timeout=timeout,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        on_cell_start=lambda cell, cell_index: running.append(cell.metadata.get("name", cell.id)),
    )
    try:
        client.execute()
    except (CellTimeoutError, DeadKernelError) as error:
        raise StoppedError(f"{running[-1]}: {str(error).splitlines()[0]}") from error
    except CellExecutionError as error:
        raise StoppedError(f"{running[-1]}: {_COLOURS.sub('', str(error)).strip()}") from error


def clean(notebook: NotebookNode) -> None:
    """Take out of the outputs and the cells what another run of the same notebook would store differently."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        cell.outputs = [output for output in cell.outputs if not is_progress_bar(output)]
        for output in cell.outputs:
            # A view without its widget's state shows an error; the text beside it says what to do instead.
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if output.output_type == "error":
                output.traceback = [_LIBRARY_PATH.sub("", line) for line in output.traceback]


def complaints(notebook: NotebookNode) -> list[str]:
    """Outputs that no other machine, or no other run, could reproduce."""
    found = [f"{cell or 'notebook'}: {message}" for cell, message in problems(notebook)]
    places = [str(Path.home()), str(Path.cwd()), sys.prefix]
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            shown = str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", ""))
            if output.output_type == "stream" and output.name == "stderr":
                found.append(f"{cell.id}: writes to standard error: {output.text.strip()[:200]}")
            if any(place in shown for place in places if len(place) > 1):
                found.append(f"{cell.id}: shows a path of this machine: {shown.strip()[:200]}")
            if shown.startswith("<Figure size"):
                found.append(f"{cell.id}: shows a figure without a description; return a Picture instead")
            elif re.search(r"<[^<>]* at 0x[0-9a-f]+>", shown):
                found.append(f"{cell.id}: shows a memory address: {shown.strip()[:200]}")
    return found


def execute(lesson: Lesson, kernel_name: str, timeout: float) -> list[str]:
    """Run one notebook and store it; what speaks against storing its outputs leaves the file as it was."""
    notebook = lesson.read()
    normalise(notebook, lesson)
    try:
        run_all_cells(notebook, lesson.path.parent, kernel_name, timeout)
    except StoppedError as error:
        return [str(error)]
    clean(notebook)
    normalise(notebook, lesson)
    notebook.metadata.seattn.outputs = outputs_hash(notebook)
    found = complaints(notebook)
    if not found:
        lesson.write(notebook)
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK", help="path, folder, stem, or all")
    parser.add_argument("--kernel", choices=("warm", "stock"), default="warm", help="forked, or ordinary")
    parser.add_argument("--timeout", type=float, default=CELL_TIMEOUT, help="seconds for one cell (%(default)s)")


def run(arguments: argparse.Namespace) -> int:
    try:
        lessons = selected(CourseTree(find_root()), arguments.notebooks, PAIRED_KINDS)
    except ValueError as error:
        print(f"seattn execute: {error}")
        return 2
    failures = 0
    with kernel_session(warm=arguments.kernel == "warm") as session:
        for lesson in lessons:
            started = time.perf_counter()
            found = execute(lesson, session.name, arguments.timeout)
            failures += bool(found)
            verdict = "not stored" if found else "stored"
            print(f"{lesson.name}: {verdict}, {time.perf_counter() - started:.1f} s", flush=True)
            for message in found:
                print(f"  {message}")
        kernels = session.kernels()
    print(f"{kernels}: {len(lessons) - failures} stored, {failures} not stored")
    return 1 if failures else 0
