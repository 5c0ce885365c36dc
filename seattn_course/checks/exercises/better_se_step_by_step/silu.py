"""better_se_step_by_step.silu: the SE block with SiLU between its layers."""

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes import batteries
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class SEBlock(nn.Module):
    """The block that the exercises start from, as it stands in their notebook."""

    def __init__(self, channels, hidden):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, hidden, kernel_size=1)
        self.act = nn.ReLU()
        self.fc2 = nn.Conv2d(hidden, channels, kernel_size=1)
        self.gate_fn = nn.Sigmoid()

    def squeeze(self, x):
        return x.mean(dim=(2, 3), keepdim=True)  # (N, C, 1, 1)

    def logits(self, z):
        return self.fc2(self.act(self.fc1(z)))  # (N, C, 1, 1)

    def gate(self, x):
        return self.gate_fn(self.logits(self.squeeze(x)))  # (N, C, 1, 1)

    def forward(self, x):
        return x * self.gate(x)


class SEv2(SEBlock):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, max(1, channels // reduction))
        self.act = nn.SiLU()


EXERCISE = Exercise(
    id="better_se_step_by_step.silu",
    kind="class",
    name="SEv2",
    reference=SEv2,
    probes=(
        Contract(batteries.small),
        Parameters(batteries.constructors),
        Values(batteries.shapes),
        InputLeftAlone(batteries.small),
        Gradients(batteries.small),
    ),
)


class _Act(nn.Module):
    """An activation made of a function."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, v):
        return self.function(v)


def _with(act):
    """A class that differs from the reference by its activation."""

    class Changed(SEv2):
        def __init__(self, channels, reduction=16):
            super().__init__(channels, reduction)
            self.act = act()

    return Changed


EXERCISE.wrong("relu_kept")(_with(nn.ReLU))
EXERCISE.wrong("sigmoid")(_with(nn.Sigmoid))
EXERCISE.wrong("gelu")(_with(nn.GELU))
EXERCISE.wrong("leaky")(_with(nn.LeakyReLU))
EXERCISE.wrong("hard_swish")(_with(nn.Hardswish))
EXERCISE.wrong("minus_inside")(_with(lambda: _Act(lambda v: v * torch.sigmoid(-v))))
EXERCISE.wrong("learned_slope")(_with(nn.PReLU))
EXERCISE.wrong("factor_detached")(_with(lambda: _Act(lambda v: v * torch.sigmoid(v).detach())))
EXERCISE.wrong("relu_after")(_with(lambda: nn.Sequential(nn.SiLU(), nn.ReLU())))


@EXERCISE.wrong("on_the_gate")
class _OnTheGate(SEv2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.act, self.gate_fn = nn.ReLU(), nn.SiLU()


@EXERCISE.wrong("everywhere")
class _Everywhere(SEv2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.gate_fn = nn.SiLU()


@EXERCISE.wrong("on_the_squeeze")
class _OnTheSqueeze(SEv2):
    def squeeze(self, x):
        return F.silu(super().squeeze(x))


@EXERCISE.wrong("before_fc1_only")
class _BeforeFc1Only(SEv2):
    def logits(self, z):
        return self.fc2(self.fc1(F.silu(z)))


@EXERCISE.wrong("with_floor")
class _WithFloor(SEBlock):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, max(4, channels // reduction))
        self.act = nn.SiLU()


@EXERCISE.wrong("unguarded")
class _Unguarded(SEBlock):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, channels // reduction)
        self.act = nn.SiLU()


@EXERCISE.wrong("reduction_ignored")
class _ReductionIgnored(SEBlock):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, max(1, channels // 16))
        self.act = nn.SiLU()


@EXERCISE.wrong("reduction_as_hidden")
class _ReductionAsHidden(SEBlock):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.act = nn.SiLU()


@EXERCISE.wrong("not_returned")
class _NotReturned(SEv2):
    def forward(self, x):
        super().forward(x)


@EXERCISE.wrong("in_place")
class _InPlace(SEv2):
    def forward(self, x):
        return x.mul_(self.gate(x))


@EXERCISE.accepted
class ByTheFormula(SEBlock):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, channels // reduction or 1)

    def logits(self, z):
        v = self.fc1(z)
        return self.fc2(v / (1 + torch.exp(-v)))


@EXERCISE.accepted
class InPlaceActivation(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.mlp = nn.Sequential(nn.Linear(channels, hidden), nn.SiLU(inplace=True), nn.Linear(hidden, channels))

    def forward(self, x):
        return x * torch.sigmoid(self.mlp(x.mean((2, 3))))[:, :, None, None]


@EXERCISE.accepted
class ByTanh(SEv2):
    def logits(self, z):
        v = self.fc1(z)
        return self.fc2(0.5 * v * (1 + torch.tanh(v / 2)))
