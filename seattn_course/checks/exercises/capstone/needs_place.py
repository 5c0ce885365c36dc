"""capstone.needs_place: an attention for tasks with a place, on a budget: rows and columns, one shared kernel."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import AnyDevice, DoublePrecision, InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Refusals, Values


class CrossGate(nn.Module):
    def __init__(self, channels, budget):
        super().__init__()
        widest = budget // channels - 1
        if widest < 1:
            raise ValueError(f"budget must be at least {2 * channels}, got {budget}")
        kernel = min(7, widest - (widest + 1) % 2)
        self.conv = nn.Conv1d(channels, channels, kernel, padding=kernel // 2, groups=channels)

    def forward(self, x):
        rows = torch.sigmoid(self.conv(x.mean(dim=3)))  # (N, C, H)
        columns = torch.sigmoid(self.conv(x.mean(dim=2)))  # (N, C, W)
        return x * rows[:, :, :, None] * columns[:, :, None, :]


def _one(generator):
    return [Case((feature_map(generator, 2, 4, 3, 5),), config=(4, 16), note="not_square")]


def _sizes(generator):
    def case(channels, budget):
        return Case((feature_map(generator, 2, channels, 4, 5),), config=(channels, budget))

    sizes = ((4, 24), (4, 23), (4, 20), (4, 8), (5, 13), (6, 48), (6, 400))
    return [case(*size) for size in sizes]


def _shapes(generator):
    swapped = feature_map(generator, 2, 4, 6, 3).transpose(2, 3)
    shapes = ((2, 4, 3, 5), (3, 4, 5, 5), (1, 4, 6, 3), (2, 4, 2, 4), (2, 4, 1, 1))
    notes = ("not_square", None, "one_image", "trap", "one_pixel")
    return [
        *(Case((feature_map(generator, *s),), config=(4, 24), note=n) for s, n in zip(shapes, notes)),
        Case((swapped,), config=(4, 24), note="not_contiguous"),
        Case((feature_map(generator, 2, 4, 9, 11),), config=(4, 32)),
    ]


def _too_small(generator):
    x = feature_map(generator, 2, 4, 3, 5)
    return [Case((x,), config=config) for config in ((4, 7), (4, 0), (4, 4))]


class SmallBudgets(Refusals):
    """The constructor refuses: no state to carry over, and no map to look at."""

    def observe_case(self, bench: Bench, case: Case) -> Any:
        made = bench.construct(case)
        if isinstance(made, Raised):
            return ["raised", made.type] if made.kind == "exception" else made
        return ["returned", type(made).__name__]


EXERCISE = Exercise(
    id="capstone.needs_place",
    kind="class",
    name="CrossGate",
    reference=CrossGate,
    probes=(
        Contract(_one),
        Parameters(_sizes),
        SmallBudgets(_too_small),
        Values(_shapes),
        InputLeftAlone(_one),
        Gradients(_one),
        DoublePrecision(_one),
        AnyDevice(_one),
    ),
    equivalent_mutants={
        "`kernel = min(7, widest - (widest + 1) % 2)` → `kernel = min(7, widest - (widest - 1) % 2)`": (
            "the numbers beside an even one are both odd"
        ),
        "`return x * rows[:, :, :, None] * columns[:, :, None, :]` → "
        "`return x * rows[:, :, :, None] * columns[:, :, None]`": "the last axis is taken whole either way",
    },
)


def _wrong(key, make=None, rows=None, columns=None, gate=torch.sigmoid, join=None, kernel=None):
    """Registers the reference with another kernel, another convolution, other strips, or another end."""

    class Changed(CrossGate):
        def __init__(self, channels, budget):
            super().__init__(channels, budget)
            width = self.conv.kernel_size[0]
            if kernel is not None:
                width = kernel(channels, budget)
                self.conv = nn.Conv1d(channels, channels, width, padding=width // 2, groups=channels)
            if make is not None:
                self.conv = make(channels, width)

        def forward(self, x):
            r = gate(self.conv(x.mean(dim=3) if rows is None else rows(x)))[:, :, :, None]
            c = gate(self.conv(x.mean(dim=2) if columns is None else columns(x)))[:, :, None, :]
            return x * r * c if join is None else join(x, r, c)

    Changed.__name__ = Changed.__qualname__ = "CrossGate"
    EXERCISE.wrong(key)(Changed)


def _odd(k):
    return k if k % 2 else k - 1


def _conv(channels, width, **changes):
    arguments = {"padding": width // 2, "groups": channels} | changes
    return nn.Conv1d(channels, channels, width, **arguments)


def _copied(strip, length):
    """A strip of the right length without a right meaning."""
    return strip.mean(2, keepdim=True).expand(-1, -1, length)


_wrong("bias_not_counted", kernel=lambda c, n: min(7, _odd(n // c)))
_wrong("even_kernel", kernel=lambda c, n: min(7, n // c - 1))
_wrong("no_limit", kernel=lambda c, n: _odd(n // c - 1))
_wrong("always_three", kernel=lambda c, n: 3)
_wrong("always_seven", kernel=lambda c, n: 7)
_wrong("less_than_budget", kernel=lambda c, n: max(1, min(7, _odd((n - 1) // c - 1))))
_wrong("half_for_each", kernel=lambda c, n: max(1, min(7, _odd(n // (2 * c) - 1))))
_wrong("all_channels_mixed", make=lambda c, k: _conv(c, k, groups=1))
_wrong("one_kernel_for_all", make=lambda c, k: _OneKernel(k))
_wrong("no_bias", make=lambda c, k: _conv(c, k, bias=False))
_wrong("replicated_border", make=lambda c, k: _conv(c, k, padding_mode="replicate"))
_wrong("maximum", rows=lambda x: x.amax(3), columns=lambda x: x.amax(2))
_wrong("sums", rows=lambda x: x.sum(3), columns=lambda x: x.sum(2))
_wrong("whole_map_mean", rows=lambda x: _copied(x.mean(3), x.shape[2]), columns=lambda x: _copied(x.mean(2), x.shape[3]))
_wrong("channels_averaged", rows=lambda x: x.mean(3).mean(1, keepdim=True).expand(-1, x.shape[1], -1))
_wrong("over_the_batch", rows=lambda x: x.mean(3).mean(0, keepdim=True), columns=lambda x: x.mean(2).mean(0, keepdim=True))
_wrong("axes_swapped", rows=lambda x: x.mean(2), columns=lambda x: x.mean(3))
_wrong("gate_along_the_wrong_axis", join=lambda x, r, c: x * r.transpose(2, 3) * c.transpose(2, 3))
_wrong("softmax", gate=lambda u: u.softmax(-1))
_wrong("relu", gate=torch.relu)
_wrong("no_sigmoid", gate=lambda u: u)
_wrong("added", join=lambda x, r, c: x * (r + c))
_wrong("mean_of_gates", join=lambda x, r, c: x * (r + c) / 2)
_wrong("rows_only", join=lambda x, r, c: x * r)
_wrong("columns_only", join=lambda x, r, c: x * c)
_wrong("residual", join=lambda x, r, c: x * (1 + r * c))
_wrong("gates_returned", join=lambda x, r, c: r * c)
_wrong("one_sigmoid", join=lambda x, r, c: x * torch.sigmoid(torch.logit(r) + torch.logit(c)))
_wrong("detached", join=lambda x, r, c: x * (r * c).detach())


class _OneKernel(nn.Module):
    """One kernel and one bias for all channels, as ECA has one for all places."""

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, width, padding=width // 2)

    def forward(self, strip):
        return self.conv(strip.flatten(0, 1)[:, None]).reshape(strip.shape)


@EXERCISE.wrong("two_convolutions")
class _TwoConvolutions(CrossGate):
    def __init__(self, channels, budget):
        super().__init__(channels, budget)
        self.other = nn.Conv1d(
            channels, channels, self.conv.kernel_size[0], padding=self.conv.padding[0], groups=channels
        )

    def forward(self, x):
        rows = torch.sigmoid(self.conv(x.mean(dim=3)))[:, :, :, None]
        return x * rows * torch.sigmoid(self.other(x.mean(dim=2)))[:, :, None, :]


@EXERCISE.wrong("one_strip")
class _OneStrip(CrossGate):
    """Rows and columns behind one another, so that the kernel reaches from the last row into the first column."""

    def forward(self, x):
        H, W = x.shape[2:]
        strip = torch.cat([x.mean(dim=3), x.mean(dim=2)], dim=2)
        rows, columns = torch.sigmoid(self.conv(strip)).split([H, W], dim=2)
        return x * rows[:, :, :, None] * columns[:, :, None, :]


@EXERCISE.wrong("one_after_the_other")
class _OneAfterTheOther(CrossGate):
    def forward(self, x):
        x = x * torch.sigmoid(self.conv(x.mean(dim=3)))[:, :, :, None]
        return x * torch.sigmoid(self.conv(x.mean(dim=2)))[:, :, None, :]


@EXERCISE.wrong("small_budget_taken")
class _SmallBudgetTaken(nn.Module):
    def __init__(self, channels, budget):
        super().__init__()
        kernel = max(1, min(7, _odd(budget // channels - 1)))
        self.conv = _conv(channels, kernel)

    def forward(self, x):
        return CrossGate.forward(self, x)


@EXERCISE.wrong("in_place")
class _InPlace(CrossGate):
    def forward(self, x):
        y = super().forward(x)
        x.data.copy_(y.detach())
        return y


@EXERCISE.wrong("float32_named")
class _Float32Named(CrossGate):
    def forward(self, x):
        rows = torch.sigmoid(self.conv(x.mean(dim=3))).float().to(x.dtype)
        columns = torch.sigmoid(self.conv(x.mean(dim=2))).float().to(x.dtype)
        return x * rows[:, :, :, None] * columns[:, :, None, :]


@EXERCISE.wrong("device_named")
class _DeviceNamed(CrossGate):
    def forward(self, x):
        return super().forward(x) * torch.ones(x.shape[2:], device="cpu", dtype=x.dtype)


@EXERCISE.accepted
class ByConv2d(nn.Module):
    """A k x 1 and the same kernel turned, with conv2d; parameters of its own making."""

    def __init__(self, channels, budget):
        super().__init__()
        if budget < 2 * channels:
            raise ValueError("budget")
        k = max(k for k in (1, 3, 5, 7) if channels * (k + 1) <= budget)
        self.weight = nn.Parameter(torch.randn(channels, 1, k, 1) / k)
        self.bias = nn.Parameter(torch.zeros(channels))

    def strip(self, z, weight):
        padding = [size // 2 for size in weight.shape[2:]]
        return nn.functional.conv2d(z, weight, self.bias, padding=padding, groups=len(self.bias)).sigmoid()

    def forward(self, x):
        rows = self.strip(x.mean(3, keepdim=True), self.weight)
        columns = self.strip(x.mean(2, keepdim=True), self.weight.transpose(2, 3))
        return rows * columns * x


@EXERCISE.accepted
class InALoop(nn.Module):
    def __init__(self, channels, budget):
        super().__init__()
        kernel = 7
        while channels * kernel + channels > budget:
            kernel -= 2
        if kernel < 1:
            raise ValueError("too small a budget")
        self.layer = nn.Conv1d(channels, channels, kernel, padding="same", groups=channels)

    def forward(self, x):
        y = x
        for axis in (2, 3):
            y = y * self.layer(x.mean(axis)).sigmoid().unsqueeze(axis)
        return y


@EXERCISE.accepted
class WithEinsum(CrossGate):
    def forward(self, x):
        rows, columns = (self.conv(x.mean(axis)).sigmoid() for axis in (3, 2))
        return torch.einsum("nchw,nch,ncw->nchw", x, rows, columns)
