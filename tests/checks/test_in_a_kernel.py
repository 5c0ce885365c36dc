"""In a real notebook kernel: deadlines, input() and error messages behave as in the tests outside."""

import nbformat
import pytest
from nbclient import NotebookClient

CELLS = [
    """
import time
from seattn_course.checks import engine
from seattn_course.en import check

engine.examine.__kwdefaults__["seconds"] = 0.5  # the usual five seconds would only make the test slow
""",
    """
def gates(z, W1, W2):
    print("so far")
    time.sleep(60)

check("se_by_hand.gates", gates)
""",
    """
def gates(z, W1, W2):
    return float(input("h? "))

check("se_by_hand.gates", gates)
""",
    """
def gates(z, W1, W2):
    h = W1 @ z
    return W2 @ h + unknown

check("se_by_hand.gates", gates)
""",
]


@pytest.mark.slow
def test_checks_in_a_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("SEATTN_PROGRESS_DIR", str(tmp_path))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS])
    NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    outputs = [cell.outputs for cell in notebook.cells]
    assert outputs[0] == []
    for cell_outputs in outputs[1:]:
        assert [output.output_type for output in cell_outputs] == ["execute_result"], "no stray output"
        assert "<div" in cell_outputs[0].data["text/html"]
    sleeps, asks, fails = (cell_outputs[0].data["text/plain"] for cell_outputs in outputs[1:])
    assert "had not finished after 0.5 s" in sleeps
    assert "Your code printed:\n    so far" in sleeps
    assert "asks for `input()`" in asks
    assert "raised NameError" in fails
    assert "name 'unknown' is not defined" in fails
    assert "line 3, in gates:\n        return W2 @ h + unknown" in fails
    assert "site-packages" not in fails
    assert "/" not in fails
