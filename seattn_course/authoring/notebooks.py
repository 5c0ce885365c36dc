"""Notebooks as text and back, and their cells by name.

One format for all: what these functions write is what JupyterLab and the ``jupytext`` command write under the
jupytext.toml files of this repository (tests/authoring/test_jupytext_settings.py compares the three).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator

import jupytext
import nbformat
import yaml
from jupytext.myst import MystMetadataParsingError
from nbformat import NotebookNode

from seattn_course.authoring.tree import CourseTree, Lesson

CELL_FILTER = "name,tags,reason,-all"
TEXT_FORMAT = {
    "extension": ".md",
    "format_name": "myst",
    "cell_metadata_filter": CELL_FILTER,
    "notebook_metadata_filter": "kernelspec,seattn.language,jupytext.cell_metadata_filter,-all",
}
SHARED_KEYS = ("name", "reason", "tags")  # the cell metadata that text and notebook, and both twins, share
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# What a viewer needs to colour the code. JupyterLab adds the Python version of whoever saved last: left out.
LANGUAGE_INFO = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "pygments_lexer": "ipython3",
}


def digest(content: str, length: int = 16) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:length]


def shared_metadata(cell: NotebookNode) -> dict:
    """``name``, ``reason`` and ``tags`` of a cell, without empty ones, in a fixed order."""
    return {key: cell.metadata[key] for key in SHARED_KEYS if cell.metadata.get(key)}


def to_text(notebook: NotebookNode) -> str:
    """The MyST text of a notebook: sources and shared metadata, no outputs."""
    makers = {
        "markdown": nbformat.v4.new_markdown_cell,
        "code": nbformat.v4.new_code_cell,
        "raw": nbformat.v4.new_raw_cell,
    }
    cells = [makers[cell.cell_type](cell.source, metadata=shared_metadata(cell)) for cell in notebook.cells]
    language = notebook.metadata.get("seattn", {}).get("language")
    metadata = {
        "jupytext": {"cell_metadata_filter": CELL_FILTER},
        "kernelspec": KERNELSPEC,
        "language_info": LANGUAGE_INFO,
        "seattn": {"language": language} if language else {},
    }
    return jupytext.writes(nbformat.v4.new_notebook(cells=cells, metadata=metadata), fmt=dict(TEXT_FORMAT))


def from_text(text: str) -> NotebookNode:
    """The notebook that a MyST text describes, without outputs; ValueError says where the text cannot be read."""
    try:
        return jupytext.reads(text, fmt={"extension": ".md", "format_name": "myst"})
    except (MystMetadataParsingError, yaml.YAMLError, nbformat.ValidationError) as error:
        raise ValueError(" ".join(str(error).split())[:200]) from error


def normalise(notebook: NotebookNode, lesson: Lesson) -> None:
    """Give the notebook this repository's metadata, and each named cell its name as id."""
    notebook.nbformat_minor = max(5, notebook.nbformat_minor)  # 4.5 is the first with cell ids
    # jupytext.toml decides the rest; the `jupytext` command writes the text's head from here
    notebook.metadata.jupytext = NotebookNode(cell_metadata_filter=CELL_FILTER)
    notebook.metadata.kernelspec = NotebookNode(KERNELSPEC)
    notebook.metadata.language_info = NotebookNode(LANGUAGE_INFO)
    notebook.metadata.setdefault("seattn", NotebookNode())["language"] = lesson.language
    for cell in notebook.cells:
        # MyST text keeps no blank lines at a source's ends
        cell.source = re.sub(r"\A(?:[ \t]*\n)+|\s+\Z", "", cell.source)
        if name := cell_name(cell):
            cell.id = name
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]


def cell_name(cell: NotebookNode) -> str | None:
    """The cell's name; None if it has none, or if an editor stored something else than words there."""
    name = cell.metadata.get("name")
    return name if isinstance(name, str) and name else None


def first_line(cell: NotebookNode) -> str:
    """How a message names a cell that has no usable name."""
    return next((line.strip() for line in cell.source.splitlines() if line.strip()), "(an empty cell)")[:60]


def name_problems(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """(cell, message) for each cell whose name is missing, stands twice or cannot be a cell id."""
    names = Counter(map(cell_name, notebook.cells))
    for position, cell in enumerate(notebook.cells, start=1):
        name = cell_name(cell)
        if not name:
            yield f"cell {position}", f"has no name; its first line is {first_line(cell)!r}"
        elif names[name] > 1:
            yield name, f"the name stands {names[name]} times; here on cell {position}, {first_line(cell)!r}"
        elif len(name) > 64 or not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
            yield name, f"a name has at most 64 letters, digits and hyphens; first line {first_line(cell)!r}"


def cells_by_name(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """Every cell whose name is given once, in order."""
    names = Counter(map(cell_name, notebook.cells))
    return {name: cell for cell in notebook.cells if (name := cell_name(cell)) and names[name] == 1}


def readable_twins(tree: CourseTree, *kinds: str) -> Iterator[tuple[Lesson, NotebookNode, Lesson, NotebookNode]]:
    """(English lesson, its notebook, Turkish lesson, its notebook) wherever both files can be read."""
    for english, turkish in tree.twins(*kinds):
        notebooks = tree.notebook(english), tree.notebook(turkish)
        if None not in notebooks:
            yield english, notebooks[0], turkish, notebooks[1]


def matched_cells(
    tree: CourseTree, *kinds: str
) -> Iterator[tuple[Lesson, Lesson, str, NotebookNode, NotebookNode]]:
    """(English lesson, Turkish lesson, name, English cell, Turkish cell) for each cell that has its twin."""
    for english, english_notebook, turkish, turkish_notebook in readable_twins(tree, *kinds):
        turkish_cells = cells_by_name(turkish_notebook)
        for name, cell in cells_by_name(english_notebook).items():
            if name in turkish_cells and turkish_cells[name].cell_type == cell.cell_type:
                yield english, turkish, name, cell, turkish_cells[name]
