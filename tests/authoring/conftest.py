"""The small course that the authoring tests break, made once and copied for each test."""

import shutil
from pathlib import Path

import pytest
from small_course import make_course


@pytest.fixture(scope="session")
def pristine_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    make_course(root)
    return root


@pytest.fixture
def course(pristine_course: Path, tmp_path: Path) -> Path:
    """Root folder of a fresh copy of the small course."""
    return Path(shutil.copytree(pristine_course, tmp_path / "course"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many of the seeded faults were caught."""
    caught, missed = (
        sum(report.when == "call" and "test_fault_in_the_small_course[" in report.nodeid for report in reports)
        for reports in (terminalreporter.stats.get("passed", []), terminalreporter.stats.get("failed", []))
    )
    if caught + missed:
        terminalreporter.write_line(
            f"seeded faults: {caught} of {caught + missed} caught by the gate meant for them"
        )
