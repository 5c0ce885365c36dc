"""The GPU lane, on the CPU: the same code, judged against stored outputs that a GPU could have made."""

import os
import sys

import pytest
from fault_course import code, new_course, notebook, stream
from nbformat.v4 import new_output

from seattn_course.authoring.kernels.session import kernel_session
from seattn_course.authoring.tree import CourseTree
from seattn_course.authoring.validate import code_cells
from seattn_course.authoring.validation.lane import run_lane
from seattn_course.authoring.validation.report import Report

pytestmark = pytest.mark.slow

EXEMPT = {"tags": ["nbval-ignore-output"], "reason": "trained on this device"}
EXPECTED = {"tags": ["raises-exception"], "reason": "shows the error"}
ERROR = new_output("error", ename="ValueError", evalue="r=3", traceback=["File a"])
CELLS = {
    "near": code("near", "print('gate 0.5866, 580 parameters')", [stream("gate 0.5867, 580 parameters\n")]),
    "far": code("far", "print('gate 0.5866')", [stream("gate 0.5876\n")]),
    "integer": code("integer", "print('581 parameters')", [stream("580 parameters\n")]),
    "trained": code("trained", "loss = 0.25\nassert loss < 0.3\nprint(loss)", [stream("0.2\n")], **EXEMPT),
    "claim": code("claim", "loss = 0.35\nassert loss < 0.3\nprint(loss)", [stream("0.2\n")], **EXEMPT),
    "error": code("error", "raise ValueError('r=3')", [ERROR], **EXPECTED),
    "calm": code("calm", "print(1)", [stream("1\n")], **EXPECTED),
}
FAILING = {
    "far": "stored 0.5876, now 0.5866",
    "integer": "stored 580, now 581",
    "claim": "AssertionError",
    "calm": "is tagged raises-exception, but raised none",
    "hang": "ran into its time limit of 8 s",
    "late": "not run: cell 'hang' ran into its time limit",
    "exit": "killed its kernel",
    "after": "not run: cell 'exit' killed its kernel",
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """(exit status, what was printed, report) of the lane over one course with good and bad cells."""
    course = new_course(tmp_path_factory.mktemp("lane"))
    course.add("notebooks/en/cells", notebook(*CELLS.values()))
    course.add("notebooks/en/hanging", notebook(code("hang", "import time\ntime.sleep(60)"), code("late", "1")))
    course.add("solutions/en/dead", notebook(code("exit", "import os\nos._exit(1)"), code("after", "1")))
    course.add("notebooks/tr/broken", '{"cells": ')
    lessons = CourseTree(course.root).lessons()
    report = Report({lesson.name: code_cells(lesson) for lesson in lessons})
    with pytest.MonkeyPatch.context() as patch, kernel_session() as session:
        printed = []
        patch.setattr("builtins.print", lambda *words, **_: printed.append(" ".join(map(str, words))))
        status = run_lane(lessons, report, session, timeout=8)
    return status, "\n".join(printed), report


@pytest.mark.parametrize("cell", FAILING)
def test_what_a_gpu_may_not_change_fails_by_name(outcome, cell):
    _, printed, _ = outcome
    start = printed.index(f"[{cell}]: ")
    assert FAILING[cell] in printed[start : start + 2000]


def test_everything_else_passes(outcome):
    _, _, report = outcome
    assert {record.cell for record in report.cells if record.passed} == {"near", "trained", "error"}


def test_last_line_counts_and_status_says_failed(outcome):
    status, printed, _ = outcome
    assert status == 1
    assert printed.splitlines()[-1] == f"3 passed, {len(FAILING) + 1} failed"  # and the broken notebook
    assert "[trained]: trained on this device" in printed


def test_without_a_gpu_it_says_so_and_fails(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    course = new_course(tmp_path)
    course.add("notebooks/en/one", notebook(code("one", "1")))
    done = course.run("test", "--device", "cuda")
    assert done.returncode != 0
    assert "no GPU" in done.stdout + done.stderr


def test_lane_needs_neither_pytest_nor_nbval_nor_jupytext():
    """A GPU machine has its own environment: the lane's own modules load without what only tests need."""
    blocked = "import sys\nfor name in ('pytest', 'nbval', 'jupytext', 'libcst'): sys.modules[name] = None\n"
    wanted = "import seattn_course.authoring.validate, seattn_course.authoring.validation.lane"
    assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, "-c", blocked + wanted) == 0
