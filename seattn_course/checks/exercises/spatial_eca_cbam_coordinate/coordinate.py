"""spatial_eca_cbam_coordinate.coordinate: rows and columns, put together and taken apart in the same order."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, finding, own_finding
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.compare import difference, observed
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import AnyDevice, DoublePrecision, GlobalsLeftAlone, InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class CoordinateAttention(nn.Module):
    def __init__(self, channels, reduction=32):
        super().__init__()
        hidden = max(8, channels // reduction)
        self.conv1 = nn.Conv2d(channels, hidden, kernel_size=1)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.act = nn.Hardswish()
        self.conv_h = nn.Conv2d(hidden, channels, kernel_size=1)
        self.conv_w = nn.Conv2d(hidden, channels, kernel_size=1)

    def forward(self, x):
        H, W = x.shape[2:]
        z_h = x.mean(dim=3, keepdim=True)  # (N, C, H, 1)
        z_w = x.mean(dim=2, keepdim=True).transpose(2, 3)  # (N, C, W, 1)
        strip = torch.cat([z_h, z_w], dim=2)  # (N, C, H + W, 1)
        f = self.act(self.bn1(self.conv1(strip)))  # (N, h, H + W, 1)
        f_h, f_w = f.split([H, W], dim=2)
        g_h = torch.sigmoid(self.conv_h(f_h))  # (N, C, H, 1)
        g_w = torch.sigmoid(self.conv_w(f_w)).transpose(2, 3)  # (N, C, 1, W)
        return x * g_h * g_w


def _one(generator):
    return [Case((feature_map(generator, 2, 6, 3, 5),), config=(6,), note="not_square")]


def _sizes(generator):
    return [
        Case((feature_map(generator, 2, 6, 3, 5),), config=(6,), note="not_square"),
        Case((feature_map(generator, 2, 45, 2, 3),), config=(45, 4), note="not_divisible"),
        Case(
            (feature_map(generator, 1, 992, 1, 1),), config=(992,), note="default"
        ),  # 31, and 32 or 30 for r = 31 or 33
    ]


def _shapes(generator):
    swapped = feature_map(generator, 2, 6, 5, 3).transpose(2, 3)
    return [
        Case((feature_map(generator, 2, 6, 3, 5),), config=(6,), note="not_square"),
        Case((feature_map(generator, 3, 6, 4, 4),), config=(6,)),
        Case((feature_map(generator, 1, 6, 4, 3),), config=(6,), note="one_image"),
        Case((feature_map(generator, 2, 6, 2, 6),), config=(6,), note="trap"),
        Case((swapped,), config=(6,), note="not_contiguous"),
    ]


class InEvaluation(CaseProbe):
    """In eval mode, where batch norm uses its running statistics: values, and gradients of x and the parameters.

    In training the bias in front of batch norm has a gradient of 0 but for rounding, so that one cannot ask for it.
    """

    def __init__(self, cases):
        super().__init__("in_evaluation", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        module = bench.build(case)
        if isinstance(module, Raised):
            return module
        (x,) = fresh_arguments(case)
        x.requires_grad_()
        y = bench.call(case, module.eval(), (x,))
        if not isinstance(y, torch.Tensor) or not y.requires_grad:
            return y if isinstance(y, Raised) else {"y": observed(y), "x": None, "idle": []}
        weights = torch.randn(y.shape, generator=bench.generator()).to(y)
        outcome = bench.guard.call(lambda: (y * weights).sum().backward())
        if isinstance(outcome, Raised):
            return outcome
        idle = [p for p in module.parameters() if p.grad is None or not p.grad.any()]
        return {"y": observed(y), "x": observed(x.grad), "idle": len(idle)}

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if difference(bench, case, expected["y"], found["y"]) is not None:
            return own_finding("evaluation", bench, case)
        if found["idle"]:
            return finding("gradients.parameters", bench, case)
        if found["x"] is None or difference(bench, case, expected["x"], found["x"]) is not None:
            return finding("gradients.values", bench, case)
        return None


EXERCISE = Exercise(
    id="spatial_eca_cbam_coordinate.coordinate",
    kind="class",
    name="CoordinateAttention",
    reference=CoordinateAttention,
    probes=(
        Contract(_one),
        Parameters(_sizes),
        Values(_shapes),
        InputLeftAlone(_one),
        InEvaluation(_one),
        GlobalsLeftAlone(_one),
        DoublePrecision(_one),
        AnyDevice(_one),
    ),
    equivalent_mutants=dict.fromkeys(
        (
            "`z_w = x.mean(dim=2, keepdim=True).transpose(2, 3)` → `z_w = x.mean(dim=2, keepdim=True).transpose(3, 2)`",
            "`g_w = torch.sigmoid(self.conv_w(f_w)).transpose(2, 3)` → `g_w = torch.sigmoid(self.conv_w(f_w)).transpose(3, 2)`",
        ),
        "exchanging two axes has no order",
    ),
)


class _Parts(CoordinateAttention):
    """The reference in steps, so that one at a time can be made wrong."""

    def squeeze(self, x):
        return x.mean(dim=3, keepdim=True), x.mean(dim=2, keepdim=True).transpose(2, 3)

    def join(self, z_h, z_w):
        return torch.cat([z_h, z_w], dim=2)

    def shared(self, strip):
        return self.act(self.bn1(self.conv1(strip)))

    def part(self, f, H, W):
        return f.split([H, W], dim=2)

    def gates(self, f_h, f_w):
        return torch.sigmoid(self.conv_h(f_h)), torch.sigmoid(self.conv_w(f_w)).transpose(2, 3)

    def apply_gates(self, x, g_h, g_w):
        return x * g_h * g_w

    def forward(self, x):
        f = self.shared(self.join(*self.squeeze(x)))
        return self.apply_gates(x, *self.gates(*self.part(f, *x.shape[2:])))


def _wrong(key, built=None, **methods):
    class Changed(_Parts):
        def __init__(self, channels, reduction=32):
            super().__init__(channels, reduction)
            if built:
                built(self, channels, reduction)

    Changed.__name__ = key
    for name, method in methods.items():
        setattr(Changed, name, method)
    EXERCISE.wrong(key)(Changed)


def _width(module, channels, hidden, bias=True):
    module.conv1 = nn.Conv2d(channels, hidden, kernel_size=1, bias=bias)
    module.bn1 = nn.BatchNorm2d(hidden)
    module.conv_h = nn.Conv2d(hidden, channels, kernel_size=1, bias=bias)
    module.conv_w = nn.Conv2d(hidden, channels, kernel_size=1, bias=bias)


def _in_place(self, x, g_h, g_w):
    with torch.no_grad():
        x.mul_(g_h)
    return x * (g_h / g_h.detach()) * g_w


def _reseeds(self, x):
    torch.manual_seed(0)
    return _Parts.forward(self, x)


def _one_batch_norm_call(self, strip):
    """Batch statistics at all times: what becomes of a batch norm that is called without its mode."""
    f = nn.functional.batch_norm(self.conv1(strip), None, None, self.bn1.weight, self.bn1.bias, training=True)
    return self.act(f)


_wrong("the_bug", join=lambda self, z_h, z_w: torch.cat([z_w, z_h], dim=2))
_wrong("split_swapped", part=lambda self, f, H, W: f.split([W, H], dim=2)[::-1])
_wrong("split_exchanged", part=lambda self, f, H, W: f.split([W, H], dim=2))
_wrong("taken_apart_in_halves", part=lambda self, f, H, W: f.chunk(2, dim=2))
_wrong("one_layer_for_both", gates=lambda self, f_h, f_w: (
    torch.sigmoid(self.conv_h(f_h)), torch.sigmoid(self.conv_h(f_w)).transpose(2, 3)))  # fmt: skip
_wrong("not_turned_back", gates=lambda self, f_h, f_w: (
    torch.sigmoid(self.conv_h(f_h)), torch.sigmoid(self.conv_w(f_w))))  # fmt: skip
_wrong("rows_only", apply_gates=lambda self, x, g_h, g_w: x * g_h)
_wrong("columns_only", apply_gates=lambda self, x, g_h, g_w: x * g_w)
_wrong("gates_added", apply_gates=lambda self, x, g_h, g_w: x * (g_h + g_w))
_wrong("skip_added", apply_gates=lambda self, x, g_h, g_w: x + x * g_h * g_w)
_wrong("gates_averaged", apply_gates=lambda self, x, g_h, g_w: x * (g_h + g_w) / 2)
_wrong("maxima", squeeze=lambda self, x: (x.amax(3, keepdim=True), x.amax(2, keepdim=True).transpose(2, 3)))
_wrong("whole_mean", squeeze=lambda self, x: (
    x.mean((2, 3), keepdim=True).expand(-1, -1, x.shape[2], -1),
    x.mean((2, 3), keepdim=True).expand(-1, -1, x.shape[3], -1)))  # fmt: skip
_wrong("no_batch_norm", shared=lambda self, strip: self.act(self.conv1(strip)))
_wrong("always_batch_statistics", shared=_one_batch_norm_call)
_wrong("each_strip_alone", shared=lambda self, strip: strip, part=lambda self, strip, H, W: [
    self.act(self.bn1(self.conv1(half))) for half in strip.split([H, W], dim=2)])  # fmt: skip
_wrong("relu", built=lambda self, C, r: setattr(self, "act", nn.ReLU()))
_wrong("silu", built=lambda self, C, r: setattr(self, "act", nn.SiLU()))
_wrong("hard_sigmoid", built=lambda self, C, r: setattr(self, "act", nn.Hardsigmoid()))
_wrong("softmax", gates=lambda self, f_h, f_w: (
    torch.softmax(self.conv_h(f_h), dim=2), torch.softmax(self.conv_w(f_w), dim=2).transpose(2, 3)))  # fmt: skip
_wrong("no_floor", built=lambda self, C, r: _width(self, C, max(1, C // r)))
_wrong("reduction_ignored", built=lambda self, C, r: _width(self, C, max(8, C // 32)))
_wrong("no_biases", built=lambda self, C, r: _width(self, C, max(8, C // r), bias=False))
_wrong("gates_too", forward=lambda self, x: (_Parts.forward(self, x), "g_h, g_w"))
_wrong("in_place", apply_gates=_in_place)
_wrong("detached", squeeze=lambda self, x: _Parts.squeeze(self, x.detach()))
_wrong("reseeds", forward=_reseeds)
_wrong("single_precision", squeeze=lambda self, x: _Parts.squeeze(self, x.float().to(x.dtype)))
_wrong("named_device", gates=lambda self, f_h, f_w: [g.to("cpu") for g in _Parts.gates(self, f_h, f_w)])


@EXERCISE.accepted
class JoinedTheOtherWay(_Parts):
    """Columns first is right too, if they are also the first to be taken off."""

    def join(self, z_h, z_w):
        return torch.cat([z_w, z_h], dim=2)

    def part(self, f, H, W):
        f_w, f_h = f.split([W, H], dim=2)
        return f_h, f_w


@EXERCISE.accepted
class WithAdaptivePooling(nn.Module):
    """The authors' way: pooling layers, permute, h-swish written out."""

    def __init__(self, inp, reduction=32):
        super().__init__()
        mip = max(8, inp // reduction)
        self.pool_h, self.pool_w = nn.AdaptiveAvgPool2d((None, 1)), nn.AdaptiveAvgPool2d((1, None))
        self.first = nn.Sequential(nn.Conv2d(inp, mip, 1), nn.BatchNorm2d(mip))
        self.rows, self.columns = nn.Conv2d(mip, inp, 1), nn.Conv2d(mip, inp, 1)

    def forward(self, x):
        n, c, h, w = x.shape
        v = self.first(torch.cat([self.pool_h(x), self.pool_w(x).permute(0, 1, 3, 2)], dim=2))
        v = v * nn.functional.relu6(v + 3) / 6
        return x * self.rows(v[:, :, :h]).sigmoid() * self.columns(v[:, :, h:]).permute(0, 1, 3, 2).sigmoid()
