"""Text and notebook are two forms of one thing: nothing that the text holds is lost on the way."""

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seattn_course.authoring.notebooks import cells_by_name, from_text, name_problems, normalise, to_text
from seattn_course.authoring.pairing import differing_cells
from seattn_course.authoring.tree import Lesson

LESSON = Lesson(None, "notebooks", "tr", "01_gate")

names = st.lists(st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+){0,2}", fullmatch=True), max_size=6, unique=True)
# Lines as authors write them. What MyST cannot hold (a line of +++, a fenced {code-cell}, an HTML block such as
# "<?" or "<!--" that is left open and swallows the cells after it) is refused by sync.
SPECIAL = ("+++", "```", "~~~", "<")
lines = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=30).filter(
    lambda line: not line.lstrip().startswith(SPECIAL) and line == line.rstrip()
)
prose = st.lists(lines, min_size=1, max_size=5).map("\n".join).filter(str.strip)
code = st.sampled_from(
    [
        "x = 1",
        'def f(x):\n    """Kapı."""\n    return x  # (N, C)',
        "%timeit f(1)",
        'print(t(en="gate", tr="kapı"))\n\n\ny = [1,\n     2]',
        "# yalnız açıklama",
    ]
)
tags = st.lists(st.sampled_from(["answer", "solution-only", "nbval-skip"]), unique=True)
reasons = st.sampled_from(["", "A clock: it's \"never\" the same.", "Colon: and # hash, yes"])


@st.composite
def notebooks(draw) -> nbformat.NotebookNode:
    cells = []
    for name in draw(names):
        metadata = {"name": name, "tags": draw(tags), "reason": draw(reasons)}
        if draw(st.booleans()):
            cells.append(nbformat.v4.new_markdown_cell(draw(prose), metadata=metadata))
        else:
            cells.append(nbformat.v4.new_code_cell(draw(code), metadata=metadata))
    notebook = nbformat.v4.new_notebook(cells=cells)
    normalise(notebook, LESSON)
    return notebook


@settings(max_examples=80, deadline=None)
@given(notebooks())
def test_the_text_describes_the_same_cells(notebook):
    text = to_text(notebook)
    again = from_text(text)
    assert differing_cells(notebook, again) == []
    assert [cell.metadata.name for cell in again.cells] == [cell.metadata.name for cell in notebook.cells]
    normalise(again, LESSON)
    assert to_text(again) == text


def test_the_text_has_no_outputs_versions_or_twins():
    cell = nbformat.v4.new_code_cell("1", metadata={"name": "one", "twin": "a:b", "collapsed": True})
    cell.outputs = [nbformat.v4.new_output("stream", text="secret")]
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"seattn": {"text": "c0ffee", "outputs": "dead"}})
    notebook.metadata.language_info = {"name": "python", "version": "3.11.7"}
    normalise(notebook, LESSON)
    text = to_text(notebook)
    for absent in ("secret", "twin", "collapsed", "c0ffee", "dead", "3.11", "jupytext_version"):
        assert absent not in text
    assert "language: tr" in text
    assert "version" not in notebook.metadata.language_info


def test_normalise_gives_ids_and_drops_what_a_text_cannot_hold():
    cells = [
        nbformat.v4.new_markdown_cell("\n\n  indented\n\n", metadata={"name": "intro", "tags": []}),
        nbformat.v4.new_code_cell("\n    x = 1  \n"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"jupytext": {"formats": "ipynb,md"}})
    normalise(notebook, LESSON)
    assert notebook.cells[0].id == "intro"
    assert notebook.cells[0].source == "  indented"
    assert notebook.cells[1].source == "    x = 1"
    assert "tags" not in notebook.cells[0].metadata
    assert "formats" not in notebook.metadata.jupytext


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "b"], []),
        (["a", ""], [("cell 2", "has no name; its first line is 'line 2'")]),
        (["a", "a"], [("a", "the name stands 2 times"), ("a", "the name stands 2 times")]),
        (["kapı"], [("kapı", "a name has at most 64 letters")]),
        (["x" * 65], [("x" * 65, "a name has at most 64 letters")]),
        (["two words"], [("two words", "a name has at most 64 letters")]),
    ],
)
def test_names_that_cannot_join_the_twins(names, expected):
    cells = [
        nbformat.v4.new_markdown_cell(f"\n line {number}\nmore", metadata={"name": name} if name else {})
        for number, name in enumerate(names, start=1)
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    found = list(name_problems(notebook))
    assert [cell for cell, _ in found] == [cell for cell, _ in expected]
    for (_, message), (_, beginning) in zip(found, expected):
        assert message.startswith(beginning)
    assert set(cells_by_name(notebook)) == {name for name in names if name and names.count(name) == 1}
