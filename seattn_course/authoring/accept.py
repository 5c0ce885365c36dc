"""The ``seattn accept`` verb: record that two cells say the same again, in both languages."""

import argparse
from pathlib import Path

from seattn_course.authoring.notebooks import cells_by_name
from seattn_course.authoring.pairing import State, pair_state
from seattn_course.authoring.stale import staleness
from seattn_course.authoring.tree import PAIRED_KINDS, Lesson, find_root
from seattn_course.authoring.twin_record import record_of, remember


class AcceptError(Exception):
    """The pair cannot be accepted as it stands; the message says why."""


def lesson_at(path: Path, root: Path) -> Lesson:
    """The lesson or solution that a path of a notebook or of a text names; AcceptError if it names none."""
    parts = path.resolve().relative_to(root).with_suffix("").parts
    parts = parts[1:] if parts[0] == "text" else parts
    if len(parts) != 3 or parts[0] not in PAIRED_KINDS or parts[1] not in ("en", "tr"):
        raise AcceptError(f"{path} is no lesson or solution (expected notebooks/en/STEM.ipynb or the like)")
    return Lesson(root, *parts)


def accept(lesson: Lesson, names: list[str] | None) -> list[str]:
    """Record both directions for these cells (None: all that need it); returns the names recorded."""
    english, turkish = lesson.twin("en"), lesson.twin("tr")
    notebooks = []
    for one in (english, turkish):
        if not one.path.exists() or not one.text_path.exists():
            raise AcceptError(f"{one.name} or its text is missing: run `seattn sync`, or write the twin first")
        notebooks.append(one.read())
        if pair_state(notebooks[-1], one.text_path.read_text(encoding="utf-8")) is not State.AGREE:
            raise AcceptError(f"{one.name} differs from its text: run `seattn sync` first")
    ours, theirs = map(cells_by_name, notebooks)
    if names is None:
        names = [
            name
            for name in ours
            if name in theirs
            and (staleness(english, ours[name], theirs[name]) or staleness(turkish, theirs[name], ours[name]))
        ]
    for name in names:
        for one, cells in ((english, ours), (turkish, theirs)):
            if name not in cells:
                raise AcceptError(f"{one.name} has no cell {name!r}")
        if record_of(ours[name], "en").shared != record_of(theirs[name], "tr").shared:
            raise AcceptError(
                f"[{name}]: type, tags, reason or code differ between the languages: make them equal "
                "(`seattn sync` carries what changed on one side), then accept"
            )
        remember(ours[name], theirs[name])
    if names:
        english.write(notebooks[0])
        turkish.write(notebooks[1])
    return names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, help="a lesson or solution, in either language")
    parser.add_argument("cells", nargs="*", metavar="CELL", help="names of the cells that you have compared")
    parser.add_argument("--all", action="store_true", help="every cell that needs it (for a new pair)")


def run(arguments: argparse.Namespace) -> int:
    if bool(arguments.cells) == arguments.all:
        print("name the cells that you have compared, or say --all")
        return 2
    try:
        lesson = lesson_at(arguments.path, find_root(arguments.path.resolve().parent))
        accepted = accept(lesson, None if arguments.all else arguments.cells)
    except (AcceptError, OSError, ValueError) as error:
        print(f"refused: {error}")
        return 1
    print(f"accepted {len(accepted)} cells of {lesson.name} and its twin: {', '.join(accepted) or 'none new'}")
    return 0
