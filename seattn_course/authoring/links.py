"""Gate "links": every relative link and #anchor in notebooks and in the pages at the root leads somewhere.

Nothing is fetched: links into the web are left to their readers. No path of somebody's machine may stand anywhere.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from nbformat import NotebookNode

from seattn_course.authoring.computed import output_texts
from seattn_course.authoring.markdown import headings, lab_anchor, page_anchor, pieces
from seattn_course.authoring.tree import CourseTree, Finding

GATE = "links"
PAGES = ("README*.md", "CONTRIBUTING*.md")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:")
_MACHINE = re.compile(
    r"(?<![\w/.:~-])/(?:home|Users|root|work|tmp|mnt|media|private|var|opt)/[\w.-]+|\b[A-Z]:\\+Users|\bfile://"
)


def links_gate(tree: CourseTree) -> Iterator[Finding]:
    anchors = _Anchors(tree)
    for lesson in tree.lessons():
        if notebook := tree.notebook(lesson):
            for cell in notebook.cells:
                name = cell.metadata.get("name")
                for message in cell_problems(cell, lesson.path, anchors):
                    yield Finding(GATE, lesson.name, name, message)
    for pattern in PAGES:
        for page in sorted(tree.root.glob(pattern)):
            source = page.read_text(encoding="utf-8")
            for message in (*_broken(source, page, anchors), *_machine_paths(source)):
                yield Finding(GATE, page.name, None, message)


def cell_problems(cell: NotebookNode, path: Path, anchors: "_Anchors") -> Iterator[str]:
    if cell.cell_type == "markdown":
        yield from _broken(cell.source, path, anchors)
    yield from _machine_paths(cell.source)
    for output in cell.get("outputs", []):
        for text in output_texts(output):
            yield from _machine_paths(text)


class _Anchors:
    """The anchors of each notebook and page, read once."""

    def __init__(self, tree: CourseTree):
        self.root = tree.root.resolve()
        self._notebooks = {lesson.path.resolve(): lesson for lesson in tree.lessons()}
        self._tree = tree
        self._known: dict[Path, set[str]] = {}

    def has(self, path: Path, anchor: str) -> bool:
        """Whether a file has the anchor; a notebook that cannot be read is another gate's finding."""
        if path not in self._known:
            self._known[path] = set(self._read(path))
        broken = path in self._notebooks and self._tree.notebook(self._notebooks[path]) is None
        return broken or anchor in self._known[path]

    def _read(self, path: Path) -> Iterator[str]:
        if path in self._notebooks:
            notebook = self._tree.notebook(self._notebooks[path])
            for cell in notebook.cells if notebook else []:
                if cell.cell_type == "markdown":
                    yield from map(lab_anchor, headings(cell.source))
        elif path.suffix == ".md":
            yield from map(page_anchor, headings(path.read_text(encoding="utf-8")))


def _broken(source: str, path: Path, anchors: _Anchors) -> Iterator[str]:
    targets = [piece.href for piece in pieces(source, "text") if piece.href is not None and piece.text == ""]
    targets += [piece.target for piece in pieces(source, "image") if piece.target]
    for target in dict.fromkeys(targets):
        if _SCHEME.match(target) or target.startswith("//"):
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / unquote(file)).resolve() if file else path.resolve()
        if file.startswith("/"):
            yield f"link to {target}: a link is relative to its file"
        elif not place.is_relative_to(anchors.root):
            yield f"link to {target} leaves the course"
        elif not place.exists():
            yield f"link to {unquote(target)}: there is no such file"
        elif anchor and not anchors.has(place, unquote(anchor)):
            yield f"link to {unquote(target)}: no heading there has this anchor"


def _machine_paths(text: str) -> Iterator[str]:
    for found in dict.fromkeys(_MACHINE.findall(text)):
        yield f"names a path of somebody's machine: {found}"
