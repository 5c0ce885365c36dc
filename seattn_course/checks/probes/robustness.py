"""Robustness: what the caller may rely on besides the values."""

import copy
import random
from typing import Any

import numpy as np
import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh, fresh_arguments
from seattn_course.checks.exercise import Case
from seattn_course.checks.guard import Raised, RandomState
from seattn_course.checks.outcome import Message
from seattn_course.checks.probes.base import CaseProbe, Cases, Finding, finding
from seattn_course.checks.probes.compare import difference, observed, same

UNLIKELY_SEED = 730_551_204


def _snapshot(value: Any) -> Any:
    if isinstance(value, nn.Module):
        return {name: tensor.detach().clone() for name, tensor in value.state_dict().items()}
    return observed(value)


class InputLeftAlone(CaseProbe):
    """The tensors, arrays and modules that go in are the same afterwards."""

    def __init__(self, cases: Cases):
        super().__init__("input_left_alone", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        args = fresh_arguments(case)
        before = [_snapshot(arg) for arg in args]
        result = bench.apply(case, args)
        if isinstance(result, Raised):
            return result
        return [same(earlier, _snapshot(arg)) for earlier, arg in zip(before, args)]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if all(found):
            return None
        return finding("robustness.input", bench, case, position=found.index(False) + 1)


class GlobalsLeftAlone(CaseProbe):
    """The call neither seeds nor uses the global random numbers, nor changes grad mode, dtype or threads."""

    def __init__(self, cases: Cases):
        super().__init__("globals_left_alone", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        function = bench.build(case) if bench.exercise.kind == "class" else bench.subject
        if isinstance(function, Raised):
            return function
        # Seeds that nobody uses, so that seeding with any usual number shows.
        torch.default_generator.manual_seed(UNLIKELY_SEED)
        np.random.seed(UNLIKELY_SEED)
        random.seed(UNLIKELY_SEED)
        before = RandomState()
        result = bench.call(case, function)
        return result if isinstance(result, Raised) else [*before.changed(), *bench.guard.settings_changed]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if not found:
            return None
        return finding("robustness.globals", bench, case, what=Message(f"engine.globals.{found[0]}"))


class DoublePrecision(CaseProbe):
    """In float64 the whole way is float64: no step falls back to float32."""

    def __init__(self, cases: Cases):
        super().__init__("double_precision", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        function = bench.subject
        if bench.exercise.kind == "class":
            function = bench.build(case)
            if isinstance(function, Raised):
                return function
            function = function.double()
        args = tuple(_in_double(fresh(arg)) for arg in case.args)
        return observed(bench.call(case, function, args))

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if difference(bench, case, expected, found) is None:
            return None
        return finding("robustness.dtype", bench, case)


class AnyDevice(CaseProbe):
    """Runs on torch's ``meta`` device, which has shapes but no values: a device named in the code shows up."""

    def __init__(self, cases: Cases):
        super().__init__("any_device", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        function = bench.subject
        if bench.exercise.kind == "class":
            function = bench.build(case)
            if isinstance(function, Raised):
                return function
            function = function.to("meta")
        args = tuple(arg.to("meta") if isinstance(arg, torch.Tensor) else copy.copy(arg) for arg in case.args)
        result = bench.call(case, function, args)
        if isinstance(result, Raised) and result.kind == "exception":
            return "raised"
        return observed(result)

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if isinstance(found, str) or difference(bench, case, expected, found) is not None:
            return finding("robustness.device", bench, case)
        return None


def _in_double(value: Any) -> Any:
    """In float64, with digits that float32 cannot hold: else a detour through float32 would not show."""
    if isinstance(value, torch.Tensor):
        return value.double() * 1.1
    return value.astype(np.float64) * 1.1 if isinstance(value, np.ndarray) else value
