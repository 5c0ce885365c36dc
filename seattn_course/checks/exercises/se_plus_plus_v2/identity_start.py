"""se_plus_plus_v2.identity_start: an SE block that begins as the identity and learns from the first step."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes import batteries
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import AnyDevice, DoublePrecision, GlobalsLeftAlone, InputLeftAlone
from seattn_course.checks.probes.semantics import GateConstantOverSpace, SamplesApart
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class IdentityStart(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Conv2d(channels, hidden, kernel_size=1)
        self.act = nn.SiLU()
        self.fc2 = nn.Conv2d(hidden, channels, kernel_size=1)
        nn.init.zeros_(self.fc2.weight)
        nn.init.zeros_(self.fc2.bias)

    def factor(self, x):
        z = x.mean(dim=(2, 3), keepdim=True)  # (N, C, 1, 1)
        return 2 * torch.sigmoid(self.fc2(self.act(self.fc1(z))))  # (N, C, 1, 1), in (0, 2)

    def forward(self, x):
        return x * self.factor(x)


class Start(CaseProbe):
    """A block fresh from its constructor: is it the identity, and what would its first step move?"""

    def __init__(self, cases):
        super().__init__("start", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        module = bench.construct(case)
        if isinstance(module, Raised):
            return module
        (x,) = fresh_arguments(case)
        y = bench.call(case, module, (x,))
        if isinstance(y, Raised):
            return y
        if not isinstance(y, torch.Tensor) or y.shape != case.args[0].shape:
            return {"identity": False, "learns": [], "constant": False, "level": "–"}
        identity = torch.allclose(y.detach(), case.args[0], rtol=0, atol=1e-6)
        weights = torch.randn(y.shape, generator=bench.generator()).to(y)
        moved = []
        if y.requires_grad and not isinstance(bench.guard.call(lambda: (y * weights).sum().backward()), Raised):
            moved = sorted(
                ["matrix" if parameter.dim() > 1 else "bias"]
                for parameter in module.parameters()
                if parameter.grad is not None and bool(parameter.grad.abs().sum() > 0)
            )
        factor = y.detach() / case.args[0]
        # In steps of one half: random starts differ, but lie around the same value.
        level = f"{(2 * factor.mean()).round().item() / 2:.1f}"
        constant = bool(factor.std() < 1e-3)
        return {"identity": identity, "learns": moved, "constant": constant, "level": level}

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if not found["identity"]:
            return own_finding("identity" if found["constant"] else "varies", bench, case, level=found["level"])
        if ["matrix"] not in found["learns"]:
            return own_finding("learns", bench, case)
        return None


EXERCISE = Exercise(
    id="se_plus_plus_v2.identity_start",
    kind="class",
    name="IdentityStart",
    reference=IdentityStart,
    probes=(
        Contract(batteries.small),
        Parameters(batteries.constructors),
        Start(batteries.constructors),
        SamplesApart(batteries.small),
        GateConstantOverSpace(batteries.small),
        Values(batteries.shapes),
        InputLeftAlone(batteries.small),
        Gradients(batteries.small),
        GlobalsLeftAlone(batteries.small),
        DoublePrecision(batteries.small),
        AnyDevice(batteries.small),
    ),
)


def _refilled(module, seed=3):
    """Random weights of its own in fc2, whatever the seed of the process."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.fc2.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))


@EXERCISE.wrong("plain_sigmoid")
class _PlainSigmoid(IdentityStart):
    def factor(self, x):
        return super().factor(x) / 2


@EXERCISE.wrong("plain_se")
class _PlainSE(IdentityStart):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        _refilled(self)

    def factor(self, x):
        return super().factor(x) / 2


@EXERCISE.wrong("not_zeroed")
class _NotZeroed(IdentityStart):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        _refilled(self)


@EXERCISE.wrong("bias_not_zeroed")
class _BiasNotZeroed(IdentityStart):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        _refilled(self)
        nn.init.zeros_(self.fc2.weight)


@EXERCISE.wrong("both_layers_zero")
class _BothLayersZero(IdentityStart):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)


@EXERCISE.wrong("large_bias")
class _LargeBias(IdentityStart):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        nn.init.constant_(self.fc2.bias, 3.0)

    def factor(self, x):
        return super().factor(x) / 2


@EXERCISE.wrong("one_plus_gate")
class _OnePlusGate(IdentityStart):
    def factor(self, x):
        return 1 + super().factor(x) / 2


@EXERCISE.wrong("one_plus_tanh")
class _OnePlusTanh(IdentityStart):
    def factor(self, x):
        z = x.mean(dim=(2, 3), keepdim=True)
        return 1 + torch.tanh(self.fc2(self.act(self.fc1(z))))


@EXERCISE.wrong("half_plus_gate")
class _HalfPlusGate(IdentityStart):
    def factor(self, x):
        return 0.5 + super().factor(x) / 2


@EXERCISE.wrong("added")
class _Added(IdentityStart):
    def forward(self, x):
        return x + self.factor(x) - 1


@EXERCISE.wrong("logits_detached")
class _LogitsDetached(IdentityStart):
    def factor(self, x):
        z = x.mean(dim=(2, 3), keepdim=True)
        return 2 * torch.sigmoid(self.fc2(self.act(self.fc1(z))).detach())


@EXERCISE.wrong("largest_value")
class _LargestValue(IdentityStart):
    def factor(self, x):
        z = x.amax(dim=(2, 3), keepdim=True)
        return 2 * torch.sigmoid(self.fc2(self.act(self.fc1(z))))


@EXERCISE.wrong("hard_sigmoid")
class _HardSigmoid(IdentityStart):
    def factor(self, x):
        z = x.mean(dim=(2, 3), keepdim=True)
        return 2 * nn.functional.hardsigmoid(self.fc2(self.act(self.fc1(z))))


@EXERCISE.wrong("one_plus_logit")
class _OnePlusLogit(IdentityStart):
    def factor(self, x):
        z = x.mean(dim=(2, 3), keepdim=True)
        return 1 + self.fc2(self.act(self.fc1(z)))


@EXERCISE.wrong("alpha_zero")
class _AlphaZero(IdentityStart):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.alpha = nn.Parameter(torch.zeros(()))

    def factor(self, x):
        return 1 + self.alpha * super().factor(x) / 2


@EXERCISE.wrong("relu")
class _ReLU(IdentityStart):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.act = nn.ReLU()


@EXERCISE.wrong("skips_while_fresh")
class _SkipsWhileFresh(IdentityStart):
    def forward(self, x):
        return x.clone() if not self.fc2.weight.any() else x * self.factor(x)


@EXERCISE.wrong("pool_forgotten")
class _PoolForgotten(IdentityStart):
    def factor(self, x):
        return 2 * torch.sigmoid(self.fc2(self.act(self.fc1(x))))


@EXERCISE.wrong("frozen")
class _Frozen(IdentityStart):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.fc2.requires_grad_(False)


@EXERCISE.wrong("in_place")
class _InPlace(IdentityStart):
    def forward(self, x):
        factor = self.factor(x)
        with torch.no_grad():
            x.mul_(factor.detach())
        return x * (factor / factor.detach())


@EXERCISE.wrong("detached")
class _Detached(IdentityStart):
    def forward(self, x):
        return x * self.factor(x.detach())


@EXERCISE.wrong("factor_too")
class _FactorToo(IdentityStart):
    def forward(self, x):
        return super().forward(x), self.factor(x)


@EXERCISE.wrong("pooled_over_batch")
class _PooledOverBatch(IdentityStart):
    def factor(self, x):
        z = x.mean(dim=(0, 2, 3), keepdim=True)
        return 2 * torch.sigmoid(self.fc2(self.act(self.fc1(z))))


@EXERCISE.wrong("reseeds")
class _Reseeds(IdentityStart):
    def forward(self, x):
        torch.manual_seed(0)
        return super().forward(x)


@EXERCISE.wrong("single_precision")
class _SinglePrecision(IdentityStart):
    def factor(self, x):
        return super().factor(x.float().to(x.dtype))


@EXERCISE.wrong("named_device")
class _NamedDevice(IdentityStart):
    def factor(self, x):
        return super().factor(x).to("cpu")


@EXERCISE.accepted
class WithLinearLayers(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        last = nn.Linear(hidden, channels)
        last.weight.data.zero_()
        last.bias.data.zero_()
        self.layers = nn.Sequential(nn.Linear(channels, hidden), nn.SiLU(), last)

    def forward(self, x):
        u = self.layers(x.mean(dim=(2, 3)))
        return x * (2 * u.sigmoid())[:, :, None, None]


@EXERCISE.accepted
class OnePlusTanhOfHalf(IdentityStart):
    """1 + tanh(u / 2) is 2 * sigmoid(u)."""

    def factor(self, x):
        z = x.mean(dim=(2, 3), keepdim=True)
        return 1 + torch.tanh(self.fc2(self.act(self.fc1(z))) / 2)


@EXERCISE.accepted
class FirstLayerZero(nn.Module):
    """fc1 zero and fc2 random: the identity too, since silu(0) is 0, and fc1 learns at once."""

    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Conv2d(channels, hidden, kernel_size=1)
        self.fc2 = nn.Conv2d(hidden, channels, kernel_size=1)
        for parameter in (self.fc1.weight, self.fc1.bias, self.fc2.bias):
            nn.init.zeros_(parameter)

    def forward(self, x):
        h = nn.functional.silu(self.fc1(x.mean(dim=(2, 3), keepdim=True)))
        return x * (2 * torch.sigmoid(self.fc2(h)))
