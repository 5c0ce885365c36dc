"""The ``seattn exercises`` verb: write the exercises anew from the solutions, but never over a learner's work."""

import argparse
import errno
import shutil
from datetime import datetime
from pathlib import Path

import nbformat

from seattn_course.authoring.generation import SolutionError, generate, touched
from seattn_course.authoring.tree import CourseTree, Lesson, find_root


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stems", nargs="*", metavar="STEM", help="lessons such as 03_se_block; all by default")
    parser.add_argument(
        "--replace", action="store_true", help="replace edited exercises too; the edited file is kept beside"
    )


def run(arguments: argparse.Namespace, root: Path | None = None) -> int:
    """Write every exercise that is missing or out of date; 1 if one could not be, with a sentence for each."""
    tree, failed = CourseTree(root or find_root()), False
    solutions = tree.lessons("solutions")
    for stem in sorted(set(arguments.stems) - {solution.stem for solution in solutions}):
        print(f"no solution is called {stem}; there are {', '.join(sorted({each.stem for each in solutions}))}")
        failed = True
    for solution in solutions:
        if arguments.stems and solution.stem not in arguments.stems:
            continue
        exercise = solution.as_kind("exercises")
        try:
            done, message = _regenerate(tree, solution, exercise, arguments.replace)
        except SolutionError as error:
            done, message = False, f"{solution.name} [{error.cell}]: {error}"
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            why = "the disk is full: free some space and run it again" if full else error.strerror or str(error)
            done, message = False, f"{exercise.name} was not written and is as it was: {why}"
        failed |= not done
        if message:
            print(message)
    return 1 if failed else 0


def _regenerate(tree: CourseTree, solution: Lesson, exercise: Lesson, replace: bool) -> tuple[bool, str | None]:
    """Whether the exercise is current now, and what to say about it."""
    notebook = tree.notebook(solution)
    if notebook is None:
        return False, f"{solution.name} is missing or no notebook"
    fresh = generate(notebook, exercise)
    kept = None
    if exercise.path.exists():
        stored = tree.notebook(exercise)
        if stored and exercise.path.read_text(encoding="utf-8") == nbformat.writes(fresh) + "\n":
            return True, None
        edited = ["the whole file"] if stored is None else touched(stored)
        if edited and not replace:
            return False, (
                f"{exercise.name} is left alone: edited in {', '.join(edited)}. "
                "With --replace the edited file is kept under another name and a fresh one written."
            )
        if edited:
            kept = _keep(exercise.path)
    exercise.write(fresh)
    return True, f"{exercise.name} written" + (f"; the edited one is {kept.name}" if kept else "")


def _keep(path: Path) -> Path:
    """Copy an edited exercise beside itself; a copy that cannot be completed is removed again."""
    kept = path.with_name(f"{path.stem}.mine-{datetime.now():%Y%m%d-%H%M%S}.ipynb")
    try:
        shutil.copy2(path, kept)
    except OSError:
        kept.unlink(missing_ok=True)
        raise
    return kept
