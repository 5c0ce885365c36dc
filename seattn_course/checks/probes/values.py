"""Values: the answer's results on a battery of inputs, at random parameters, beside the reference's."""

from typing import Any

import torch

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Cases, Finding, finding
from seattn_course.checks.probes.compare import difference, observed, same, shown


class Values(CaseProbe):
    """Type, shape, dtype and values of the result; nothing is broadcast to fit.

    ``tolerance`` (relative, absolute) is what a right answer may be off. ``near`` is the same for known mistakes:
    plain floats that come out of float32 need it, for there a learner's order of operations shows.
    """

    def __init__(
        self,
        cases: Cases,
        name: str = "values",
        tolerance: tuple[float, float] | None = None,
        near: tuple[float, float] | None = None,
    ):
        super().__init__(name, cases)
        self.tolerance = tolerance
        self.near = near

    def observe_case(self, bench: Bench, case: Case) -> Any:
        return observed(bench.apply(case))

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        return difference(bench, case, expected, found, self.tolerance)

    def alike(self, a: list[Any], b: list[Any]) -> bool:
        return same(a, b, self.near)


class Evaluated(CaseProbe):
    """Values in eval mode, where batch normalization uses the statistics it has gathered."""

    def __init__(self, cases: Cases):
        super().__init__("evaluated", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        module = bench.build(case)
        return module if isinstance(module, Raised) else observed(bench.call(case, module.eval()))

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        return difference(bench, case, expected, found)


class Refusals(CaseProbe):
    """Impossible arguments have to raise the agreed exception instead of returning something."""

    def __init__(self, cases: Cases, error: type[Exception] = ValueError):
        super().__init__("refusals", cases)
        self.error = error

    def observe_case(self, bench: Bench, case: Case) -> Any:
        result = bench.apply(case)
        if isinstance(result, Raised) and result.kind == "exception":
            return ["raised", result.type]
        return result if isinstance(result, Raised) else ["returned", observed(result)]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        how, what = found
        if how == "returned":
            return finding("refusals.returned", bench, case, error=self.error.__name__, found=shown(what))
        if what != self.error.__name__:
            return finding("refusals.other", bench, case, error=self.error.__name__, found=what)
        return None


class Form(CaseProbe):
    """Type, shape and dtype only, for results whose values are free."""

    def __init__(self, cases: Cases):
        super().__init__("form", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        result = observed(bench.apply(case))
        return result.to("meta") if isinstance(result, torch.Tensor) else result

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        return difference(bench, case, expected, found)
