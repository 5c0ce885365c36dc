"""se_in_networks.conv_se: a convolution block whose output channels are gated by SE."""

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.attention import ConvSEBlock as CoursesOwn
from seattn_course.attention import SEBlock, SEBlockLinear
from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.base import Finding, Probe, finding
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Evaluated, Values


class ConvSEBlock(nn.Module):
    def __init__(self, cin, cout, reduction=16):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel_size=3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.act = nn.ReLU()
        self.se = SEBlock(cout, reduction)

    def forward(self, x):
        return self.se(self.act(self.bn(self.conv(x))))  # (N, cin, H, W) -> (N, cout, H, W)


def _one(generator):
    return [Case((feature_map(generator, 3, 5, 4, 6),), config=(5, 12, 2), note="not_square")]


def _constructors(generator):
    return [
        *_one(generator),
        Case((feature_map(generator, 2, 7, 3, 4),), config=(7, 11), config_kwargs={"reduction": 4}),
        Case((feature_map(generator, 2, 4, 3, 4),), config=(4, 240), note="default"),
    ]


def _cases(generator):
    return [
        *_one(generator),
        Case((feature_map(generator, 2, 6, 5, 3),), config=(6, 6, 2), note="not_square"),
        Case((feature_map(generator, 4, 12, 4, 12),), config=(12, 3), note="few_channels"),
    ]


class OwnBlock(Probe):
    """The parts may come from the course; the block itself may not."""

    name = "own_block"

    def observe(self, bench: Bench) -> list[Any]:
        subject = bench.subject
        return ["course" if isinstance(subject, type) and issubclass(subject, CoursesOwn) else "own"]

    def judge(self, bench: Bench, expected: list[Any], found: list[Any]) -> Finding | None:
        return finding("contract.course", name=bench.name) if found[0] == "course" else None


EXERCISE = Exercise(
    id="se_in_networks.conv_se",
    kind="class",
    name="ConvSEBlock",
    reference=ConvSEBlock,
    may_use_course=True,
    probes=(
        OwnBlock(),
        Contract(_one),
        Parameters(_constructors),
        Values(_cases),
        Evaluated(_cases),
        Gradients(_one),
    ),
)
EXERCISE.wrong("courses_own")(CoursesOwn)


def _changed(key, **makers):
    """Registers the reference with some parts exchanged, each made from (cin, cout, reduction)."""

    class Exchanged(ConvSEBlock):
        def __init__(self, cin, cout, reduction=16):
            super().__init__(cin, cout, reduction)
            for name, make in makers.items():
                setattr(self, name, make(cin, cout, reduction))

    Exchanged.__name__ = key
    EXERCISE.wrong(key)(Exchanged)


_changed("gates_the_input", se=lambda cin, cout, r: SEBlock(cin, r))
_changed("biased", conv=lambda cin, cout, r: nn.Conv2d(cin, cout, 3, padding=1))
_changed("unpadded", conv=lambda cin, cout, r: nn.Conv2d(cin, cout, 3, bias=False))
_changed("pointwise", conv=lambda cin, cout, r: nn.Conv2d(cin, cout, 1, bias=False))
_changed("strided", conv=lambda cin, cout, r: nn.Conv2d(cin, cout, 3, stride=2, padding=1, bias=False))
_changed("without_norm", bn=lambda cin, cout, r: nn.Identity())
_changed("without_relu", act=lambda cin, cout, r: nn.Identity())
_changed("silu", act=lambda cin, cout, r: nn.SiLU())
_changed("without_se", se=lambda cin, cout, r: nn.Identity())
_changed("without_biases", se=lambda cin, cout, r: SEBlockLinear(cout, r))
_changed("reduction_ignored", se=lambda cin, cout, r: SEBlock(cout))
_changed("reduction_as_width", se=lambda cin, cout, r: SEBlock(cout, hidden=r))
_changed("statistics_not_kept", bn=lambda cin, cout, r: nn.BatchNorm2d(cout, track_running_stats=False))


@EXERCISE.wrong("se_first")
class _SEFirst(ConvSEBlock):
    def __init__(self, cin, cout, reduction=16):
        super().__init__(cin, cout, reduction)
        self.se = SEBlock(cin, reduction)

    def forward(self, x):
        return self.act(self.bn(self.conv(self.se(x))))


@EXERCISE.wrong("se_before_norm")
class _SEBeforeNorm(ConvSEBlock):
    def forward(self, x):
        return self.act(self.bn(self.se(self.conv(x))))


@EXERCISE.wrong("se_before_relu")
class _SEBeforeReLU(ConvSEBlock):
    def forward(self, x):
        return self.act(self.se(self.bn(self.conv(x))))


@EXERCISE.wrong("relu_before_norm")
class _ReLUBeforeNorm(ConvSEBlock):
    def forward(self, x):
        return self.se(self.bn(self.act(self.conv(x))))


@EXERCISE.wrong("se_twice")
class _SETwice(ConvSEBlock):
    def forward(self, x):
        return self.se(super().forward(x))


@EXERCISE.wrong("gate_returned")
class _GateReturned(ConvSEBlock):
    def forward(self, x):
        return self.se.gate(self.act(self.bn(self.conv(x))))


@EXERCISE.wrong("se_forgotten")
class _SEForgotten(ConvSEBlock):
    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


@EXERCISE.wrong("input_added")
class _InputAdded(ConvSEBlock):
    def forward(self, x):
        y = super().forward(x)
        return y + x if x.shape == y.shape else y


@EXERCISE.wrong("se_added")
class _SEAdded(ConvSEBlock):
    def forward(self, x):
        v = self.act(self.bn(self.conv(x)))
        return v + self.se(v)


@EXERCISE.wrong("default_reduction")
class _DefaultReduction(ConvSEBlock):
    def __init__(self, cin, cout, reduction=8):
        super().__init__(cin, cout, reduction)


@EXERCISE.wrong("gate_detached")
class _GateDetached(ConvSEBlock):
    def forward(self, x):
        v = self.act(self.bn(self.conv(x)))
        return v * self.se.gate(v.detach())


@EXERCISE.accepted
class OneSequential(nn.Sequential):
    def __init__(self, cin, cout, reduction=16):
        super().__init__(
            nn.Conv2d(cin, cout, 3, 1, 1, bias=False),
            nn.BatchNorm2d(cout),
            nn.ReLU(inplace=True),
            SEBlock(cout, reduction),
        )


@EXERCISE.accepted
class OwnGate(nn.Module):
    def __init__(self, cin, cout, reduction=16):
        super().__init__()
        hidden = max(1, cout // reduction)
        self.conv = nn.Conv2d(cin, cout, (3, 3), padding="same", bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.fc = nn.Sequential(nn.Linear(cout, hidden), nn.ReLU(), nn.Linear(hidden, cout), nn.Sigmoid())

    def forward(self, x):
        v = F.relu(self.bn(self.conv(x)))
        return v * self.fc(v.mean((2, 3)))[..., None, None]


@EXERCISE.accepted
class SEDefinedFirst(nn.Module):
    def __init__(self, cin, cout, reduction=16):
        super().__init__()
        self.se = SEBlock(cout, reduction)
        self.bn = nn.BatchNorm2d(cout)
        self.conv = nn.Conv2d(cin, cout, 3, padding=1, bias=False)

    def forward(self, x):
        return self.se(torch.relu(self.bn(self.conv(x))))
