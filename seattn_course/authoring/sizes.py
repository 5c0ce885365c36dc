"""Gate "sizes": no notebook over 1 MiB, and a checkout that a slow line can fetch."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from seattn_course.authoring.tree import CourseTree, Finding

GATE = "sizes"
LARGEST_NOTEBOOK = 2**20  # bytes
LARGEST_TREE = 48 * 2**20


def sizes_gate(tree: CourseTree) -> Iterator[Finding]:
    for lesson in tree.lessons():
        size = lesson.path.stat().st_size if lesson.path.exists() else 0
        if size > LARGEST_NOTEBOOK:
            yield Finding(GATE, lesson.name, None, f"has {size / 2**20:.2f} MiB; a notebook has at most 1 MiB")
    sizes = {path: path.stat().st_size for path in tracked(tree.root) if path.is_file()}
    if sum(sizes.values()) > LARGEST_TREE:
        largest = sorted(sizes, key=sizes.__getitem__, reverse=True)[:3]
        names = ", ".join(path.relative_to(tree.root).as_posix() for path in largest)
        total = sum(sizes.values()) / 2**20
        yield Finding(GATE, ".", None, f"the tracked files have {total:.1f} MiB, at most 48; largest: {names}")


def tracked(root: Path) -> list[Path]:
    """The files git tracks; in a copy without git, all but hidden ones."""
    if not (root / ".git").exists():
        visible = (path for path in root.iterdir() if not path.name.startswith("."))
        return [file for path in visible for file in ([path] if path.is_file() else path.rglob("*"))]
    listing = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=True)
    return [root / name for name in listing.stdout.decode().split("\0") if name]
