"""The half of the pytest plugin that sits in the main process: it gathers the records and prints the summary."""

from collections.abc import Callable
from typing import Any

import pytest

from seattn_course.authoring.validation.report import PROPERTY, CellRecord, Report


class Reporter:
    """Gathers the cells' records in the main process and prints the summary above pytest's last line."""

    def __init__(self, report: Report, kernels: Callable[[], str]):
        self.report = report
        self.kernels = kernels

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, value in report.user_properties:
            if name == PROPERTY and report.when == "call":
                self.report.cells.append(CellRecord(**value))
        if report.failed and report.when != "call":  # no kernel: nbval fails in the set-up of each cell
            notebook, _, cell = report.nodeid.partition("::")
            self.report.cells.append(CellRecord(notebook, cell, passed=False))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.report.unreadable[report.nodeid] = str(report.longrepr).strip().splitlines()[-1]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK and not self.report.ok:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("notebooks")
        for line in self.report.lines(self.kernels()):
            terminalreporter.line(line)
