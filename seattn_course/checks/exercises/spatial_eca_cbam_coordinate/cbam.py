"""spatial_eca_cbam_coordinate.cbam: which channels, and then where."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes import batteries
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import AnyDevice, DoublePrecision, GlobalsLeftAlone, InputLeftAlone
from seattn_course.checks.probes.semantics import SamplesApart
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class CBAM(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Conv2d(channels, hidden, kernel_size=1, bias=False)
        self.fc2 = nn.Conv2d(hidden, channels, kernel_size=1, bias=False)
        self.conv = nn.Conv2d(2, 1, kernel_size=7, padding=3, bias=False)

    def logits(self, z):
        return self.fc2(F.relu(self.fc1(z)))  # (N, C, 1, 1) -> (N, h, 1, 1) -> (N, C, 1, 1)

    def channel_gate(self, x):
        avg = x.mean(dim=(2, 3), keepdim=True)  # (N, C, H, W) -> (N, C, 1, 1)
        largest = x.amax(dim=(2, 3), keepdim=True)
        return torch.sigmoid(self.logits(avg) + self.logits(largest))

    def place_gate(self, x):
        pair = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)  # (N, 2, H, W)
        return torch.sigmoid(self.conv(pair))  # (N, 1, H, W)

    def forward(self, x):
        x = x * self.channel_gate(x)
        return x * self.place_gate(x)


EXERCISE = Exercise(
    id="spatial_eca_cbam_coordinate.cbam",
    kind="class",
    name="CBAM",
    reference=CBAM,
    probes=(
        Contract(batteries.small),
        Parameters(batteries.constructors),
        SamplesApart(batteries.small),
        Values(batteries.shapes),
        InputLeftAlone(batteries.small),
        Gradients(batteries.many_images),
        GlobalsLeftAlone(batteries.small),
        DoublePrecision(batteries.small),
        AnyDevice(batteries.small),
    ),
)


def _wrong(key, **methods):
    """Registers the reference with some of its methods exchanged; a key of ``__init__`` runs after the original."""
    after = methods.pop("built", None)

    class Changed(CBAM):
        def __init__(self, channels, reduction=16):
            super().__init__(channels, reduction)
            if after:
                after(self, channels, reduction)

    Changed.__name__ = key
    for name, method in methods.items():
        setattr(Changed, name, method)
    EXERCISE.wrong(key)(Changed)


def _means(x):
    return x.mean(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)


def _layers(module, channels, hidden, bias=False):
    module.fc1 = nn.Conv2d(channels, hidden, kernel_size=1, bias=bias)
    module.fc2 = nn.Conv2d(hidden, channels, kernel_size=1, bias=bias)


def _spatial_first(self, x):
    x = x * self.place_gate(x)
    return x * self.channel_gate(x)


def _in_place(self, x):
    channel = self.channel_gate(x)
    with torch.no_grad():
        x.mul_(channel)
    x = x * (channel / channel.detach())
    return x * self.place_gate(x)


def _reseeds(self, x):
    torch.manual_seed(0)
    return CBAM.forward(self, x)


_wrong("spatial_first", forward=_spatial_first)
_wrong("both_from_x", forward=lambda self, x: x * self.channel_gate(x) * self.place_gate(x))
_wrong("channel_only", forward=lambda self, x: x * self.channel_gate(x))
_wrong("spatial_only", forward=lambda self, x: x * self.place_gate(x))
_wrong("place_gate_from_scaled_only", forward=lambda self, x: x * self.place_gate(x * self.channel_gate(x)))
_wrong("se_half", channel_gate=lambda self, x: torch.sigmoid(self.logits(_means(x)[0])))
_wrong("max_half", channel_gate=lambda self, x: torch.sigmoid(self.logits(_means(x)[1])))
_wrong("added_before", channel_gate=lambda self, x: torch.sigmoid(self.logits(sum(_means(x)))))
_wrong("sigmoids_added", channel_gate=lambda self, x: sum(torch.sigmoid(self.logits(z)) for z in _means(x)))
_wrong("sigmoids_averaged", channel_gate=lambda self, x: sum(torch.sigmoid(self.logits(z)) for z in _means(x)) / 2)
_wrong(
    "sigmoids_multiplied", channel_gate=lambda self, x: math.prod(torch.sigmoid(self.logits(z)) for z in _means(x))
)
_wrong("averaged", channel_gate=lambda self, x: torch.sigmoid(sum(map(self.logits, _means(x))) / 2))
_wrong("softmax", channel_gate=lambda self, x: torch.softmax(sum(map(self.logits, _means(x))), dim=1))
_wrong("no_relu", logits=lambda self, z: self.fc2(self.fc1(z)))
_wrong("max_first", place_gate=lambda self, x: torch.sigmoid(
    self.conv(torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1))))  # fmt: skip
_wrong("indices", place_gate=lambda self, x: torch.sigmoid(
    self.conv(torch.cat([x.mean(1, keepdim=True), x.max(1, keepdim=True).indices.to(x)], 1))))  # fmt: skip
_wrong("with_biases", built=lambda self, C, r: _layers(self, C, max(1, C // r), bias=True))
_wrong("unguarded", built=lambda self, C, r: _layers(self, C, C // r))
_wrong("rounded", built=lambda self, C, r: _layers(self, C, max(1, round(C / r))))
_wrong("reduction_ignored", built=lambda self, C, r: _layers(self, C, max(1, C // 16)))
_wrong("kernel_three", built=lambda self, C, r: setattr(self, "conv", nn.Conv2d(2, 1, 3, padding=1, bias=False)))
_wrong("two_mlps", built=lambda self, C, r: setattr(self, "other", nn.Sequential(*map(
    lambda a, b: nn.Conv2d(a, b, 1, bias=False), (C, max(1, C // r)), (max(1, C // r), C)))))  # fmt: skip
_wrong("pooled_over_batch", channel_gate=lambda self, x: torch.sigmoid(
    self.logits(x.mean((0, 2, 3), keepdim=True)) + self.logits(x.amax((0, 2, 3), keepdim=True))))  # fmt: skip
_wrong("skip_added", forward=lambda self, x: x + CBAM.forward(self, x))
_wrong("gate_too", forward=lambda self, x: (CBAM.forward(self, x), self.channel_gate(x)))
_wrong("in_place", forward=_in_place)
_wrong("detached", place_gate=lambda self, x: CBAM.place_gate(self, x.detach()))
_wrong("reseeds", forward=_reseeds)
_wrong("single_precision", channel_gate=lambda self, x: CBAM.channel_gate(self, x.float().to(x.dtype)))
_wrong("named_device", place_gate=lambda self, x: CBAM.place_gate(self, x).to("cpu"))


@EXERCISE.accepted
class InTwoModules(nn.Module):
    """Linear layers for the first half, a module of its own for the second."""

    class Where(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)

        def forward(self, x):
            return x * self.conv(torch.stack([x.mean(1), x.max(1).values], 1)).sigmoid()

    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.mlp = nn.Sequential(
            nn.Linear(channels, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, channels, bias=False)
        )
        self.where = self.Where()

    def forward(self, x):
        u = self.mlp(x.mean((2, 3))) + self.mlp(x.amax((2, 3)))  # (N, C)
        return self.where(x * u.sigmoid()[..., None, None])


@EXERCISE.accepted
class BothSqueezesInOneCall(CBAM):
    """Mean and maximum side by side as a map of two places, added after the layers."""

    def channel_gate(self, x):
        both = torch.stack([x.mean((2, 3)), x.amax((2, 3))], dim=2)[..., None]  # (N, C, 2, 1)
        return self.logits(both).sum(dim=2, keepdim=True).sigmoid()
