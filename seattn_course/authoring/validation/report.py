"""What a validation run did, cell by cell, and its summary. Both lanes fill the same report."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from nbformat import NotebookNode

SLOWEST = 5
PROPERTY = "seattn"  # of a pytest report: carries a CellRecord from a worker to the main process
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
NOT_COMPARED = frozenset({"image/png", "image/jpeg", WIDGET_VIEW})  # as in nbval
_BAR = re.compile(r"[^|]*\d+%\|")  # what a progress bar is as text


@dataclass(frozen=True)
class CellRecord:
    """One code cell that ran, or that was to be run.

    ``compared`` counts stored outputs that the run's outputs were compared with; ``ignored`` those that the cell's
    tags exempt, for ``reason``; ``check`` is an exercise check's outcome.
    """

    notebook: str
    cell: str
    passed: bool
    seconds: float = 0.0
    compared: int = 0
    ignored: int = 0
    reason: str | None = None
    check: str | None = None

    def to_json(self) -> dict:
        return asdict(self)


def is_progress_bar(output: NotebookNode) -> bool:
    """Bars are neither stored nor compared: they tell of the run's time, not of its result."""
    data = output.get("data", {})
    return WIDGET_VIEW in data and bool(_BAR.match(data.get("text/plain", "")))


def comparable(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """The stored outputs of which at least one representation is compared."""
    return [output for output in outputs if "data" not in output or set(output["data"]) - NOT_COMPARED]


@dataclass
class Report:
    """All cells of one run. ``expected`` maps each chosen notebook to its number of code cells."""

    expected: Mapping[str, int]
    cells: list[CellRecord] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)

    def unrun(self) -> list[str]:
        """Notebooks of which fewer cells ran than they have, and that no failure accounts for."""
        ran = Counter(record.notebook for record in self.cells)
        failed = {record.notebook for record in self.cells if not record.passed} | set(self.unreadable)
        return [name for name, cells in self.expected.items() if ran[name] < cells and name not in failed]

    @property
    def failed(self) -> int:
        return sum(not record.passed for record in self.cells) + len(self.unreadable)

    @property
    def passed(self) -> int:
        return sum(record.passed for record in self.cells)

    @property
    def ok(self) -> bool:
        """Something ran, nothing failed, and nothing was left out."""
        return bool(self.cells) and not self.failed and not self.unrun()

    def lines(self, kernels: str) -> list[str]:
        """The summary, for people."""
        found = [
            f"{kernels}; {len(self.expected)} notebooks, {len(self.cells)} of {sum(self.expected.values())} cells"
        ]
        seconds = Counter()
        for record in self.cells:
            seconds[record.notebook] += record.seconds
        width = max(map(len, self.expected), default=0)
        for name in self.expected:
            own = [record for record in self.cells if record.notebook == name]
            checks = Counter(record.check for record in own if record.check)
            parts = [
                f"{len(own):3} cells",
                f"{sum(record.compared for record in own):3} outputs compared",
                f"{sum(record.ignored for record in own):2} ignored",
                f"{seconds[name]:6.1f} s",
                *(f"{number} checks {outcome.replace('_', ' ')}" for outcome, number in sorted(checks.items())),
                *([f"{failures} FAILED"] if (failures := sum(not record.passed for record in own)) else []),
                *(["UNREADABLE"] if name in self.unreadable else []),
                *(["NOT ALL CELLS RAN"] if name in self.unrun() else []),
            ]
            found.append(f"{name:{width}}  " + ", ".join(parts))
        compared = sum(record.compared for record in self.cells)
        ignored = [record for record in self.cells if record.ignored]
        found.append(f"outputs compared: {compared}; ignored with a reason: {sum(r.ignored for r in ignored)}")
        found += [f"  {record.notebook} [{record.cell}]: {record.reason}" for record in ignored]
        found.append("slowest cells:")
        slowest = sorted(self.cells, key=lambda record: -record.seconds)[:SLOWEST]
        found += [f"  {record.seconds:6.1f} s  {record.notebook} [{record.cell}]" for record in slowest]
        return found
