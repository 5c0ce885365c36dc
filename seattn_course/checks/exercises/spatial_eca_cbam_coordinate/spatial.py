"""spatial_eca_cbam_coordinate.spatial: one gate per place, from the mean and the maximum over the channels."""

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import AnyDevice, DoublePrecision, GlobalsLeftAlone, InputLeftAlone
from seattn_course.checks.probes.semantics import SamplesApart
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class SpatialAttention(nn.Module):
    def __init__(self, kernel=7):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)

    def pair(self, x):
        mean = x.mean(dim=1, keepdim=True)  # (N, C, H, W) -> (N, 1, H, W)
        largest = x.amax(dim=1, keepdim=True)
        return torch.cat([mean, largest], dim=1)  # (N, 2, H, W)

    def forward(self, x):
        m = torch.sigmoid(self.conv(self.pair(x)))  # (N, 2, H, W) -> (N, 1, H, W)
        return x * m


def _map(generator, *shape):
    return 0.3 * feature_map(generator, *shape)  # small values, so that the gates are not all 0 or 1


def _one(generator):
    return [Case((_map(generator, 2, 6, 5, 4),), config=(3,), note="not_square")]


def _sizes(generator):
    return [Case((_map(generator, 2, 6, 8, 9),)), Case((_map(generator, 2, 6, 5, 4),), config=(5,))]


def _shapes(generator):
    swapped = _map(generator, 2, 6, 5, 3).transpose(2, 3)
    return [
        Case((_map(generator, 2, 6, 5, 4),), config=(3,), note="not_square"),
        Case((_map(generator, 2, 4, 8, 9),)),
        Case((_map(generator, 1, 6, 4, 3),), config=(5,), note="one_image"),
        Case((_map(generator, 3, 5, 1, 1),), config=(3,), note="one_pixel"),
        Case((_map(generator, 3, 6, 3, 6),), config=(3,), note="trap"),
        Case((swapped,), config=(3,), note="not_contiguous"),
    ]


EXERCISE = Exercise(
    id="spatial_eca_cbam_coordinate.spatial",
    kind="class",
    name="SpatialAttention",
    reference=SpatialAttention,
    probes=(
        Contract(_one),
        Parameters(_sizes),
        SamplesApart(_one),
        Values(_shapes),
        InputLeftAlone(_one),
        Gradients(_one),
        GlobalsLeftAlone(_one),
        DoublePrecision(_one),
        AnyDevice(_one),
    ),
)


def _gated(key, gate):
    """Registers a mistake in the way from the module and x to the gate."""

    class Changed(SpatialAttention):
        def forward(self, x):
            return x * gate(self, x)

    Changed.__name__ = key
    EXERCISE.wrong(key)(Changed)


def _logits(module, x, mean=None, largest=None):
    mean = x.mean(dim=1, keepdim=True) if mean is None else mean
    largest = x.amax(dim=1, keepdim=True) if largest is None else largest
    return module.conv(torch.cat([mean, largest], dim=1))


_gated("max_first", lambda m, x: torch.sigmoid(m.conv(m.pair(x).flip(1))))
_gated("indices", lambda m, x: torch.sigmoid(_logits(m, x, largest=x.max(dim=1, keepdim=True).indices.to(x))))
_gated("sum_not_mean", lambda m, x: torch.sigmoid(_logits(m, x, mean=x.sum(dim=1, keepdim=True))))
_gated("mean_twice", lambda m, x: torch.sigmoid(_logits(m, x, largest=x.mean(dim=1, keepdim=True))))
_gated("minimum", lambda m, x: torch.sigmoid(_logits(m, x, largest=x.amin(dim=1, keepdim=True))))
_gated("pooled_over_space", lambda m, x: torch.sigmoid(m.conv(m.pair(x).mean((2, 3), keepdim=True))))
_gated("pooled_over_batch", lambda m, x: torch.sigmoid(m.conv(m.pair(x).mean(0, keepdim=True))))
_gated("no_sigmoid", lambda m, x: m.conv(m.pair(x)))
_gated("tanh", lambda m, x: torch.tanh(m.conv(m.pair(x))))
_gated("softmax_over_places", lambda m, x: m.conv(m.pair(x)).flatten(2).softmax(2).view(len(x), 1, *x.shape[2:]))
_gated("one_plus_gate", lambda m, x: 1 + torch.sigmoid(m.conv(m.pair(x))))
_gated("detached", lambda m, x: torch.sigmoid(m.conv(m.pair(x.detach()))))
_gated("single_precision", lambda m, x: torch.sigmoid(m.conv(m.pair(x.float().to(x.dtype)))))
_gated("named_device", lambda m, x: torch.sigmoid(m.conv(m.pair(x))).to("cpu"))


@EXERCISE.wrong("with_bias")
class _WithBias(SpatialAttention):
    def __init__(self, kernel=7):
        super().__init__(kernel)
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2)


@EXERCISE.wrong("kernel_ignored")
class _KernelIgnored(SpatialAttention):
    def __init__(self, kernel=7):
        super().__init__(7)


@EXERCISE.wrong("default_three")
class _DefaultThree(SpatialAttention):
    def __init__(self, kernel=3):
        super().__init__(kernel)


@EXERCISE.wrong("mean_only")
class _MeanOnly(SpatialAttention):
    def __init__(self, kernel=7):
        super().__init__(kernel)
        self.conv = nn.Conv2d(1, 1, kernel, padding=kernel // 2, bias=False)

    def pair(self, x):
        return x.mean(dim=1, keepdim=True)


@EXERCISE.wrong("two_gates")
class _TwoGates(SpatialAttention):
    def __init__(self, kernel=7):
        super().__init__(kernel)
        self.conv = nn.Conv2d(2, 2, kernel, padding=kernel // 2, bias=False)

    def forward(self, x):
        return x * torch.sigmoid(self.conv(self.pair(x))).mean(1, keepdim=True)


@EXERCISE.wrong("no_padding")
class _NoPadding(SpatialAttention):
    def __init__(self, kernel=7):
        super().__init__(kernel)
        self.conv = nn.Conv2d(2, 1, kernel, bias=False)


@EXERCISE.wrong("padded_for_seven")
class _PaddedForSeven(SpatialAttention):
    def __init__(self, kernel=7):
        super().__init__(kernel)
        self.conv = nn.Conv2d(2, 1, kernel, padding=3, bias=False)


@EXERCISE.wrong("gate_only")
class _GateOnly(SpatialAttention):
    def forward(self, x):
        return torch.sigmoid(self.conv(self.pair(x)))


@EXERCISE.wrong("gate_too")
class _GateToo(SpatialAttention):
    def forward(self, x):
        m = torch.sigmoid(self.conv(self.pair(x)))
        return x * m, m


@EXERCISE.wrong("in_place")
class _InPlace(SpatialAttention):
    def forward(self, x):
        m = torch.sigmoid(self.conv(self.pair(x)))
        with torch.no_grad():
            x.mul_(m)
        return x * (m / m.detach())


@EXERCISE.wrong("reseeds")
class _Reseeds(SpatialAttention):
    def forward(self, x):
        torch.manual_seed(0)
        return super().forward(x)


@EXERCISE.accepted
class WithValuesOfMax(nn.Module):
    """Another name for the layer; max with an axis, of which the values are taken."""

    def __init__(self, kernel=7):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(2, 1, kernel, padding="same", bias=False), nn.Sigmoid())

    def forward(self, x):
        largest, _ = torch.max(x, dim=1)
        return x * self.look(torch.stack([x.mean(dim=1), largest], dim=1))


@EXERCISE.accepted
class WithBareWeight(nn.Module):
    def __init__(self, kernel=7):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, 2, kernel, kernel) / kernel)

    def forward(self, x):
        pair = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return x * F.conv2d(pair, self.weight, padding=(self.weight.shape[-1] - 1) // 2).sigmoid()
