"""Structure: the module's parameters and buffers, whichever layers hold them."""

from typing import Any

from torch import nn

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Cases, Finding, finding
from seattn_course.checks.state import core


class Parameters(CaseProbe):
    """The same parameters as the reference's: how many, of which shapes, trainable or not.

    Axes of length 1 and the order of a matrix's axes do not count, so that a Linear layer, a 1x1 convolution
    and a bare nn.Parameter are interchangeable.
    """

    def __init__(self, cases: Cases):
        super().__init__("parameters", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        module = bench.construct(case)
        if isinstance(module, Raised):
            return module
        if not isinstance(module, nn.Module):
            return Raised("no_module", type(module).__name__)
        shapes = [
            [*sorted(core(parameter.shape)), "trainable" if parameter.requires_grad else "frozen"]
            for parameter in module.parameters()
        ]
        return sorted(shapes, key=str)

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found == expected:
            return None
        totals = {"expected": _total(expected), "found": _total(found)}
        if not found:
            return finding("structure.none", bench, case, **totals)
        if totals["expected"] != totals["found"]:
            return finding("structure.count", bench, case, **totals, shapes=_shapes(found))
        if any(shape[-1] == "frozen" for shape in found):
            return finding("structure.frozen", bench, case, **totals)
        return finding("structure.shapes", bench, case, wanted=_shapes(expected), shapes=_shapes(found))


def _total(shapes: list[list]) -> int:
    total = 0
    for *sizes, _ in shapes:
        count = 1
        for size in sizes:
            count *= size
        total += count
    return total


def _shapes(shapes: list[list]) -> str:
    return ", ".join("×".join(map(str, sizes)) or "1" for *sizes, _ in shapes)
