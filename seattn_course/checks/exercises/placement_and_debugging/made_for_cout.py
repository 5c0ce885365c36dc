"""placement_and_debugging.made_for_cout: a gate for the channels of its place (find the bug)."""

import torch
from torch import nn

from seattn_course.attention import SEBlock
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Evaluated, Values


class GatedConv(nn.Module):
    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__()
        hidden = max(1, cout // reduction)
        self.conv = nn.Conv2d(cin, cout, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.fc1 = nn.Linear(cout, hidden)
        self.fc2 = nn.Linear(hidden, cout)

    def forward(self, x):
        h = self.bn(self.conv(x))
        z = h.mean((2, 3))
        s = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        return torch.relu(h * s[:, :, None, None])


def _one(generator):
    return [Case((feature_map(generator, 4, 4, 7, 5),), config=(4, 8, 2), note="not_square")]


def _cases(generator):
    return [
        *_one(generator),
        Case((feature_map(generator, 3, 6, 4, 6),), config=(6, 6)),
        Case((feature_map(generator, 3, 4, 5, 3),), config=(4, 11, 1, 3), note="not_divisible"),
        Case((feature_map(generator, 3, 8, 4, 3),), config=(8, 3, 3), note="few_channels"),
        Case((feature_map(generator, 3, 5, 4, 3),), config=(5, 10), note="default"),
    ]


def _many(generator):
    """For gradients: among so many images and hidden units one is on, so that no gradient is 0 by chance."""
    return [Case((feature_map(generator, 16, 4, 5, 3),), config=(4, 8, 2, 1))]


EXERCISE = Exercise(
    id="placement_and_debugging.made_for_cout",
    kind="class",
    name="GatedConv",
    reference=GatedConv,
    may_use_course=True,  # the place is the question; the SE put there may be the one of lesson 3
    probes=(Contract(_one), Parameters(_cases), Values(_cases), Evaluated(_one), Gradients(_many)),
)


class _Parts(GatedConv):
    """The reference in pieces, so that a wrong answer exchanges one."""

    def squeeze(self, x, h):
        return h.mean((2, 3))

    def logits(self, z):
        return self.fc2(torch.relu(self.fc1(z)))

    def normed(self, x):
        return self.bn(self.conv(x))

    def gate(self, x, h):
        return torch.sigmoid(self.logits(self.squeeze(x, h)))[:, :, None, None]

    def forward(self, x):
        h = self.normed(x)
        return torch.relu(h * self.gate(x, h))


def _part(key, **parts):
    EXERCISE.wrong(key)(type(key, (_Parts,), parts))


@EXERCISE.wrong("gates_repeated")
class _GatesRepeated(_Parts):
    """The bug of the task."""

    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__(cin, cout, stride, reduction)
        self.cin, self.cout = cin, cout
        hidden = max(1, cin // reduction)
        self.fc1, self.fc2 = nn.Linear(cin, hidden), nn.Linear(hidden, cin)

    def gate(self, x, h):
        s = torch.sigmoid(self.logits(x.mean((2, 3))))
        return s.repeat(1, -(-self.cout // self.cin))[:, : self.cout, None, None]


@EXERCISE.wrong("gates_do_not_fit")
class _GatesDoNotFit(_Parts):
    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__(cin, cout, stride, reduction)
        hidden = max(1, cin // reduction)
        self.fc1, self.fc2 = nn.Linear(cin, hidden), nn.Linear(hidden, cin)


@EXERCISE.wrong("looks_at_x")
class _LooksAtX(_Parts):
    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__(cin, cout, stride, reduction)
        self.fc1 = nn.Linear(cin, max(1, cout // reduction))

    def squeeze(self, x, h):
        return x.mean((2, 3))


@EXERCISE.wrong("only_fc2_mended")
class _OnlyFc2Mended(_LooksAtX):
    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__(cin, cout, stride, reduction)
        hidden = max(1, cin // reduction)
        self.fc1, self.fc2 = nn.Linear(cin, hidden), nn.Linear(hidden, cout)


@EXERCISE.wrong("hidden_of_cin")
class _HiddenOfCin(_Parts):
    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__(cin, cout, stride, reduction)
        hidden = max(1, cin // reduction)
        self.fc1, self.fc2 = nn.Linear(cout, hidden), nn.Linear(hidden, cout)


@EXERCISE.wrong("gates_the_input")
class _GatesTheInput(_GatesRepeated):
    def forward(self, x):
        s = torch.sigmoid(self.logits(x.mean((2, 3))))[:, :, None, None]
        return torch.relu(self.normed(x * s))


@EXERCISE.wrong("stride_forgotten")
class _StrideForgotten(_Parts):
    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__(cin, cout, 1, reduction)


@EXERCISE.wrong("biased")
class _Biased(_Parts):
    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__(cin, cout, stride, reduction)
        self.conv = nn.Conv2d(cin, cout, kernel_size=3, stride=stride, padding=1)


@EXERCISE.wrong("statistics_not_kept")
class _StatisticsNotKept(_Parts):
    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__(cin, cout, stride, reduction)
        self.bn = nn.BatchNorm2d(cout, track_running_stats=False)


def _raw_squeeze(self, x, h):
    return self.conv(x).mean((2, 3))


def _late_norm(self, x):
    h = self.conv(x)
    return torch.relu(self.bn(h * self.gate(x, h)))


def _activated_squeeze(self, x, h):
    return torch.relu(h).mean((2, 3))


def _over_the_batch(self, x, h):
    return h.mean((0, 2, 3)).expand(len(h), -1)


_part("squeeze_before_norm", squeeze=_raw_squeeze)
_part("norm_after_gate", forward=_late_norm)
_part("squeeze_of_relu", squeeze=_activated_squeeze)
_part("pooled_over_batch", squeeze=_over_the_batch)
_part("largest", squeeze=lambda self, x, h: h.amax((2, 3)))
_part("middle_relu_missing", logits=lambda self, z: self.fc2(self.fc1(z)))
_part("sigmoid_missing", gate=lambda self, x, h: self.logits(h.mean((2, 3)))[:, :, None, None])
_part("norm_not_used", normed=lambda self, x: self.conv(x))
_part("softmax", gate=lambda self, x, h: self.logits(h.mean((2, 3))).softmax(1)[:, :, None, None])
_part("no_last_relu", forward=lambda self, x: self.normed(x) * self.gate(x, self.normed(x)))
_part("gated_twice", forward=lambda self, x: torch.relu(self.normed(x) * self.gate(x, self.normed(x)) ** 2))
_part("residual_gate", forward=lambda self, x: torch.relu(self.normed(x) * (1 + self.gate(x, self.normed(x)))))
_part("gate_detached", squeeze=lambda self, x, h: h.mean((2, 3)).detach())


@EXERCISE.accepted
class PointwiseConvolutions(nn.Module):
    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout))
        width = max(cout // reduction, 1)
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(cout, width, 1), nn.ReLU(), nn.Conv2d(width, cout, 1), nn.Sigmoid()
        )

    def forward(self, x):
        h = self.body(x)
        return (h * self.gate(h)).relu()


@EXERCISE.accepted
class ActivatedFirst(_Parts):
    """A gate above 0 and ReLU change places, as long as the squeeze sees what is not activated."""

    def forward(self, x):
        h = self.normed(x)
        return torch.relu(h) * self.gate(x, h)


@EXERCISE.accepted
class WithTheCoursesBlock(nn.Module):
    """The same SE as a finished part, made for the channels of its place."""

    def __init__(self, cin, cout, stride=1, reduction=4):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.se = SEBlock(cout, reduction)

    def forward(self, x):
        return torch.relu(self.se(self.bn(self.conv(x))))
