"""Pytest plugin around nbval, which runs the cells and compares their outputs, and is used as it is.

By itself nbval compares nothing for a cell that stores no run, takes a permitted exception for optional, waits for
a dead kernel until its time limit, numbers cells instead of naming them, and knows nothing of exercises. So its
three classes have subclasses here: the notebook, the cell, which ``rules`` judge after nbval has run it, and the
kernel handle. This half runs where the cells run, also in a worker of pytest-xdist.
"""

import re
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import nbval.plugin
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from seattn_course.authoring.generation import touched
from seattn_course.authoring.validation import rules
from seattn_course.authoring.validation.report import PROPERTY, CellRecord, comparable, is_progress_bar
from seattn_course.authoring.validation.watch import WatchedKernel

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def pytest_configure(config: pytest.Config) -> None:
    nbval.plugin.RunningKernel = WatchedKernel


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(parent: pytest.Collector) -> Generator[None, list, list]:
    found = yield
    return [
        CourseNotebook.from_parent(parent, path=each.path) if isinstance(each, IPyNbFile) else each
        for each in found
    ]


class CourseNotebook(IPyNbFile):
    """A notebook whose cells go by their names, and that stops at the cell that ruined its kernel."""

    broken: str | None = None  # which cell, and how

    def collect(self) -> Iterator["CourseCell"]:
        # A learner's exercise stores outputs of its own, which are compared with nothing.
        self.exercise = Path(self.path).parents[1].name == "exercises"
        for cell in super().collect():
            if self.exercise:
                cell.options["check"] = False
                cell.cell.outputs, cell.cell.execution_count = [], None
            yield CourseCell.from_parent(
                self,
                name=cell.cell.metadata.get("name") or cell.name,
                cell_num=cell.cell_num,
                cell=cell.cell,
                options=cell.options,
            )


class CourseCell(IPyNbCell):
    """A cell that has to keep the course's rules as well."""

    def runtest(self) -> None:
        started = time.perf_counter()
        facts: dict[str, Any] = {"passed": False}
        try:
            facts |= self._judged()
        finally:
            if self.parent.timed_out:
                self._stop_here("ran into its time limit")
            seconds = time.perf_counter() - started
            record = CellRecord(self.parent.nodeid, self.name, seconds=seconds, **facts)
            self.user_properties.append((PROPERTY, record.to_json()))

    def _judged(self) -> dict[str, Any]:
        """Run the cell and judge it; returns what the report says about a cell that passed."""
        if self.parent.broken:
            self.raise_cell_error(f"not run: cell {self.parent.broken}")
        self.parent.kernel.cell = self
        if self.parent.exercise:
            super().runtest()
            self._refuse(rules.exercise_problem(self.cell, self.test_outputs, bool(touched(self.parent.nb))))
            return {"passed": True, "check": rules.check_outcome(self.cell, self.test_outputs)[0]}
        self.options["skip"] = False
        super().runtest()
        self._refuse(rules.stored_problem(self.cell, self.cell_num + 1))
        self._refuse(rules.output_problem(self.cell, self.test_outputs))
        kind = "compared" if self.options["check"] else "ignored"
        return {
            "passed": True,
            kind: len(comparable(self.cell.outputs)),
            "reason": self.cell.metadata.get("reason"),
        }

    def compare_outputs(self, test: list, ref: list, skip_compare: Any = None) -> bool:
        new, stored = ([each for each in outputs if not is_progress_bar(each)] for outputs in (test, ref))
        return super().compare_outputs(new, stored, skip_compare)

    def end(self, problem: str) -> None:
        """Fail this cell, and with it the rest of its notebook, whose kernel is of no use any more."""
        self._stop_here(problem)
        self.raise_cell_error(problem)

    def _stop_here(self, problem: str) -> None:
        self.parent.broken = self.parent.broken or f"{self.name!r} {problem}"

    def _refuse(self, problem: str | None) -> None:
        if problem:
            self.raise_cell_error(problem)

    def reportinfo(self) -> tuple:
        return self.path, 0, self.nodeid

    def repr_failure(self, excinfo: pytest.ExceptionInfo) -> str:
        error = excinfo.value
        if not isinstance(error, NbCellError):
            return f"cell {self.name!r}: {type(error).__name__}: {error}"
        text = f"cell {self.name!r} {error}\n\nInput:\n{error.source}"
        if error.inner_traceback:
            text += f"\n\nTraceback:\n{error.inner_traceback}"
        return COLOURS.sub("", text) if self.config.option.color == "no" else text
