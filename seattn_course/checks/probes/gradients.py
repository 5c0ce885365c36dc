"""Gradients: the right values are not enough if nothing can learn from them."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Cases, Finding, finding
from seattn_course.checks.probes.compare import difference, observed


class Gradients(CaseProbe):
    """The gradient reaches the input, with the right values, and every parameter.

    The loss is a sum with random weights: a plain mean would hide mistakes that cancel.
    """

    def __init__(self, cases: Cases):
        super().__init__("gradients", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        module = bench.build(case) if bench.exercise.kind == "class" else bench.subject
        if isinstance(module, Raised):
            return module
        x, *others = fresh_arguments(case)
        x.requires_grad_()
        result = bench.call(case, module, (x, *others))
        if isinstance(result, Raised):
            return result
        if not isinstance(result, torch.Tensor) or not result.requires_grad:
            return "none"
        weights = torch.randn(result.shape, generator=bench.generator()).to(result)
        outcome = bench.guard.call(lambda: (result * weights).sum().backward())
        if isinstance(outcome, Raised):
            return outcome
        if x.grad is None:
            return "input"
        parameters = module.parameters() if isinstance(module, nn.Module) else ()
        if any(p.grad is None or not p.grad.abs().sum() > 0 for p in parameters):
            return "parameters"
        return observed(x.grad)

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if isinstance(found, str):
            return finding(f"gradients.{found}", bench, case)
        if difference(bench, case, expected, found) is not None:
            return finding("gradients.values", bench, case)
        return None
