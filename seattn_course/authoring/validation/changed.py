"""Which notebooks the changes since the last commit can affect."""

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from seattn_course.authoring.tree import KINDS, CourseTree, Lesson

# An exercise is generated from its solution. A lesson and its solution share nothing but the package.
FOLLOWERS = {"notebooks": ("notebooks",), "solutions": ("solutions", "exercises"), "exercises": ("exercises",)}
EVERYTHING = ("seattn_course/", "pyproject.toml", "constraints.txt", "environment.yml")


def changed_paths(root: Path) -> list[str] | None:
    """Paths that differ from HEAD, untracked ones included, relative to ``root``; None if git cannot tell."""
    found: list[str] = []
    for command in (
        ("diff", "--name-only", "--no-renames", "--relative", "-z", "HEAD"),
        ("ls-files", "--others", "--exclude-standard", "-z"),
    ):
        try:
            done = subprocess.run(["git", *command], cwd=root, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        found += filter(None, done.stdout.split("\0"))
    return found


def affected_by(paths: Iterable[str], lessons: Sequence[Lesson]) -> list[Lesson]:
    """Those of ``lessons`` whose validation can come out differently when ``paths`` change, twins together."""
    concerned: set[tuple[str, str]] = set()
    for path in paths:
        if path.startswith(EVERYTHING):
            return list(lessons)
        parts = PurePosixPath(path.removeprefix("text/")).parts
        if len(parts) == 3 and parts[0] in KINDS:
            concerned |= {(kind, PurePosixPath(path).stem) for kind in FOLLOWERS[parts[0]]}
    return [lesson for lesson in lessons if (lesson.kind, lesson.stem) in concerned]


def affected(tree: CourseTree, lessons: Sequence[Lesson]) -> list[Lesson]:
    """Those of ``lessons`` that the changes since HEAD can affect; all of them if git cannot tell."""
    paths = changed_paths(tree.root)
    return list(lessons) if paths is None else affected_by(paths, lessons)
