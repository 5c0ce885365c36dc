"""Gate "images": every picture has a description for those who cannot see it, and is small."""

from collections.abc import Iterator

from nbformat import NotebookNode

from seattn_course.authoring.markdown import html_pieces, pieces
from seattn_course.authoring.tree import CourseTree, Finding

GATE = "images"
SHORTEST_ALT = 20  # characters: "gates of 16 channels" is about the least that tells anything
LARGEST_IMAGE = 200 * 1024  # bytes


def images_gate(tree: CourseTree) -> Iterator[Finding]:
    for lesson in tree.lessons():
        if notebook := tree.notebook(lesson):
            for cell in notebook.cells:
                for message in problems(cell):
                    yield Finding(GATE, lesson.name, cell.metadata.get("name"), message)


def problems(cell: NotebookNode) -> Iterator[str]:
    """What is wrong with the images of one cell, in its Markdown or its outputs."""
    if cell.cell_type == "markdown":
        for image in pieces(cell.source, "image"):
            if not described(image.text):
                yield f"image {image.target} has no alt text of at least {SHORTEST_ALT} characters"
        return
    for output in cell.get("outputs", []):
        for mime, data in output.get("data", {}).items():
            if not mime.startswith("image/"):
                continue
            if not described(output.metadata.get(mime, {}).get("alt", "")):
                yield f"{mime} output has no alt text of at least {SHORTEST_ALT} characters"
            size = len(data) if mime == "image/svg+xml" else len(data) * 3 // 4  # the others are base64
            if size > LARGEST_IMAGE:
                yield f"{mime} output has {size // 1024} KiB; at most {LARGEST_IMAGE // 1024}"
        for image in html_pieces(output.get("data", {}).get("text/html", "")):
            if image.kind == "image" and not described(image.text):
                yield f"image in an HTML output has no alt text of at least {SHORTEST_ALT} characters"


def described(alt: str) -> bool:
    """Whether an alt text says something: several words, long enough."""
    return len(alt.strip()) >= SHORTEST_ALT and len(alt.split()) >= 3
