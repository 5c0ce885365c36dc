"""Meaning: what must hold for every such module, whatever its weights."""

from typing import Any

import torch

from seattn_course.checks.bench import Bench, fresh, fresh_arguments
from seattn_course.checks.exercise import Case
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Cases, Finding, finding
from seattn_course.checks.probes.compare import observed, shape_text, type_name

NOTICEABLE = 1e-4


class _TensorProbe(CaseProbe):
    """Objects on its own when the result is no tensor of the input's shape: then there is nothing to look at."""

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if isinstance(found, str):
            return finding("values.type", bench, case, expected="Tensor", found=found)
        if isinstance(found, list):
            shapes = {"expected": shape_text(case.args[0].shape), "found": shape_text(found)}
            return finding("values.shape", bench, case, **shapes)
        return None

    @staticmethod
    def unusable(result: Any, x: torch.Tensor) -> Any:
        if isinstance(result, Raised):
            return result
        if not isinstance(result, torch.Tensor):
            return type_name(observed(result))
        return list(result.shape) if result.shape != x.shape else None


class SamplesApart(_TensorProbe):
    """Changing the last image of the batch leaves the output of the first one alone."""

    def __init__(self, cases: Cases):
        super().__init__("samples_apart", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        x, *others = fresh_arguments(case)
        changed = fresh(x)
        changed[-1] = changed[-1] * -3 + 2
        results = [bench.apply(case, (fresh(batch), *others)) for batch in (x, changed)]
        for result in results:
            unusable = self.unusable(result, x)
            if unusable is not None:
                return unusable
        return bool((results[0][0] - results[1][0]).detach().abs().max() > NOTICEABLE)

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found is True:
            return finding("semantics.samples", bench, case)
        return super().judge_case(bench, case, expected, found)


class GateConstantOverSpace(_TensorProbe):
    """Output divided by input is one number per image and channel: no place is treated differently."""

    def __init__(self, cases: Cases):
        super().__init__("gate_constant", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        x = fresh(case.args[0])
        result = bench.apply(case)
        unusable = self.unusable(result, x)
        if unusable is not None:
            return unusable
        safe = x.abs() > 0.05  # a quotient by almost nothing shows rounding only
        gate = torch.where(safe, result.detach() / x, torch.nan).flatten(2)
        spread = gate.nan_to_num(-torch.inf).amax(2) - gate.nan_to_num(torch.inf).amin(2)
        return bool(spread.max() > NOTICEABLE)

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found is True:
            return finding("semantics.space", bench, case)
        return super().judge_case(bench, case, expected, found)
