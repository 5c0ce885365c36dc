"""residual_blocks.projection: what x goes through on its way to the sum (find the bug)."""

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Evaluated, Values


class Skip(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        if stride == 1 and cin == cout:
            self.proj = nn.Identity()
        else:
            conv = nn.Conv2d(cin, cout, kernel_size=1, stride=stride, bias=False)
            self.proj = nn.Sequential(conv, nn.BatchNorm2d(cout))

    def forward(self, x):
        return self.proj(x)


def _one(generator):
    return [Case((feature_map(generator, 3, 5, 6, 4),), config=(5, 7, 2), note="not_square")]


def _cases(generator):
    return [
        Case((feature_map(generator, 3, 5, 6, 4),), config=(5, 5), note="not_square"),
        Case((feature_map(generator, 3, 5, 6, 4),), config=(5, 7), note="not_square"),
        Case((feature_map(generator, 3, 5, 6, 4),), config=(5, 5, 2)),
        *_one(generator),
        Case((feature_map(generator, 2, 4, 7, 5),), config=(4, 6, 3), note="not_square"),
        Case((feature_map(generator, 2, 4, 7, 5),), config=(4, 4, 3), note="not_square"),  # stride == 2 is no rule
        Case((feature_map(generator, 3, 1, 3, 5),), config=(1, 4)),
        Case((feature_map(generator, 2, 6, 3, 5),), config=(6, 4), note="not_square"),
    ]


EXERCISE = Exercise(
    id="residual_blocks.projection",
    kind="class",
    name="Skip",
    reference=Skip,
    probes=(Contract(_one), Parameters(_cases), Values(_cases), Evaluated(_cases), Gradients(_one)),
)


def _projects_if(key, needed):
    """Registers a block that projects where ``needed(cin, cout, stride)``, and is the identity elsewhere."""

    class Answer(Skip):
        def __init__(self, cin, cout, stride=1):
            super().__init__(cin, cout, stride)
            conv = nn.Conv2d(cin, cout, kernel_size=1, stride=stride, bias=False)
            projection = nn.Sequential(conv, nn.BatchNorm2d(cout))
            self.proj = projection if needed(cin, cout, stride) else nn.Identity()

    Answer.__name__ = key
    EXERCISE.wrong(key)(Answer)


def _projection(key, make):
    """Registers a block with the right rule and another projection, ``make(cin, cout, stride)``."""

    class Answer(Skip):
        def __init__(self, cin, cout, stride=1):
            super().__init__(cin, cout, stride)
            if stride != 1 or cin != cout:
                self.proj = make(cin, cout, stride)

    Answer.__name__ = key
    EXERCISE.wrong(key)(Answer)


def _conv(cin, cout, stride, k=1, **options):
    return nn.Conv2d(cin, cout, kernel_size=k, **({"stride": stride, "bias": False} | options))


_projects_if("channels_only", lambda cin, cout, stride: cin != cout)
_projects_if("stride_only", lambda cin, cout, stride: stride != 1)
_projects_if("both_needed", lambda cin, cout, stride: stride != 1 and cin != cout)
_projects_if("stride_two_only", lambda cin, cout, stride: stride == 2 or cin != cout)
_projects_if("always", lambda cin, cout, stride: True)
_projects_if("never", lambda cin, cout, stride: False)
_projects_if("only_when_growing", lambda cin, cout, stride: stride != 1 or cout > cin)
_projection("without_norm", lambda cin, cout, s: _conv(cin, cout, s))
_projection("biased", lambda cin, cout, s: nn.Sequential(_conv(cin, cout, s, bias=True), nn.BatchNorm2d(cout)))
_projection(
    "three_by_three", lambda cin, cout, s: nn.Sequential(_conv(cin, cout, s, 3, padding=1), nn.BatchNorm2d(cout))
)
_projection("stride_forgotten", lambda cin, cout, s: nn.Sequential(_conv(cin, cout, 1), nn.BatchNorm2d(cout)))
_projection("always_two", lambda cin, cout, s: nn.Sequential(_conv(cin, cout, 2), nn.BatchNorm2d(cout)))
_projection(
    "norm_as_wide_as_the_input", lambda cin, cout, s: nn.Sequential(_conv(cin, cout, s), nn.BatchNorm2d(cin))
)
_projection("padded", lambda cin, cout, s: nn.Sequential(_conv(cin, cout, s, padding=1), nn.BatchNorm2d(cout)))
_projection("norm_first", lambda cin, cout, s: nn.Sequential(nn.BatchNorm2d(cin), _conv(cin, cout, s)))
_projection("activated", lambda cin, cout, s: nn.Sequential(_conv(cin, cout, s), nn.BatchNorm2d(cout), nn.ReLU()))
_projection(
    "averaged_first",
    lambda cin, cout, s: nn.Sequential(nn.AvgPool2d(s, ceil_mode=True), _conv(cin, cout, 1), nn.BatchNorm2d(cout)),
)
_projection(
    "statistics_not_kept",
    lambda cin, cout, s: nn.Sequential(_conv(cin, cout, s), nn.BatchNorm2d(cout, track_running_stats=False)),
)


class _Zeros(nn.Module):
    """Option A of the paper: every stride-th place, zeros for the new channels."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.more, self.stride = cout - cin, stride

    def forward(self, x):
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.more))


_projection("zeros_for_new_channels", _Zeros)
_projection(
    "only_every_other_place",
    lambda cin, cout, s: (
        nn.Sequential(_conv(cin, cout, s), nn.BatchNorm2d(cout)) if cin != cout else nn.MaxPool2d(1, s)
    ),
)
_projection(
    "pooled",
    lambda cin, cout, s: (
        nn.Sequential(_conv(cin, cout, s), nn.BatchNorm2d(cout))
        if cin != cout
        else nn.MaxPool2d(s, ceil_mode=True)
    ),
)


@EXERCISE.wrong("asks_the_map")
class _AsksTheMap(Skip):
    """Compares shapes at run time, with a projection made for all cases."""

    def __init__(self, cin, cout, stride=1):
        super().__init__(cin, cout, stride)
        self.cout, self.stride = cout, stride
        self.proj = nn.Sequential(_conv(cin, cout, stride), nn.BatchNorm2d(cout))

    def forward(self, x):
        return x if x.shape[1] == self.cout and self.stride == 1 else self.proj(x)


@EXERCISE.wrong("detached")
class _Detached(Skip):
    def forward(self, x):
        return self.proj(x.detach())


@EXERCISE.accepted
class ListOfLayers(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        layers = []
        if cin != cout or stride > 1:
            layers = [nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


@EXERCISE.accepted
class SlicedFirst(nn.Module):
    """The stride by slicing, the convolution as a product of matrices."""

    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.stride = stride
        self.fits = (cin, stride) == (cout, 1)
        if not self.fits:
            self.weight = nn.Parameter(torch.randn(cout, cin) / cin**0.5)
            self.norm = nn.BatchNorm2d(cout)

    def forward(self, x):
        if self.fits:
            return x
        return self.norm(torch.einsum("oc,nchw->nohw", self.weight, x[:, :, :: self.stride, :: self.stride]))
