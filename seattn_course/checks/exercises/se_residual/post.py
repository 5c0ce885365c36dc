"""se_residual.post: the post-activation residual block with SE at the end of its branch."""

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class SE(nn.Module):
    """As the notebook of the exercises gives it."""

    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(4, channels // reduction)
        self.fc1 = nn.Conv2d(channels, hidden, 1)
        self.fc2 = nn.Conv2d(hidden, channels, 1)

    def forward(self, x):
        z = x.mean(dim=(2, 3), keepdim=True)
        return x * torch.sigmoid(self.fc2(F.silu(self.fc1(z))))


def conv3x3(cin, cout, stride=1):
    return nn.Conv2d(cin, cout, kernel_size=3, stride=stride, padding=1, bias=False)


def pointwise(cin, cout, stride):
    return nn.Conv2d(cin, cout, kernel_size=1, stride=stride, bias=False)


class SEResBlockPostAct(nn.Module):
    def __init__(self, cin, cout, stride=1, reduction=16):
        super().__init__()
        self.conv1 = conv3x3(cin, cout, stride)
        self.bn1 = nn.BatchNorm2d(cout)
        self.act = nn.SiLU()
        self.conv2 = conv3x3(cout, cout)
        self.bn2 = nn.BatchNorm2d(cout)
        self.se = SE(cout, reduction)
        self.proj = nn.Identity()
        if stride != 1 or cin != cout:
            self.proj = nn.Sequential(pointwise(cin, cout, stride), nn.BatchNorm2d(cout))

    def branch(self, x):
        h = self.act(self.bn1(self.conv1(x)))
        return self.se(self.bn2(self.conv2(h)))

    def forward(self, x):
        return self.act(self.branch(x) + self.proj(x))


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
    id="se_residual.post",
    kind="class",
    name="SEResBlockPostAct",
    reference=SEResBlockPostAct,
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

    class Exchanged(SEResBlockPostAct):
        def __init__(self, cin, cout, stride=1, reduction=16):
            super().__init__(cin, cout, stride, reduction)
            for name, make in makers.items():
                setattr(self, name, make(cin, cout, stride, reduction))

    Exchanged.__name__ = key
    EXERCISE.wrong(key)(Exchanged)


def _methods(key, **methods):
    """Registers the reference with another way through its parts."""
    EXERCISE.wrong(key)(type(key, (SEResBlockPostAct,), methods))


def _plain(block, x):
    """F without SE."""
    return block.bn2(block.conv2(block.act(block.bn1(block.conv1(x)))))


def _normed(cin, cout, stride):
    return nn.Sequential(pointwise(cin, cout, stride), nn.BatchNorm2d(cout))


_changed("relu", act=lambda cin, cout, s, r: nn.ReLU())
_changed("biased", conv1=lambda cin, cout, s, r: nn.Conv2d(cin, cout, 3, stride=s, padding=1))
_changed("both_biased", conv1=lambda cin, cout, s, r: nn.Conv2d(cin, cout, 3, stride=s, padding=1),
         conv2=lambda cin, cout, s, r: nn.Conv2d(cout, cout, 3, padding=1))  # fmt: skip
_changed("all_biased", conv1=lambda cin, cout, s, r: nn.Conv2d(cin, cout, 3, stride=s, padding=1),
         conv2=lambda cin, cout, s, r: nn.Conv2d(cout, cout, 3, padding=1),
         proj=lambda cin, cout, s, r: nn.Identity() if (cin, s) == (cout, 1) else nn.Sequential(
             nn.Conv2d(cin, cout, 1, s), nn.BatchNorm2d(cout)))  # fmt: skip
_changed("stride_in_the_second", conv1=lambda cin, cout, s, r: conv3x3(cin, cout),
         conv2=lambda cin, cout, s, r: conv3x3(cout, cout, s))  # fmt: skip
_changed("reduction_ignored", se=lambda cin, cout, s, r: SE(cout))
_changed("no_se", se=lambda cin, cout, s, r: nn.Identity())
_changed("se_for_the_input", se=lambda cin, cout, s, r: SE(cin, r))
_changed("never_projects", proj=lambda cin, cout, s, r: nn.Identity())
_changed("always_projects", proj=lambda cin, cout, s, r: _normed(cin, cout, s))
_changed("projects_for_channels_only",
         proj=lambda cin, cout, s, r: _normed(cin, cout, s) if cin != cout else nn.Identity())  # fmt: skip
_changed("projects_for_the_stride_only",
         proj=lambda cin, cout, s, r: _normed(cin, cout, s) if s != 1 else nn.Identity())  # fmt: skip
_changed("projects_only_for_both",
         proj=lambda cin, cout, s, r: _normed(cin, cout, s) if cin != cout and s != 1 else nn.Identity())  # fmt: skip
_changed("projection_biased", proj=lambda cin, cout, s, r: nn.Identity() if (cin, s) == (cout, 1) else nn.Sequential(
    nn.Conv2d(cin, cout, 1, s), nn.BatchNorm2d(cout)))  # fmt: skip
_changed("projection_3x3", proj=lambda cin, cout, s, r: nn.Identity() if (cin, s) == (cout, 1) else nn.Sequential(
    conv3x3(cin, cout, s), nn.BatchNorm2d(cout)))  # fmt: skip
_changed("projection_without_norm",
         proj=lambda cin, cout, s, r: nn.Identity() if (cin, s) == (cout, 1) else pointwise(cin, cout, s))  # fmt: skip
_changed("second_norm_missing", bn2=lambda cin, cout, s, r: nn.Identity())
_methods("se_after_the_sum", forward=lambda self, x: self.act(self.se(_plain(self, x) + self.proj(x))))
_methods("se_after_everything", forward=lambda self, x: self.se(self.act(_plain(self, x) + self.proj(x))))
_methods("se_on_the_skip", forward=lambda self, x: self.act(_plain(self, x) + self.se(self.proj(x))))
_methods("se_on_both", forward=lambda self, x: self.act(self.branch(x) + self.se(self.proj(x))))
_methods("se_before_the_norm", branch=lambda self, x: self.bn2(
    self.se(self.conv2(self.act(self.bn1(self.conv1(x)))))))  # fmt: skip
_methods("se_in_the_middle", branch=lambda self, x: self.bn2(
    self.conv2(self.se(self.act(self.bn1(self.conv1(x)))))))  # fmt: skip
_methods("se_unused", branch=_plain)
_methods("first_activation_missing", branch=lambda self, x: self.se(
    self.bn2(self.conv2(self.bn1(self.conv1(x))))))  # fmt: skip
_methods("norm_after_activation", branch=lambda self, x: self.se(
    self.bn2(self.conv2(self.bn1(self.act(self.conv1(x)))))))  # fmt: skip
_methods("activation_before_se", branch=lambda self, x: self.se(self.act(_plain(self, x))))
_methods("no_skip", forward=lambda self, x: self.act(self.branch(x)))
_methods("no_last_activation", forward=lambda self, x: self.branch(x) + self.proj(x))
_methods("activation_before_the_sum", forward=lambda self, x: self.act(self.branch(x)) + self.proj(x))
_methods("activated_apart", forward=lambda self, x: self.act(self.branch(x)) + self.act(self.proj(x)))
_methods("branch_added_twice", forward=lambda self, x: self.act(_plain(self, x) + self.branch(x) + self.proj(x)))
_methods("multiplied", forward=lambda self, x: self.act(self.branch(x) * self.proj(x)))
_methods("skip_detached", forward=lambda self, x: self.act(self.branch(x) + self.proj(x.detach())))


@EXERCISE.wrong("preactivated")
class _PreActivated(SEResBlockPostAct):
    def __init__(self, cin, cout, stride=1, reduction=16):
        super().__init__(cin, cout, stride, reduction)
        self.bn1 = nn.BatchNorm2d(cin)
        if stride != 1 or cin != cout:
            self.proj = pointwise(cin, cout, stride)

    def forward(self, x):
        h = self.conv1(self.act(self.bn1(x)))
        return self.se(self.conv2(self.act(self.bn2(h)))) + self.proj(x)


@EXERCISE.wrong("projection_made_in_forward")
class _ProjectionMadeInForward(SEResBlockPostAct):
    def __init__(self, cin, cout, stride=1, reduction=16):
        super().__init__(cin, cout, stride, reduction)
        self.projects = None if isinstance(self.proj, nn.Identity) else (cin, cout, stride)
        self.proj = nn.Identity()

    def forward(self, x):
        skip = _normed(*self.projects) if self.projects else nn.Identity()
        return self.act(self.branch(x) + skip(x))


@EXERCISE.wrong("in_place")
class _InPlace(SEResBlockPostAct):
    def forward(self, x):
        y = super().forward(x)
        with torch.no_grad():
            x += y if x.shape == y.shape else 1.0
        return y


@EXERCISE.accepted
class TwoSequentials(nn.Module):
    def __init__(self, cin, cout, stride=1, reduction=16):
        super().__init__()
        self.f = nn.Sequential(
            conv3x3(cin, cout, stride),
            nn.BatchNorm2d(cout),
            nn.SiLU(inplace=True),
            conv3x3(cout, cout),
            nn.BatchNorm2d(cout),
            SE(cout, reduction),
        )
        self.skip = nn.Sequential()
        if cin != cout or stride > 1:
            self.skip = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        return F.silu(self.skip(x) + self.f(x))


@EXERCISE.accepted
class LinearGate(nn.Module):
    """SE written out in the block, with Linear layers; SiLU as x times sigmoid."""

    def __init__(self, cin, cout, stride=1, reduction=16):
        super().__init__()
        hidden = max(cout // reduction, 4)
        self.convs = nn.ModuleList([conv3x3(cin, cout, stride), conv3x3(cout, cout)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(cout), nn.BatchNorm2d(cout)])
        self.gate = nn.Sequential(nn.Linear(cout, hidden), nn.SiLU(), nn.Linear(hidden, cout), nn.Sigmoid())
        self.short = None if (cin, stride) == (cout, 1) else _normed(cin, cout, stride)

    def forward(self, x):
        h = self.norms[0](self.convs[0](x))
        h = self.norms[1](self.convs[1](h * h.sigmoid()))
        h = torch.einsum("nchw,nc->nchw", h, self.gate(h.mean((2, 3))))
        y = h + (x if self.short is None else self.short(x))
        return y * y.sigmoid()
