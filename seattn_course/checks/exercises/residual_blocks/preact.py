"""residual_blocks.preact: the pre-activation block, with the projection of ResNet v2."""

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


def conv3x3(cin, cout, stride=1):
    return nn.Conv2d(cin, cout, kernel_size=3, stride=stride, padding=1, bias=False)


class PreActBlock(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.conv1 = conv3x3(cin, cout, stride)
        self.bn2 = nn.BatchNorm2d(cout)
        self.conv2 = conv3x3(cout, cout)
        self.act = nn.ReLU()
        self.proj = None
        if stride != 1 or cin != cout:
            self.proj = nn.Conv2d(cin, cout, kernel_size=1, stride=stride, bias=False)

    def project(self, x, h):
        return x if self.proj is None else self.proj(h)

    def forward(self, x):
        h = self.act(self.bn1(x))
        skip = self.project(x, h)
        h = self.conv1(h)
        h = self.conv2(self.act(self.bn2(h)))
        return skip + h


def _one(generator):
    return [Case((feature_map(generator, 3, 5, 4, 6),), config=(5, 7, 2), note="not_square")]


def _same(generator):
    return [Case((feature_map(generator, 3, 5, 4, 6),), config=(5, 5), note="not_square")]


def _cases(generator):
    return [
        *_same(generator),
        *_one(generator),
        Case((feature_map(generator, 2, 4, 5, 3),), config=(4, 4, 2)),
        Case((feature_map(generator, 3, 4, 8, 7),), config=(4, 4, 3)),  # stride == 2 is no rule
        Case((feature_map(generator, 2, 4, 5, 3),), config=(4, 6), note="not_square"),
        Case((feature_map(generator, 2, 6, 5, 3),), config=(6, 4), note="not_square"),
    ]


EXERCISE = Exercise(
    id="residual_blocks.preact",
    kind="class",
    name="PreActBlock",
    reference=PreActBlock,
    equivalent_mutants={
        "`self.conv2 = conv3x3(cout, cout)` → `self.conv2 = conv3x3(cout, cout)`": (
            "channels in and out are the same number, so exchanging them changes nothing"
        ),
    },
    probes=(
        Contract(_one),
        Parameters(_cases),
        Values(_cases),
        Evaluated(_same),
        InputLeftAlone(_same),
        Gradients(_cases),
    ),
)


def _changed(key, **makers):
    """Registers the reference with some parts exchanged, each made from (cin, cout, stride)."""

    class Exchanged(PreActBlock):
        def __init__(self, cin, cout, stride=1):
            super().__init__(cin, cout, stride)
            for name, make in makers.items():
                setattr(self, name, make(cin, cout, stride))

    Exchanged.__name__ = key
    EXERCISE.wrong(key)(Exchanged)


def _methods(key, **methods):
    """Registers the reference with another way through its parts."""
    EXERCISE.wrong(key)(type(key, (PreActBlock,), methods))


def _pointwise(cin, cout, stride):
    return nn.Conv2d(cin, cout, 1, stride=stride, bias=False)


_changed(
    "statistics_not_kept",
    bn1=lambda cin, cout, s: nn.BatchNorm2d(cin, track_running_stats=False),
    bn2=lambda cin, cout, s: nn.BatchNorm2d(cout, track_running_stats=False),
)
_changed("silu", act=lambda cin, cout, s: nn.SiLU())
_changed("biased", conv1=lambda cin, cout, s: nn.Conv2d(cin, cout, 3, stride=s, padding=1))
_changed("stride_in_the_second", conv1=lambda cin, cout, s: conv3x3(cin, cout),
         conv2=lambda cin, cout, s: conv3x3(cout, cout, s))  # fmt: skip
_changed("first_norm_as_wide_as_the_output", bn1=lambda cin, cout, s: nn.BatchNorm2d(cout))
_changed("always_projects", proj=_pointwise)
_changed("never_projects", proj=lambda cin, cout, s: None)
_changed("projects_for_channels_only", proj=lambda cin, cout, s: _pointwise(cin, cout, s) if cin != cout else None)
_changed(
    "projects_for_stride_two",
    proj=lambda cin, cout, s: _pointwise(cin, cout, s) if s == 2 or cin != cout else None,
)
_changed(
    "projects_when_growing", proj=lambda cin, cout, s: _pointwise(cin, cout, s) if s != 1 or cout > cin else None
)
_changed(
    "projection_with_norm",
    proj=lambda cin, cout, s: (
        None if (cin, s) == (cout, 1) else nn.Sequential(_pointwise(cin, cout, s), nn.BatchNorm2d(cout))
    ),
)
_methods("projects_x", project=lambda self, x, h: x if self.proj is None else self.proj(x))
_methods("skip_activated", project=lambda self, x, h: h if self.proj is None else self.proj(h))
_methods("no_skip", project=lambda self, x, h: 0.0)
_methods("relu_after_sum", forward=lambda self, x: self.act(PreActBlock.forward(self, x)))
_methods("skip_detached", project=lambda self, x, h: x.detach() if self.proj is None else self.proj(h))


def _through(key, steps):
    """Registers another order inside the branch: ``steps(block, x)`` returns h and the branch's result."""

    def forward(self, x):
        h, branch = steps(self, x)
        return self.project(x, h) + branch

    _methods(key, forward=forward)


def _first_relu_missing(b, x):
    h = b.bn1(x)
    return h, b.conv2(b.act(b.bn2(b.conv1(h))))


def _second_relu_missing(b, x):
    h = b.act(b.bn1(x))
    return h, b.conv2(b.bn2(b.conv1(h)))


def _relu_before_norm(b, x):
    h = b.bn1(b.act(x))
    return h, b.conv2(b.bn2(b.act(b.conv1(h))))


def _projects_before_relu(b, x):
    h = b.bn1(x)
    return h, b.conv2(b.act(b.bn2(b.conv1(b.act(h)))))


def _relu_at_the_end(b, x):
    h = b.act(b.bn1(x))
    return h, b.act(b.conv2(b.act(b.bn2(b.conv1(h)))))


_through("first_relu_missing", _first_relu_missing)
_through("second_relu_missing", _second_relu_missing)
_through("relu_before_norm", _relu_before_norm)
_through("projects_before_relu", _projects_before_relu)
_through("relu_at_the_end_of_the_branch", _relu_at_the_end)


@EXERCISE.wrong("post_activation")
class _PostActivation(PreActBlock):
    def __init__(self, cin, cout, stride=1):
        super().__init__(cin, cout, stride)
        self.bn1 = nn.BatchNorm2d(cout)

    def forward(self, x):
        h = self.bn2(self.conv2(self.act(self.bn1(self.conv1(x)))))
        return self.act(self.project(x, x) + h)


@EXERCISE.wrong("second_norm_missing")
class _SecondNormMissing(PreActBlock):
    def __init__(self, cin, cout, stride=1):
        super().__init__(cin, cout, stride)
        self.bn2 = nn.Identity()


@EXERCISE.wrong("in_place")
class _InPlace(PreActBlock):
    def forward(self, x):
        y = super().forward(x)
        with torch.no_grad():
            x.relu_()
        return y


@EXERCISE.accepted
class TwoSequentials(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.enter = nn.Sequential(nn.BatchNorm2d(cin), nn.ReLU(inplace=True))
        self.rest = nn.Sequential(
            conv3x3(cin, cout, stride), nn.BatchNorm2d(cout), nn.ReLU(inplace=True), conv3x3(cout, cout)
        )
        if stride > 1 or cin != cout:
            self.proj = nn.Conv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x):
        h = self.enter(x)
        return self.rest(h) + (self.proj(h) if hasattr(self, "proj") else x)


@EXERCISE.accepted
class SlicedProjection(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.stride = stride
        self.norms = nn.ModuleList([nn.BatchNorm2d(cin), nn.BatchNorm2d(cout)])
        self.convs = nn.ModuleList([conv3x3(cin, cout, stride), conv3x3(cout, cout)])
        self.fits = cin == cout and stride == 1
        if not self.fits:
            self.mix = nn.Linear(cin, cout, bias=False)

    def forward(self, x):
        h = F.relu(self.norms[0](x))
        y = self.convs[1](F.relu(self.norms[1](self.convs[0](h))))
        if self.fits:
            return x + y
        places = h[:, :, :: self.stride, :: self.stride]
        return y + self.mix(places.movedim(1, -1)).movedim(-1, 1)
