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


def test_the_small_course_passes_every_gate(pristine_course: Path):
    assert [str(finding) for finding in run_gates(CourseTree(pristine_course))] == []


def test_faults_have_their_own_names_and_known_gates():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert {fault.gate for fault in FAULTS} <= set(GATES)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_in_the_small_course(fault: Fault, pristine_course: Path, tmp_path: Path):
    assert caught(fault, pristine_course, tmp_path / "broken"), f"not caught: {fault.name}"


@pytest.fixture(scope="module")
def real_lessons(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Copies of the course that hold one lesson each, with its text, twin, solutions and exercises."""
    course, folder, copies = CourseTree(find_root(Path(__file__))), tmp_path_factory.mktemp("real"), {}
    for lesson in course.lessons():
        root = copies.setdefault(lesson.stem, folder / lesson.stem)
        for path in filter(Path.exists, (lesson.path, lesson.text_path)):
            copy = root / path.relative_to(course.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return [copies[stem] for stem in sorted(copies)][:REAL_LESSONS]


@pytest.mark.slow
def test_faults_in_the_real_course(real_lessons: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture):
    outcomes: dict[str, bool] = {}
    for fault in FAULTS:
        for root in real_lessons:
            try:
                outcomes[fault.name] = caught(fault, root, tmp_path / fault.name / root.name)
                break
            except LookupError:  # this lesson holds nothing to break this way
                continue
    missed = [name for name, found in outcomes.items() if not found]
    with capsys.disabled():
        print(f"\nseeded faults in the course: {len(outcomes) - len(missed)} of {len(outcomes)} caught")
    assert not missed
    assert len(outcomes) >= MUST_APPLY
