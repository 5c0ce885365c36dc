"""better_se_step_by_step.gated: a gate function chosen by name, and names that are refused."""

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.exercises.better_se_step_by_step.avg_max import SEAvgMax
from seattn_course.checks.exercises.better_se_step_by_step.safe import widths
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes import batteries
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import observed
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class SEGated(SEAvgMax):
    def __init__(self, channels, reduction=16, min_hidden=4, gate="sigmoid"):
        super().__init__(channels, reduction, min_hidden)
        functions = {"sigmoid": nn.Sigmoid, "hardsigmoid": nn.Hardsigmoid}
        if gate.lower() not in functions:
            raise ValueError(f"gate must be 'sigmoid' or 'hardsigmoid', got {gate!r}")
        self.gate_fn = functions[gate.lower()]()


def _case(generator, *config, **kwargs):
    x = batteries.feature_map(generator, 2, 6, 3, 5)
    return Case((x,), config=(6, *config), config_kwargs=kwargs, note="not_square")


def _values(generator):
    return [
        _case(generator, 2),
        _case(generator, 2, gate="hardsigmoid"),
        _case(generator, 2, gate="sigmoid"),
        _case(generator, 2, gate="HardSigmoid"),
        _case(generator, 2, gate="SIGMOID"),
        _case(generator, 2, 5, "HARDSIGMOID"),
    ]


def _unknown(generator):
    return [_case(generator, 2, gate=name) for name in ("softmax", "sigmiod", "hard", "", "logsigmoid")]


class RefusedAtConstruction(CaseProbe):
    """An unknown name raises ValueError, and does so when the block is made."""

    def __init__(self, cases):
        super().__init__("refused", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        module = bench.construct(case)
        if isinstance(module, Raised):
            return ["raised", module.type] if module.kind == "exception" else module
        if not isinstance(module, nn.Module):
            return ["made", "no module"]
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.fill_(0.1)  # no reference has such a block, so there is no state to take over
        return ["made", observed(bench.call(case, module))]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found == expected:
            return None
        gate = repr(case.config_kwargs["gate"])
        if found[0] == "made":
            return own_finding("made", bench, case, gate=gate)
        return own_finding("other", bench, case, gate=gate, found=found[1])


EXERCISE = Exercise(
    id="better_se_step_by_step.gated",
    kind="class",
    name="SEGated",
    reference=SEGated,
    probes=(Contract(batteries.small), Parameters(widths), Values(_values), RefusedAtConstruction(_unknown)),
)


class _Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, u):
        return self.function(u)


def _choose(pick, default="sigmoid"):
    """A class that differs from the reference by how it turns the name into a function."""

    class Changed(SEAvgMax):
        def __init__(self, channels, reduction=16, min_hidden=4, gate=default):
            super().__init__(channels, reduction, min_hidden)
            self.gate_fn = pick(gate)

    return Changed


def _refuse(gate):
    if gate.lower() not in ("sigmoid", "hardsigmoid"):
        raise ValueError(gate)


def _hard(function):
    """As the reference, but with another hard function."""

    def pick(gate):
        _refuse(gate)
        return nn.Sigmoid() if gate.lower() == "sigmoid" else _Function(function)

    return _choose(pick)


def _contained(gate):
    if "sigmoid" not in gate.lower():
        raise ValueError(gate)
    return nn.Hardsigmoid() if "hard" in gate.lower() else nn.Sigmoid()


def _exact_case(gate):
    if gate not in ("sigmoid", "hardsigmoid"):
        raise ValueError(gate)
    return nn.Sigmoid() if gate == "sigmoid" else nn.Hardsigmoid()


def _asserted(gate):
    assert gate.lower() in ("sigmoid", "hardsigmoid")
    return nn.Sigmoid() if gate.lower() == "sigmoid" else nn.Hardsigmoid()


def _swapped(gate):
    _refuse(gate)
    return nn.Hardsigmoid() if gate.lower() == "sigmoid" else nn.Sigmoid()


def _default_hard(gate):
    _refuse(gate)
    return nn.Sigmoid() if gate.lower() == "sigmoid" else nn.Hardsigmoid()


def _late(u):
    raise ValueError("unknown gate")


GATES = {"sigmoid": nn.Sigmoid, "hardsigmoid": nn.Hardsigmoid}
EXERCISE.wrong("else_hard")(_choose(lambda g: nn.Sigmoid() if g.lower() == "sigmoid" else nn.Hardsigmoid()))
EXERCISE.wrong("original_bugs")(_choose(lambda g: nn.Sigmoid() if g == "sigmoid" else nn.Hardsigmoid()))
EXERCISE.wrong("else_soft")(_choose(lambda g: nn.Hardsigmoid() if g.lower() == "hardsigmoid" else nn.Sigmoid()))
EXERCISE.wrong("else_hard_by_start")(
    _choose(lambda g: nn.Hardsigmoid() if g.lower().startswith("hard") else GATES[g.lower()]())
)
EXERCISE.wrong("contained")(_choose(_contained))
EXERCISE.wrong("exact_case")(_choose(_exact_case))
EXERCISE.wrong("asserted")(_choose(_asserted))
EXERCISE.wrong("key_error")(_choose(lambda g: GATES[g.lower()]()))
EXERCISE.wrong("late")(_choose(lambda g: GATES[g.lower()]() if g.lower() in GATES else _Function(_late)))
EXERCISE.wrong("swapped")(_choose(_swapped))
EXERCISE.wrong("default_hard")(_choose(_default_hard, default="hardsigmoid"))
EXERCISE.wrong("class_not_called")(_choose(lambda g: _refuse(g) or GATES[g.lower()]))
EXERCISE.wrong("clipped")(_hard(lambda u: u.clamp(0, 1)))
EXERCISE.wrong("not_shifted")(_hard(lambda u: F.relu6(u) / 6))
EXERCISE.wrong("shifted_after")(_hard(lambda u: F.relu6(u) / 6 + 0.5))
EXERCISE.wrong("not_divided")(_hard(lambda u: F.relu6(u + 3)))
EXERCISE.wrong("steeper")(_hard(lambda u: (0.2 * u + 0.5).clamp(0, 1)))
EXERCISE.wrong("swish")(_hard(F.hardswish))
EXERCISE.wrong("step")(_hard(lambda u: (u > 0).to(u)))


@EXERCISE.wrong("no_floor")
class _NoFloor(SEGated):
    def __init__(self, channels, reduction=16, min_hidden=1, gate="sigmoid"):
        super().__init__(channels, reduction, min_hidden, gate)


@EXERCISE.accepted
class ByBranches(SEAvgMax):
    def __init__(self, channels, reduction=16, min_hidden=4, gate="sigmoid"):
        super().__init__(channels, reduction, min_hidden)
        self.name = gate.casefold()
        if self.name != "sigmoid" and self.name != "hardsigmoid":
            raise ValueError("no such gate")

    def gate(self, x):
        u = self.logits(self.squeeze(x))
        return u.sigmoid() if self.name == "sigmoid" else F.relu6(u + 3) / 6


@EXERCISE.accepted
class ByPieces(SEAvgMax):
    def __init__(self, channels, reduction=16, min_hidden=4, gate="sigmoid"):
        if gate.upper() not in ("SIGMOID", "HARDSIGMOID"):
            raise ValueError(gate)
        super().__init__(channels, reduction, min_hidden)
        if len(gate) > len("sigmoid"):
            self.gate_fn = _Function(lambda u: (u / 6 + 0.5).clamp(0, 1))
