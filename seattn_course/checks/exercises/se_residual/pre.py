"""se_residual.pre: the pre-activation SE block (find the bug)."""

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.exercises.se_residual.post import SE, conv3x3, pointwise
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class SEResBlockPreAct(nn.Module):
    def __init__(self, cin, cout, stride=1, reduction=16):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.conv1 = conv3x3(cin, cout, stride)
        self.bn2 = nn.BatchNorm2d(cout)
        self.conv2 = conv3x3(cout, cout)
        self.act = nn.SiLU()
        self.se = SE(cout, reduction)
        self.proj = nn.Identity()
        if stride != 1 or cin != cout:
            self.proj = pointwise(cin, cout, stride)

    def plain(self, x):
        h = self.conv1(self.act(self.bn1(x)))
        return self.conv2(self.act(self.bn2(h)))

    def forward(self, x):
        return self.se(self.plain(x)) + self.proj(x)


def _one(generator):
    return [Case((feature_map(generator, 3, 5, 4, 6),), config=(5, 12, 2, 2), note="not_square")]


def _same(generator):
    return [Case((feature_map(generator, 3, 12, 4, 3),), config=(12, 12, 1, 2), note="not_square")]


def _cases(generator):
    return [
        *_same(generator),
        *_one(generator),
        Case((feature_map(generator, 2, 6, 5, 3),), config=(6, 6, 2)),
        Case((feature_map(generator, 2, 4, 5, 3),), config=(4, 6), note="default"),
    ]


def _wide(generator):
    return [Case((feature_map(generator, 2, 4, 1, 2),), config=(4, 135), note="default")]


EXERCISE = Exercise(
    id="se_residual.pre",
    kind="class",
    name="SEResBlockPreAct",
    reference=SEResBlockPreAct,
    equivalent_mutants={
        "`self.conv2 = conv3x3(cout, cout)` → `self.conv2 = conv3x3(cout, cout)`": (
            "channels in and out are the same number, so exchanging them changes nothing"
        ),
    },
    probes=(
        Contract(_one),
        Parameters(lambda generator: [*_cases(generator), *_wide(generator)]),
        Values(_cases, tolerance=(1e-3, 1e-4)),  # a norm over few values makes rounding larger
        InputLeftAlone(_same),
        Gradients(_cases),
    ),
)


def _changed(key, **makers):
    """Registers the reference with some parts exchanged, each made from (cin, cout, stride, reduction)."""

    class Exchanged(SEResBlockPreAct):
        def __init__(self, cin, cout, stride=1, reduction=16):
            super().__init__(cin, cout, stride, reduction)
            for name, make in makers.items():
                setattr(self, name, make(cin, cout, stride, reduction))

    Exchanged.__name__ = key
    EXERCISE.wrong(key)(Exchanged)


def _methods(key, **methods):
    """Registers the reference with another way through its parts."""
    EXERCISE.wrong(key)(type(key, (SEResBlockPreAct,), methods))


@EXERCISE.wrong("still_the_bug")
class _StillTheBug(SEResBlockPreAct):
    def forward(self, x):
        return self.act(self.se(self.plain(x) + self.proj(x)))


_methods("se_after_the_sum", forward=lambda self, x: self.se(self.plain(x) + self.proj(x)))
_methods("activation_after_the_sum", forward=lambda self, x: self.act(self.se(self.plain(x)) + self.proj(x)))
_methods("se_on_the_skip", forward=lambda self, x: self.plain(x) + self.se(self.proj(x)))
_methods("se_on_both", forward=lambda self, x: self.se(self.plain(x)) + self.se(self.proj(x)))
_methods("branch_activated", forward=lambda self, x: self.act(self.se(self.plain(x))) + self.proj(x))
_methods("pre_activated_skip", forward=lambda self, x: (
    self.se(self.plain(x)) + self.proj(self.act(self.bn1(x)))))  # fmt: skip
_methods("convolutions_first", plain=lambda self, x: self.bn2(
    self.conv2(self.act(self.bn1(self.conv1(x))))))  # fmt: skip
_methods("se_first", forward=lambda self, x: self.se(self.act(self.plain(x))) + self.proj(x))
_methods("no_skip", forward=lambda self, x: self.se(self.plain(x)))
_methods("se_unused", forward=lambda self, x: self.plain(x) + self.proj(x))
_methods("multiplied", forward=lambda self, x: self.se(self.plain(x)) * self.proj(x))
_methods("skip_activated", forward=lambda self, x: self.se(self.plain(x)) + self.act(self.proj(x)))
_methods("first_norm_unused", plain=lambda self, x: self.conv2(self.act(self.bn2(self.conv1(self.act(x))))))
_methods("second_norm_unused", plain=lambda self, x: self.conv2(self.act(self.conv1(self.act(self.bn1(x))))))
_methods("skip_detached", forward=lambda self, x: self.se(self.plain(x)) + self.proj(x).detach())
_methods("first_activation_missing", plain=lambda self, x: self.conv2(
    self.act(self.bn2(self.conv1(self.bn1(x))))))  # fmt: skip
_methods("second_activation_missing", plain=lambda self, x: self.conv2(
    self.bn2(self.conv1(self.act(self.bn1(x))))))  # fmt: skip
_methods("activation_before_norm", plain=lambda self, x: self.conv2(
    self.bn2(self.act(self.conv1(self.bn1(self.act(x)))))))  # fmt: skip
_methods("se_in_the_middle", forward=lambda self, x: self.conv2(
    self.se(self.act(self.bn2(self.conv1(self.act(self.bn1(x))))))) + self.proj(x))  # fmt: skip
_methods("projects_pre_activated", forward=lambda self, x: self.se(self.plain(x)) + (
    x if isinstance(self.proj, nn.Identity) else self.proj(self.act(self.bn1(x)))))  # fmt: skip
_changed("relu", act=lambda cin, cout, s, r: nn.ReLU())
_changed("first_norm_as_wide_as_the_output", bn1=lambda cin, cout, s, r: nn.BatchNorm2d(cout))
_changed("biased", conv2=lambda cin, cout, s, r: nn.Conv2d(cout, cout, 3, padding=1))
_changed("stride_in_the_second", conv1=lambda cin, cout, s, r: conv3x3(cin, cout),
         conv2=lambda cin, cout, s, r: conv3x3(cout, cout, s))  # fmt: skip
_changed("no_se", se=lambda cin, cout, s, r: nn.Identity())
_changed("reduction_ignored", se=lambda cin, cout, s, r: SE(cout))
_changed("never_projects", proj=lambda cin, cout, s, r: nn.Identity())
_changed("always_projects", proj=lambda cin, cout, s, r: pointwise(cin, cout, s))
_changed(
    "projection_with_norm",
    proj=lambda cin, cout, s, r: (
        nn.Identity() if (cin, s) == (cout, 1) else nn.Sequential(pointwise(cin, cout, s), nn.BatchNorm2d(cout))
    ),
)


@EXERCISE.wrong("post_activation")
class _PostActivation(SEResBlockPreAct):
    def __init__(self, cin, cout, stride=1, reduction=16):
        super().__init__(cin, cout, stride, reduction)
        self.bn1 = nn.BatchNorm2d(cout)

    def forward(self, x):
        h = self.bn2(self.conv2(self.act(self.bn1(self.conv1(x)))))
        return self.act(self.se(h) + self.proj(x))


@EXERCISE.wrong("in_place")
class _InPlace(SEResBlockPreAct):
    def forward(self, x):
        y = super().forward(x)
        with torch.no_grad():
            x.mul_(torch.sigmoid(x))
        return y


@EXERCISE.accepted
class OneSequential(nn.Module):
    def __init__(self, cin, cout, stride=1, reduction=16):
        super().__init__()
        self.f = nn.Sequential(
            nn.BatchNorm2d(cin), nn.SiLU(inplace=True), conv3x3(cin, cout, stride),
            nn.BatchNorm2d(cout), nn.SiLU(inplace=True), conv3x3(cout, cout), SE(cout, reduction),
        )  # fmt: skip
        if stride > 1 or cin != cout:
            self.proj = nn.Conv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x):
        return self.f(x) + (self.proj(x) if hasattr(self, "proj") else x)


@EXERCISE.accepted
class SlicedProjection(nn.Module):
    def __init__(self, cin, cout, stride=1, reduction=16):
        super().__init__()
        self.stride = stride
        self.norms = nn.ModuleList([nn.BatchNorm2d(cin), nn.BatchNorm2d(cout)])
        self.convs = nn.ModuleList([conv3x3(cin, cout, stride), conv3x3(cout, cout)])
        self.se = SE(cout, reduction)
        self.mix = None if (cin, stride) == (cout, 1) else nn.Linear(cin, cout, bias=False)

    def forward(self, x):
        h = x
        for norm, conv in zip(self.norms, self.convs):
            h = conv(F.silu(norm(h)))
        if self.mix is None:
            return x + self.se(h)
        places = x[:, :, :: self.stride, :: self.stride]
        return self.se(h) + self.mix(places.movedim(1, -1)).movedim(-1, 1)
