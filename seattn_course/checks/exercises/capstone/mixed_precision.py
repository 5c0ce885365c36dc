"""capstone.mixed_precision: a gate that is right in float32, repaired for half precision and for export."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding, raised
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import AnyDevice
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values

NEAR = 0.04  # half precision: of a gate in (0, 1)


class Gate(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)
        self.t = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        z = x.float().mean(dim=(2, 3))
        rms = z.square().mean(dim=1, keepdim=True).sqrt()
        z = (z / (rms + 1e-6)).to(x.dtype)
        u = self.fc2(F.silu(self.fc1(z))).clamp(-8, 8)
        return x * torch.sigmoid(u / F.softplus(self.t))[:, :, None, None]


def _map(generator, *shape, scale=1.0, shift=0.0):
    return Case((feature_map(generator, *shape) * scale + shift,), config=(6, 2))


def _one(generator):
    return [_map(generator, 2, 6, 3, 5)]


def _sizes(generator):
    few = Case((feature_map(generator, 2, 3, 2, 3),), config=(3, 4), note="few_channels")
    return [*_one(generator), few, Case((feature_map(generator, 2, 240, 2, 3),), config=(240,), note="default")]


def _shapes(generator):
    wide = Case((feature_map(generator, 2, 96, 3, 4),), config=(96, 8))  # logits beyond 8
    faint = _map(generator, 2, 6, 3, 4, scale=0.02)
    return [*_one(generator), _map(generator, 1, 6, 4, 3), wide, faint, _map(generator, 2, 6, 3, 2, scale=0.0)]


def _many(generator):
    return [_map(generator, 16, 6, 2, 3)]


class Half(CaseProbe):
    """float16 and bfloat16 beside the exact result, in words, for maps that overflow somewhere on a careless way."""

    def __init__(self, cases):
        super().__init__("half", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        return {
            f"{trap} {str(dtype).removeprefix('torch.')}": self._in(bench, case, dtype, *numbers)
            for trap, numbers in TRAPS.items()
            for dtype in (torch.float16, torch.bfloat16)
        }

    def judge(self, bench: Bench, expected: list[Any], found: list[Any]) -> Finding | None:
        (case,) = self.cases_for(bench)
        for trap, result in found[0].items():
            if isinstance(result, Raised):
                return raised(result, bench, case)
            if result != "right":
                name, dtype = trap.split()
                return own_finding(result if result in ("shape", "dtype") else name, bench, case, dtype=dtype)
        return None

    @staticmethod
    def _in(bench: Bench, case: Case, dtype: torch.dtype, *numbers: float) -> Any:
        scale, shift, t, weights = numbers
        x = (fresh_arguments(case)[0] * scale + shift).to(dtype)
        results = []
        for each in (bench.model or bench, bench):
            module = each.build(case)
            if isinstance(module, Raised):
                return module
            with torch.no_grad():
                for parameter in module.parameters():
                    parameter.mul_(weights) if parameter.dim() else parameter.fill_(t)
            module = module.to(dtype)
            # The first one is the reference: the same stored numbers, and no rounding on the way.
            given = x.clone() if results else x.double()
            results.append(each.call(case, module if results else module.double(), (given,)))
        exact, y = results
        if isinstance(y, Raised):
            return y
        if not isinstance(y, torch.Tensor) or y.shape != x.shape:
            return "shape"
        if y.dtype != dtype:
            return "dtype"
        if not y.isfinite().all():
            return "not finite"
        return "far" if ((y.double() - exact).abs() > NEAR * x.double().abs()).any() else "right"


# What each trap brings out: factor and shift of the map, the raw temperature, a factor for all weights.
TRAPS = {
    "usual": (1.0, 0.0, 0.0, 1.0),
    "sum": (20.0, 40.0, 0.0, 2.0),  # 41 * 40 * 40 is too much: for some of the channels
    "square": (30.0, 900.0, 0.0, 1.0),
    "black": (0.0, 0.0, 0.0, 1.0),
    "temperature": (1.0, 0.0, 20.0, 3.0),
}


def _large(generator):
    return [_map(generator, 2, 6, 40, 40)]


EXERCISE = Exercise(
    id="capstone.mixed_precision",
    kind="class",
    name="Gate",
    reference=Gate,
    equivalent_mutants={
        "`z = x.float().mean(dim=(2, 3))` → `z = x.float().sum(dim=(2, 3))`": "the RMS divides the factor out",
        "`z = (z / (rms + 1e-06)).to(x.dtype)` → `z = (z / (rms - 1e-06)).to(x.dtype)`": (
            "so small an epsilon shows for a black map only, and there its sign does not"
        ),
    },
    probes=(
        Contract(_one),
        Parameters(_sizes),
        Values(_shapes, tolerance=(1e-3, 1e-5)),
        Half(_large),
        Gradients(_many),
        AnyDevice(_one),
    ),
)


def _mean(x):
    return x.float().mean(dim=(2, 3))


def _rms(z):
    return z.square().mean(dim=1, keepdim=True).sqrt() + 1e-6


def _cured(key, mean=_mean, rms=_rms, back=None, u=None, temperature=F.softplus, end=None):
    """Registers the reference with one disease left, or with a cure that is none."""

    class Changed(Gate):
        def forward(self, x):
            z = mean(x)
            z = z / rms(z)
            z = z.to(x.dtype) if back is None else back(z, x)
            logits = self.fc2(F.silu(self.fc1(z)))
            logits = logits.clamp(-8, 8) if u is None else u(logits)
            T = temperature(self.t)
            if end is not None:
                return end(x, logits, T)
            return x * torch.sigmoid(logits / T)[:, :, None, None]

    Changed.__name__ = Changed.__qualname__ = "Gate"
    EXERCISE.wrong(key)(Changed)


def _clamp_if_needed(u):
    if u.abs().max() > 8:
        u = u.clamp(-8, 8)
    return u


def _sum_over_area(x):
    return x.sum(dim=(2, 3)) / (x.shape[2] * x.shape[3])


def _by_hand(t):
    return torch.log(1 + torch.exp(t))


def _tiny(z):
    return z.square().mean(dim=1, keepdim=True).sqrt() + 1e-8


def _without_gradient(x):
    with torch.no_grad():
        return _mean(x)


_cured("as_given", mean=_sum_over_area, rms=_tiny, u=_clamp_if_needed, temperature=_by_hand)
_cured("sum_left", mean=lambda x: _sum_over_area(x).float())
_cured("square_left", mean=lambda x: _mean(x).to(x.dtype), rms=lambda z: _rms(z).clamp(min=1e-4))
_cured(
    "eps_left",
    mean=lambda x: _mean(x).to(x.dtype),
    rms=lambda z: z.float().square().mean(dim=1, keepdim=True).sqrt().to(z.dtype) + 1e-8,
)
_cured("exp_left", temperature=_by_hand)
_cured("if_left", u=_clamp_if_needed)
_cured("temperature_read_out", temperature=lambda t: F.softplus(t).item())
_cured("no_clamp", u=lambda u: u)
_cured("clamped_after_division", u=lambda u: u, end=lambda x, u, T: (
    x * torch.sigmoid((u / T).clamp(-8, 8))[:, :, None, None]))  # fmt: skip
_cured("not_a_number_hidden", mean=lambda x: torch.nan_to_num(_sum_over_area(x)).float())
_cured("map_clipped", mean=lambda x: _mean(x.clamp(-5, 5)))
_cured("large_eps", rms=lambda z: _rms(z) + 1e-2)
_cured("no_rms", rms=lambda z: 1.0)
_cured("rms_of_the_batch", rms=lambda z: z.square().mean().sqrt() + 1e-6)
_cured("deviation", rms=lambda z: z.std(dim=1, keepdim=True) + 1e-6)
_cured("mean_square", rms=lambda z: z.square().mean(dim=1, keepdim=True) + 1e-6)
_cured("rms_detached", rms=lambda z: _rms(z).detach())
_cured("statistics_without_gradient", mean=_without_gradient)
_cured("bfloat16_detour", mean=lambda x: x.bfloat16().mean(dim=(2, 3)).float())
_cured("half_named", back=lambda z, x: z.half().to(x.dtype))
_cured("temperature_clipped", temperature=lambda t: F.softplus(t.clamp(max=10)))
_cured("temperature_one", temperature=lambda t: 1.0 + 0 * t)
_cured("result_in_float32", end=lambda x, u, T: x.float() * torch.sigmoid(u / T)[:, :, None, None].float())
_cured("gate_returned", end=lambda x, u, T: torch.sigmoid(u / T)[:, :, None, None])
_cured("gate_too", end=lambda x, u, T: (x * torch.sigmoid(u / T)[:, :, None, None], torch.sigmoid(u / T)))


@EXERCISE.wrong("float32_weights")
class _Float32Weights(Gate):
    def forward(self, x):
        z = _mean(x)
        return x * torch.sigmoid(self.fc2(F.silu(self.fc1(z / _rms(z)))).clamp(-8, 8) / F.softplus(self.t))[:, :, None, None]


@EXERCISE.wrong("temperature_no_parameter")
class _TemperatureNoParameter(Gate):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        del self.t
        self.t = torch.zeros(())


@EXERCISE.accepted
class InHalfThroughout(Gate):
    """No float32 anywhere: divide before squaring, and an epsilon that float16 has."""

    def forward(self, x):
        z = F.adaptive_avg_pool2d(x, 1).flatten(1)
        largest = z.abs().amax(dim=1, keepdim=True).clamp(min=1e-5)
        z = z / largest
        rms = z.square().mean(dim=1, keepdim=True).sqrt().clamp(min=1e-4)
        u = torch.clamp(self.fc2(F.silu(self.fc1(z / rms))), min=-8, max=8)
        T = torch.logaddexp(self.t, torch.zeros_like(self.t))
        return torch.sigmoid(u / T).unsqueeze(-1).unsqueeze(-1) * x


@EXERCISE.accepted
class ByRmsNorm(Gate):
    def forward(self, x):
        z = x.mean((2, 3), dtype=torch.float32)
        z = F.rms_norm(z, z.shape[1:], eps=1e-10).type_as(x)
        limit = torch.full_like(z[:, :1], 8)
        u = torch.maximum(torch.minimum(self.fc2(F.silu(self.fc1(z))), limit), -limit)
        T = torch.where(self.t > 10, self.t, torch.log1p(torch.exp(self.t.clamp(max=10))))
        return x * (u / T).sigmoid()[..., None, None]


@EXERCISE.accepted
class AllInDouble(Gate):
    """Every step in float64, the result in the input's type."""

    def forward(self, x):
        z = x.double().mean((2, 3))
        z = z / (z.pow(2).mean(1, keepdim=True) + 1e-12).sqrt()
        h = F.silu(F.linear(z, self.fc1.weight.double(), self.fc1.bias.double()))
        u = F.linear(h, self.fc2.weight.double(), self.fc2.bias.double()).clamp(-8, 8)
        s = torch.sigmoid(u / F.softplus(self.t.double()))
        return (x * s[:, :, None, None]).to(x.dtype)
