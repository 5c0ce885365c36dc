"""better_se_step_by_step.avg_max: mean and maximum, added before the layers."""

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.exercises.better_se_step_by_step.safe import widths
from seattn_course.checks.exercises.better_se_step_by_step.silu import SEBlock
from seattn_course.checks.probes import batteries
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.semantics import SamplesApart
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class SEAvgMax(SEBlock):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, max(min_hidden, channels // reduction))
        self.act = nn.SiLU()

    def squeeze(self, x):
        return x.mean(dim=(2, 3), keepdim=True) + x.amax(dim=(2, 3), keepdim=True)  # (N, C, 1, 1)


EXERCISE = Exercise(
    id="better_se_step_by_step.avg_max",
    kind="class",
    name="SEAvgMax",
    reference=SEAvgMax,
    probes=(
        Contract(batteries.small),
        Parameters(widths),
        SamplesApart(batteries.small),
        Values(batteries.shapes),
        InputLeftAlone(batteries.small),
        Gradients(batteries.small),
    ),
)


def _mean(x):
    return x.mean(dim=(2, 3), keepdim=True)


def _largest(x):
    return x.amax(dim=(2, 3), keepdim=True)


def _with(squeeze):
    """A class that differs from the reference by its squeeze."""

    class Changed(SEAvgMax):
        def squeeze(self, x):
            return squeeze(x)

    return Changed


EXERCISE.wrong("only_mean")(_with(_mean))
EXERCISE.wrong("only_maximum")(_with(_largest))
EXERCISE.wrong("averaged")(_with(lambda x: (_mean(x) + _largest(x)) / 2))
EXERCISE.wrong("product")(_with(lambda x: _mean(x) * _largest(x)))
EXERCISE.wrong("minimum")(_with(lambda x: _mean(x) + x.amin(dim=(2, 3), keepdim=True)))
EXERCISE.wrong("absolute")(_with(lambda x: _mean(x) + _largest(x.abs())))
EXERCISE.wrong("row_maximum")(_with(lambda x: _mean(x) + x.amax(dim=3, keepdim=True).mean(dim=2, keepdim=True)))
EXERCISE.wrong("over_channels")(_with(lambda x: _mean(x) + x.amax(dim=(1, 2, 3), keepdim=True)))
EXERCISE.wrong("over_batch")(_with(lambda x: _mean(x) + x.amax(dim=(0, 2, 3), keepdim=True)))
EXERCISE.wrong("places")(_with(lambda x: _mean(x) + x.flatten(2).argmax(dim=2)[:, :, None, None]))
EXERCISE.wrong("pair")(_with(lambda x: _mean(x) + x.flatten(2).max(dim=2)))
EXERCISE.wrong("summed_not_averaged")(_with(lambda x: x.sum(dim=(2, 3), keepdim=True) + _largest(x)))
EXERCISE.wrong("axes_lost")(_with(lambda x: _mean(x) + x.amax(dim=(2, 3))))
EXERCISE.wrong("both_axes_lost")(_with(lambda x: x.mean(dim=(2, 3)) + x.amax(dim=(2, 3))))
EXERCISE.wrong("maximum_detached")(_with(lambda x: _mean(x) + _largest(x).detach()))


@EXERCISE.wrong("added_after")
class _AddedAfter(SEAvgMax):
    def gate(self, x):
        return self.gate_fn(self.logits(_mean(x)) + self.logits(_largest(x)))


@EXERCISE.wrong("relu_kept")
class _ReLUKept(SEAvgMax):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, reduction, min_hidden)
        self.act = nn.ReLU()


@EXERCISE.wrong("no_floor")
class _NoFloor(SEAvgMax):
    def __init__(self, channels, reduction=16, min_hidden=1):
        super().__init__(channels, reduction, min_hidden)


@EXERCISE.wrong("floor_unused")
class _FloorUnused(SEAvgMax):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, reduction, 1)


@EXERCISE.wrong("reduction_ignored")
class _ReductionIgnored(SEAvgMax):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, 16, min_hidden)


@EXERCISE.wrong("side_by_side")
class _SideBySide(SEAvgMax):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, reduction, min_hidden)
        self.fc1 = nn.Conv2d(2 * channels, max(min_hidden, channels // reduction), kernel_size=1)

    def squeeze(self, x):
        return torch.cat([_mean(x), _largest(x)], dim=1)


@EXERCISE.wrong("in_place")
class _InPlace(SEAvgMax):
    def forward(self, x):
        x *= self.gate(x)
        return x


@EXERCISE.accepted
class PoolingLayers(SEAvgMax):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, reduction, min_hidden)
        self.avg, self.mx = nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)

    def squeeze(self, x):
        return self.mx(x) + self.avg(x)


@EXERCISE.accepted
class FlattenedLinear(nn.Module):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__()
        h = max(channels // reduction, min_hidden)
        self.down, self.up = nn.Linear(channels, h), nn.Linear(h, channels)

    def forward(self, x):
        places = x.flatten(2)  # (N, C, H·W)
        z = places.max(dim=2).values + places.mean(dim=2)
        return torch.sigmoid(self.up(F.silu(self.down(z))))[..., None, None] * x
