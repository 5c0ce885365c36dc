"""Every seeded fault is caught by the gate that is meant to, and named by file and cell."""

import shutil
from functools import cache
from pathlib import Path

import faults_content  # noqa: F401 - importing it registers its faults
import faults_parity  # noqa: F401
import pytest
from faults import FAULTS, Fault

from seattn_course.authoring.gates import GATES, run_gates
from seattn_course.authoring.tree import CourseTree, find_root

REAL_LESSONS = 3  # enough to find something to break, few enough to be quick
MUST_APPLY = 25  # of the faults, to the real course: a fault needs something to break


def caught(fault: Fault, pristine: Path, copy: Path) -> bool:
    """Whether the fault's gate names the broken place in a copy, and did not before."""
    shutil.copytree(pristine, copy)
    where = fault.break_course(copy)
    new = findings(fault.gate, copy) - findings_before(fault.gate, pristine)
    return any(finding.startswith(f"{where}:") for finding in new)


def findings(gate: str, root: Path) -> set[str]:
    return {str(finding) for finding in run_gates(CourseTree(root), [gate])}


findings_before = cache(findings)


@pytest.fixture(scope="session")
def tally():
    """Counts what was caught, and says so after the last fault."""
    counts = {"caught": 0, "tried": 0}
    yield counts
    print(f"\nseeded faults: {counts['caught']} of {counts['tried']} caught by the gate meant for them")


def test_the_small_course_passes_every_gate(pristine_course: Path):
    assert [str(finding) for finding in run_gates(CourseTree(pristine_course))] == []


def test_faults_have_their_own_names_and_known_gates():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert {fault.gate for fault in FAULTS} <= set(GATES)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_in_the_small_course(fault: Fault, pristine_course: Path, tmp_path: Path, tally: dict):
    tally["tried"] += 1
    assert caught(fault, pristine_course, tmp_path / "broken"), f"not caught: {fault.name}"
    tally["caught"] += 1


def test_faults_in_the_real_course(tmp_path: Path, capsys: pytest.CaptureFixture):
    root = tmp_path / "real"
    course = CourseTree(find_root(Path(__file__)))
    for lesson in course.lessons():
        if lesson.stem in sorted({each.stem for each in course.lessons()})[:REAL_LESSONS]:
            for path in (lesson.path, lesson.text_path):
                if path.exists():
                    copy = root / path.relative_to(course.root)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, copy)
    applied, missed = 0, []
    for number, fault in enumerate(FAULTS):
        try:
            found = caught(fault, root, tmp_path / f"broken{number}")
        except LookupError:  # the course holds nothing to break this way
            continue
        finally:
            shutil.rmtree(tmp_path / f"broken{number}", ignore_errors=True)
        applied += 1
        if not found:
            missed.append(fault.name)
    with capsys.disabled():
        print(f"\nseeded faults in the course: {applied - len(missed)} of {applied} caught")
    assert not missed
    assert applied >= MUST_APPLY
