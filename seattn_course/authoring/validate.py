"""The ``seattn test`` verb: run every notebook and compare its outputs with the stored ones.

Two lanes. On the CPU nbval compares exactly, over kernels forked from a warm process. On a GPU the same stored
outputs are compared with a tolerance for floating-point numbers (``validation.lane``), without pytest.
"""

import argparse
import importlib.util
import json
import os
import sys
from collections.abc import Sequence

from seattn_course.authoring.kernels.session import KernelSession, kernel_session
from seattn_course.authoring.selection import selected
from seattn_course.authoring.tree import KINDS, CourseTree, Lesson, find_root
from seattn_course.authoring.validation.report import Report
from seattn_course.course.device import CHOICES
from seattn_course.course.language import LANGUAGES

CELL_TIMEOUT = 120  # seconds; nbval's own default is 2000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="path, folder or stem; all by default")
    parser.add_argument(
        "--device", choices=CHOICES, default="cpu", help="auto: a GPU if there is one (%(default)s)"
    )
    parser.add_argument(
        "--kernel", choices=("warm", "stock"), default="warm", help="forked, or ordinary (%(default)s)"
    )
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="which notebooks (all)")
    parser.add_argument("--language", choices=LANGUAGES, help="only the notebooks in one language")
    parser.add_argument("--changed", action="store_true", help="only what the changes since HEAD can affect")
    parser.add_argument("--timeout", type=float, default=CELL_TIMEOUT, help="seconds for one cell (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="notebooks run at the same time (%(default)s)")


def run(arguments: argparse.Namespace) -> int:
    tree = CourseTree(find_root())
    try:
        lessons = selected(tree, arguments.notebooks or ["all"], arguments.kinds)
    except ValueError as error:
        print(f"seattn test: {error}\n0 passed, 1 failed")
        return 1
    if arguments.language:
        lessons = [lesson for lesson in lessons if lesson.language == arguments.language]
    if arguments.changed:
        from seattn_course.authoring.validation.changed import affected

        lessons = affected(tree, lessons)
        if not lessons:
            print("no notebook is affected by the changes since HEAD\n0 passed, 0 failed")
            return 0
    report = Report({lesson.name: code_cells(lesson) for lesson in lessons})
    device = resolve(arguments.device)
    if device == "cuda":
        from seattn_course.authoring.validation.lane import run_lane

        with kernel_session("cuda", warm=False) as session:
            return run_lane(lessons, report, session, arguments.timeout)
    if importlib.util.find_spec("nbval") is None:
        print("seattn test: nbval is not installed here; `make test` installs it\n0 passed, 1 failed")
        return 1
    with kernel_session("cpu", warm=arguments.kernel == "warm") as session:
        return run_nbval(tree, lessons, report, session, arguments.timeout, arguments.workers)


def code_cells(lesson: Lesson) -> int:
    """How many code cells the file has; 0 if it cannot be read, which the run itself reports."""
    try:
        cells = json.loads(lesson.path.read_text(encoding="utf-8"))["cells"]
        return sum(cell["cell_type"] == "code" for cell in cells)
    except (ValueError, KeyError, TypeError):
        return 0


def resolve(device: str) -> str:
    """cpu or cuda; SystemExit if a GPU was asked for and there is none."""
    if device == "cpu":
        return device
    import torch

    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise SystemExit("seattn test: --device cuda, but torch finds no GPU here; nothing was run")
    return "cuda" if available else "cpu"


def run_nbval(
    tree: CourseTree,
    lessons: Sequence[Lesson],
    report: Report,
    session: KernelSession,
    timeout: float,
    workers: int,
) -> int:
    """The CPU lane: strict nbval; returns pytest's exit status."""
    # Only the plugins named here: what else is installed must not change a verdict (or take seconds to load).
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    import pytest

    from seattn_course.authoring.validation.reporter import Reporter

    options = [
        "-p", "seattn_course.authoring.validation.plugin", "-p", "nbval.plugin", "-p", "no:cacheprovider",
        "-W", "ignore::pytest.PytestAssertRewriteWarning",  # the plugins contain no assert to rewrite
        "--nbval", "--nbval-kernel-name", session.name, "--nbval-cell-timeout", str(timeout),
        "--continue-on-collection-errors",  # a notebook that is no JSON fails alone
        "--rootdir", str(tree.root), "--no-header", "--color", "yes" if sys.stdout.isatty() else "no",
    ]  # fmt: skip
    workers = min(workers, len(lessons))
    if workers > 1:
        options += ["-p", "xdist", "-n", str(workers), "--dist", "loadfile"]
    paths = [str(lesson.path) for lesson in lessons]
    return int(pytest.main([*options, *paths], plugins=[Reporter(report, session.kernels)]))
