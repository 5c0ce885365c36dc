"""better_se_step_by_step.safe: a floor under the hidden width that also holds where C // r is not 0."""

import math

from torch import nn

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.exercises.better_se_step_by_step.silu import SEBlock
from seattn_course.checks.probes import batteries
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class SESafe(SEBlock):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, max(min_hidden, channels // reduction))


def widths(generator):
    """Where the rules part: below, at and above the floor, no multiple, another floor, fewer channels than it."""

    def case(channels, *config, note=None, **kwargs):
        x = batteries.feature_map(generator, 2, channels, 3, 5)
        return Case((x,), config=(channels, *config), config_kwargs=kwargs, note=note)

    return [
        case(32, note="default"),
        case(80, note="default"),
        case(79, note="default"),
        case(3, note="few_channels"),
        case(23, 4, note="not_divisible"),
        case(21, 4, note="not_divisible"),
        case(6, 2),
        case(12, 2, 5),
        case(8, 4, min_hidden=1),
        case(6, reduction=4, min_hidden=7),
        case(3, 1),
        case(96, 4),
    ]


EXERCISE = Exercise(
    id="better_se_step_by_step.safe",
    kind="class",
    name="SESafe",
    reference=SESafe,
    probes=(Contract(batteries.small), Parameters(widths), Values(batteries.shapes)),
)


def _with(rule, floor=4):
    """A class that differs from the reference by how it computes the hidden width."""

    class Changed(SEBlock):
        def __init__(self, channels, reduction=16, min_hidden=floor):
            super().__init__(channels, rule(channels, reduction, min_hidden))

    return Changed


EXERCISE.wrong("only_zero")(_with(lambda c, r, floor: c // r or floor))
EXERCISE.wrong("smaller_taken")(_with(lambda c, r, floor: max(1, min(floor, c // r))))
EXERCISE.wrong("added")(_with(lambda c, r, floor: floor + c // r))
EXERCISE.wrong("floor_ignored")(_with(lambda c, r, floor: max(4, c // r)))
EXERCISE.wrong("floor_unused")(_with(lambda c, r, floor: max(1, c // r)))
EXERCISE.wrong("reduction_ignored")(_with(lambda c, r, floor: max(floor, c // 16)))
EXERCISE.wrong("floor_always")(_with(lambda c, r, floor: floor))
EXERCISE.wrong("by_channels_alone")(_with(lambda c, r, floor: floor if c < 64 else c // r))
EXERCISE.wrong("floor_of_one")(_with(lambda c, r, floor: max(floor, c // r), floor=1))
EXERCISE.wrong("on_the_channels")(_with(lambda c, r, floor: max(1, max(floor, c) // r)))
EXERCISE.wrong("on_the_reduction")(_with(lambda c, r, floor: max(1, c // max(floor, r))))
EXERCISE.wrong("never_wider")(_with(lambda c, r, floor: min(c, max(floor, c // r))))
EXERCISE.wrong("rounded_up")(_with(lambda c, r, floor: max(floor, math.ceil(c / r))))
EXERCISE.wrong("rounded")(_with(lambda c, r, floor: max(floor, round(c / r))))
EXERCISE.wrong("multiples_of_floor")(_with(lambda c, r, floor: math.ceil(c / r / floor) * floor))
EXERCISE.wrong("true_division")(_with(lambda c, r, floor: float(max(floor, c / r))))


@EXERCISE.wrong("silu_too")
class _SiLUToo(SESafe):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, reduction, min_hidden)
        self.act = nn.SiLU()


@EXERCISE.accepted
class WithABranch(SEBlock):
    def __init__(self, channels, reduction=16, min_hidden=4):
        hidden = channels // reduction
        if hidden < min_hidden:
            hidden = min_hidden
        super().__init__(channels, hidden)


@EXERCISE.accepted
class FromTheBeginning(nn.Module):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__()
        h = sorted([int(channels / reduction), min_hidden])[1]
        self.fc = nn.Sequential(nn.Linear(channels, h), nn.ReLU(), nn.Linear(h, channels), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(x.mean((2, 3))).reshape(*x.shape[:2], 1, 1)
