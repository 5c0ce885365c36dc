"""residual_blocks.basic: the basic residual block where neither channels nor size change."""

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Evaluated, Values


class BasicBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.act = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def branch(self, x):
        return self.bn2(self.conv2(self.act(self.bn1(self.conv1(x)))))

    def forward(self, x):
        return self.act(x + self.branch(x))


def _one(generator):
    return [Case((feature_map(generator, 3, 5, 4, 6),), config=(5,), note="not_square")]


def _sizes(generator):
    return [*_one(generator), Case((feature_map(generator, 2, 8, 3, 4),), config=(8,))]


EXERCISE = Exercise(
    id="residual_blocks.basic",
    kind="class",
    name="BasicBlock",
    reference=BasicBlock,
    equivalent_mutants={
        f"`{line}` → `{line}`": "channels in and out are the same number, so exchanging them changes nothing"
        for line in (
            f"self.conv{number} = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)"
            for number in (1, 2)
        )
    },
    probes=(
        Contract(_one),
        Parameters(_sizes),
        Values(_sizes),
        Evaluated(_one),
        InputLeftAlone(_one),
        Gradients(_one),
    ),
)


def _changed(key, **makers):
    """Registers the reference with some parts exchanged, each made from the number of channels."""

    class Exchanged(BasicBlock):
        def __init__(self, channels):
            super().__init__(channels)
            for name, make in makers.items():
                setattr(self, name, make(channels))

    Exchanged.__name__ = key
    EXERCISE.wrong(key)(Exchanged)


def _forward(key, forward):
    """Registers the reference with another way through its parts."""
    EXERCISE.wrong(key)(type(key, (BasicBlock,), {"forward": forward}))


_changed("biased", conv1=lambda C: nn.Conv2d(C, C, 3, padding=1), conv2=lambda C: nn.Conv2d(C, C, 3, padding=1))
_changed(
    "pointwise", conv1=lambda C: nn.Conv2d(C, C, 1, bias=False), conv2=lambda C: nn.Conv2d(C, C, 1, bias=False)
)
_changed("unpadded", conv1=lambda C: nn.Conv2d(C, C, 3, bias=False))
_changed("strided", conv1=lambda C: nn.Conv2d(C, C, 3, stride=2, padding=1, bias=False))
_changed("second_norm_missing", bn2=lambda C: nn.Identity())
_changed(
    "statistics_not_kept",
    bn1=lambda C: nn.BatchNorm2d(C, track_running_stats=False),
    bn2=lambda C: nn.BatchNorm2d(C, track_running_stats=False),
)
_changed("silu", act=lambda C: nn.SiLU())
_forward("no_skip", lambda self, x: self.act(self.branch(x)))
_forward("no_last_relu", lambda self, x: x + self.branch(x))
_forward("relu_before_sum", lambda self, x: x + self.act(self.branch(x)))
_forward("relu_twice", lambda self, x: self.act(x + self.act(self.branch(x))))
_forward("skip_activated", lambda self, x: self.act(self.act(x) + self.branch(x)))
_forward("multiplied", lambda self, x: self.act(x * self.branch(x)))
_forward("averaged", lambda self, x: self.act((x + self.branch(x)) / 2))
_forward("subtracted", lambda self, x: self.act(x - self.branch(x)))
_forward("doubled_skip", lambda self, x: self.act(2 * x + self.branch(x)))
_forward("skip_detached", lambda self, x: self.act(x.detach() + self.branch(x)))
_forward("branch_only_relu", lambda self, x: self.act(x) + self.branch(x))
_forward("middle_relu_missing", lambda self, x: self.act(x + self.bn2(self.conv2(self.bn1(self.conv1(x))))))
_forward(
    "norm_after_sum",
    lambda self, x: self.act(self.bn2(x + self.conv2(self.act(self.bn1(self.conv1(x)))))),
)
_forward(
    "preactivated",
    lambda self, x: x + self.conv2(self.act(self.bn2(self.conv1(self.act(self.bn1(x)))))),
)
_forward(
    "skip_from_the_middle",
    lambda self, x: self.act((h := self.act(self.bn1(self.conv1(x)))) + self.bn2(self.conv2(h))),
)


@EXERCISE.wrong("in_place")
class _InPlace(BasicBlock):
    def forward(self, x):
        h = self.branch(x)
        with torch.no_grad():
            x += h
        return self.act(x + (h - h.detach()))


@EXERCISE.wrong("one_norm_for_both")
class _OneNormForBoth(BasicBlock):
    def __init__(self, channels):
        super().__init__(channels)
        self.bn2 = self.bn1


@EXERCISE.wrong("one_convolution")
class _OneConvolution(BasicBlock):
    def __init__(self, channels):
        super().__init__(channels)
        del self.conv2, self.bn2

    def branch(self, x):
        return self.bn1(self.conv1(x))


@EXERCISE.wrong("projects")
class _Projects(BasicBlock):
    def __init__(self, channels):
        super().__init__(channels)
        self.proj = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        return self.act(self.proj(x) + self.branch(x))


@EXERCISE.accepted
class OneSequential(nn.Module):
    def __init__(self, channels):
        super().__init__()
        first, second = (nn.Conv2d(channels, channels, 3, 1, 1, bias=False) for _ in range(2))
        norms = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.f = nn.Sequential(first, norms[0], nn.ReLU(inplace=True), second, norms[1])

    def forward(self, x):
        return F.relu(self.f(x) + x)


@EXERCISE.accepted
class NormsFirst(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(2))
        self.convs = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding="same", bias=False) for _ in range(2))

    def forward(self, x):
        h = self.norms[0](self.convs[0](x)).clamp(min=0)
        h = self.norms[1](self.convs[1](h))
        return torch.relu(torch.add(h, x))
