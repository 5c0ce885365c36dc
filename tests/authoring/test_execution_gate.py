"""The gate "execution": what is wrong with a notebook that was not run from top to bottom."""

import nbformat
import pytest

from seattn_course.authoring.execution import execution_gate, exercise_problems, outputs_hash, problems
from seattn_course.authoring.tree import CourseTree, Lesson


def executed(*tags: str) -> nbformat.NotebookNode:
    """Three cells that ran in order; the tags go on the last."""
    cells = []
    for count in (1, 2, 3):
        cell = nbformat.v4.new_code_cell(f"x = {count}\nx", metadata={"name": f"cell-{count}"})
        cell.execution_count = count
        data = {"text/plain": str(count)}
        cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=count)]
        cells.append(cell)
    cells[-1].metadata.tags = list(tags)
    return recorded(nbformat.v4.new_notebook(cells=cells))


def recorded(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    notebook.metadata["seattn"] = {"outputs": outputs_hash(notebook)}
    return nbformat.from_dict(notebook)


ERROR = nbformat.v4.new_output("error", ename="ValueError", evalue="r is 0", traceback=[])


def test_a_notebook_that_ran_from_top_to_bottom_passes():
    assert list(problems(executed())) == []


def test_an_unexecuted_cell():
    notebook = executed()
    notebook.cells[1].execution_count = None
    notebook.cells[1].outputs = []
    assert list(problems(recorded(notebook))) == [
        ("cell-2", "never executed (no execution count)"),
    ]


def test_cells_out_of_order():
    notebook = executed()
    notebook.cells.reverse()
    assert [cell for cell, _ in problems(recorded(notebook))] == ["cell-3", "cell-1"]


def test_a_gap_in_the_counts_is_a_second_run():
    notebook = executed()
    for cell in notebook.cells:
        cell.execution_count = cell.outputs[0].execution_count = cell.execution_count + 4
    [first, *_] = problems(recorded(notebook))
    assert first == ("cell-1", "executed out of order: count 5, expected 1")


def test_a_stripped_notebook_is_one_finding():
    notebook = executed()
    for cell in notebook.cells:
        cell.outputs, cell.execution_count = [], None
    [(cell, message)] = problems(recorded(notebook))
    assert cell is None
    assert "stripped" in message


def test_a_notebook_without_code_has_nothing_to_run():
    assert list(problems(recorded(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("x")])))) == []


@pytest.mark.parametrize(
    ("tags", "output", "message"),
    [
        ([], ERROR, "stores an error (ValueError: r is 0)"),
        (["raises-exception"], ERROR, None),
        (["raises-exception"], None, "is tagged raises-exception, but no error is stored"),
    ],
)
def test_errors(tags, output, message):
    notebook = executed(*tags)
    if output:
        notebook.cells[-1].outputs = [output]
    assert [text for _, text in problems(recorded(notebook))] == ([message] if message else [])


def test_an_output_of_another_run():
    notebook = executed()
    notebook.cells[0].outputs[0].execution_count = 7
    assert list(problems(recorded(notebook))) == [("cell-1", "an output of run 7 is stored under run 1")]


def test_an_empty_code_cell():
    notebook = executed()
    notebook.cells[1].source = "  \n"
    assert list(problems(notebook)) == [("cell-2", "an empty code cell")]


def test_an_output_edited_by_hand_is_seen_without_running_anything():
    notebook = executed()
    notebook.cells[1].outputs[0].data["text/plain"] = "22"
    [(_, message)] = problems(notebook)
    assert "not the ones that `seattn execute` stored" in message


def test_a_notebook_without_a_record_of_its_outputs():
    notebook = executed()
    del notebook.metadata["seattn"]
    [(_, message)] = problems(notebook)
    assert message.startswith("no record of its outputs")


def test_the_hash_survives_a_file_and_changes_with_every_output(tmp_path):
    notebook = executed()
    nbformat.write(notebook, tmp_path / "a.ipynb")
    assert outputs_hash(nbformat.read(tmp_path / "a.ipynb", as_version=4)) == outputs_hash(notebook)
    before = outputs_hash(notebook)
    notebook.cells[0].source = "# another comment\nx = 1\nx"
    assert outputs_hash(notebook) == before
    notebook.cells[0].outputs[0].metadata["alt"] = "another"
    assert outputs_hash(notebook) != before


def test_an_exercise_is_delivered_unexecuted(course):
    notebook = executed()
    assert len(list(exercise_problems(notebook))) == 3
    exercise = Lesson(course, "exercises", "en", "01_gate")
    changed = exercise.read()
    changed.cells[1].execution_count = 1
    exercise.write(changed)
    assert [str(finding) for finding in execution_gate(CourseTree(course))] == [
        "exercises/en/01_gate.ipynb [setup]: execution: an exercise carries no outputs and no execution counts"
    ]
