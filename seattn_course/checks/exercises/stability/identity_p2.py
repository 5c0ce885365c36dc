"""stability.identity_p2: a P2 block that begins as the identity and whose gate learns from the first step."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class IdentityP2(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.conv1 = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.act = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.fc1 = nn.Conv2d(channels, hidden, kernel_size=1)
        self.gate_act = nn.SiLU()
        self.fc2 = nn.Conv2d(hidden, channels, kernel_size=1)
        for start_at_zero in (self.bn2.weight, self.fc2.weight, self.fc2.bias):
            nn.init.zeros_(start_at_zero)

    def branch(self, x):
        return self.bn2(self.conv2(self.act(self.bn1(self.conv1(x)))))

    def gate(self, v):
        z = v.mean(dim=(2, 3), keepdim=True)
        return 2 * torch.sigmoid(self.fc2(self.gate_act(self.fc1(z))))

    def forward(self, x):
        v = x + self.branch(x)
        return v * self.gate(v)


def _small(generator):
    return [Case((feature_map(generator, 3, 4, 3, 5),), config=(4, 2), note="not_square")]


def _constructors(generator):
    return [
        *_small(generator),
        Case(
            (feature_map(generator, 3, 3, 3, 4),), config=(3,), config_kwargs={"reduction": 4}, note="few_channels"
        ),
        *(Case((feature_map(generator, 2, c, 2, 3),), config=(c,), note="default") for c in (30, 32)),
    ]


def _shapes(generator):
    return [
        *_small(generator),
        Case((feature_map(generator, 3, 4, 3, 4),), config=(4, 2), note="trap"),
        Case((feature_map(generator, 1, 7, 4, 3),), config=(7, 2), note="one_image"),
    ]


def _rank(parameter):
    """Vectors (norms, biases) have 1, the gate's matrices 2, written as Linear or as 1×1 convolution."""
    return len([size for size in parameter.shape if size > 1])


class Start(CaseProbe):
    """A block fresh from its constructor: is it the identity, and what does the first step move?"""

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
            return {"identity": False, "negative": False, "learns": [], "unused": 0, "values": [], "level": "–"}
        given, fresh = case.args[0], y.detach()
        # which parameters start at 0 and at 1: tells ways of not being the identity apart
        values = [sorted(_rank(p) for p in module.parameters() if bool((p == value).all())) for value in (0, 1)]
        weights = torch.randn(y.shape, generator=bench.generator()).to(y)
        if y.requires_grad:
            backward = bench.guard.call(lambda: (y * weights).sum().backward())
            if isinstance(backward, Raised):
                return backward
        with_gradient = [p for p in module.parameters() if p.grad is not None]
        moved = sorted(_rank(p) for p in with_gradient if bool(p.grad.abs().sum() > 0))
        # In steps of one half: random starts differ, but lie around the same value.
        level = f"{(2 * (fresh.square().mean() / given.square().mean()).sqrt()).round().item() / 2:.1f}"
        identity = torch.allclose(fresh, given, rtol=0, atol=1e-6)
        return {
            "identity": identity,
            "negative": bool((fresh >= 0).all()),
            # which ranks: vectors (norms, biases) and matrices (the gate's layer)
            "learns": moved if identity else [],
            # left out of the output, or in it with a gradient of 0: two reasons for not learning
            "unused": len(list(module.parameters())) - len(with_gradient),
            "values": values,
            "level": level,
        }

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found["level"] == "–":
            return None  # a map of another shape: the values say so
        if found["negative"]:
            return own_finding("negative", bench, case)
        if not found["identity"]:
            return own_finding("identity", bench, case, level=found["level"])
        return None if found["learns"] == expected["learns"] else own_finding("learns", bench, case)


EXERCISE = Exercise(
    id="stability.identity_p2",
    kind="class",
    name="IdentityP2",
    reference=IdentityP2,
    equivalent_mutants={
        f"`self.{conv} = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)` → "
        f"`self.{conv} = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)`": (
            "channels in and out, exchanged, are the same number"
        )
        for conv in ("conv1", "conv2")
    },
    probes=(
        Contract(_small),
        Parameters(_constructors),
        Start(_small),
        Values(_shapes),
        InputLeftAlone(_small),
    ),
)


def _refilled(tensor, seed=3):
    """Random values of its own, whatever the seed of the process."""
    with torch.no_grad():
        tensor.copy_(0.3 * torch.randn(tensor.shape, generator=torch.Generator().manual_seed(seed)))


@EXERCISE.wrong("plain_sigmoid")
class _PlainSigmoid(IdentityP2):
    def gate(self, v):
        return super().gate(v) / 2


@EXERCISE.wrong("gate_not_zeroed")
class _GateNotZeroed(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        _refilled(self.fc2.weight)
        _refilled(self.fc2.bias)


@EXERCISE.wrong("gate_bias_left")
class _GateBiasLeft(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        _refilled(self.fc2.bias)


@EXERCISE.wrong("gate_weight_left")
class _GateWeightLeft(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        _refilled(self.fc2.weight)


@EXERCISE.wrong("gamma_left")
class _GammaLeft(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        nn.init.ones_(self.bn2.weight)


@EXERCISE.wrong("plain_p2")
class _PlainP2(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        nn.init.ones_(self.bn2.weight)
        _refilled(self.fc2.weight)
        _refilled(self.fc2.bias)

    def gate(self, v):
        return super().gate(v) / 2


@EXERCISE.wrong("convolution_zeroed")
class _ConvolutionZeroed(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        nn.init.ones_(self.bn2.weight)
        nn.init.zeros_(self.conv2.weight)


@EXERCISE.wrong("branch_zeroed_twice")
class _BranchZeroedTwice(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        nn.init.zeros_(self.conv2.weight)


@EXERCISE.wrong("first_norm_zeroed")
class _FirstNormZeroed(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        nn.init.ones_(self.bn2.weight)
        nn.init.zeros_(self.bn1.weight)


@EXERCISE.wrong("all_zero")
class _AllZero(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)


@EXERCISE.wrong("both_layers_zero")
class _BothLayersZero(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        nn.init.zeros_(self.fc1.weight)
        nn.init.zeros_(self.fc1.bias)


@EXERCISE.wrong("open_bias")
class _OpenBias(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        nn.init.constant_(self.fc2.bias, 3.0)

    def gate(self, v):
        return super().gate(v) / 2


@EXERCISE.wrong("one_plus_gate")
class _OnePlusGate(IdentityP2):
    def gate(self, v):
        return 1 + super().gate(v) / 2


@EXERCISE.wrong("relu_last")
class _ReluLast(IdentityP2):
    def forward(self, x):
        return torch.relu(super().forward(x))


@EXERCISE.wrong("p1")
class _P1(IdentityP2):
    def forward(self, x):
        v = self.branch(x)
        return x + v * self.gate(v)


@EXERCISE.wrong("p3")
class _P3(IdentityP2):
    def forward(self, x):
        return x + self.branch(x * self.gate(x))


@EXERCISE.wrong("gate_sees_input")
class _GateSeesInput(IdentityP2):
    def forward(self, x):
        return (x + self.branch(x)) * self.gate(x)


@EXERCISE.wrong("gate_sees_branch")
class _GateSeesBranch(IdentityP2):
    def forward(self, x):
        residual = self.branch(x)
        return (x + residual) * self.gate(residual)


@EXERCISE.wrong("gate_on_skip")
class _GateOnSkip(IdentityP2):
    def forward(self, x):
        return x * self.gate(x) + self.branch(x)


@EXERCISE.wrong("each_gated")
class _EachGated(IdentityP2):
    def forward(self, x):
        residual = self.branch(x)
        return x * self.gate(x) + residual * self.gate(residual)


@EXERCISE.wrong("gate_alone")
class _GateAlone(IdentityP2):
    def forward(self, x):
        return self.gate(x + self.branch(x))


@EXERCISE.wrong("no_skip")
class _NoSkip(IdentityP2):
    def forward(self, x):
        v = self.branch(x)
        return v * self.gate(v)


@EXERCISE.wrong("no_branch")
class _NoBranch(IdentityP2):
    def forward(self, x):
        return x * self.gate(x)


@EXERCISE.wrong("relu_ends_branch")
class _ReluEndsBranch(IdentityP2):
    def branch(self, x):
        return torch.relu(super().branch(x))


@EXERCISE.wrong("alpha_zero")
class _AlphaZero(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.alpha = nn.Parameter(torch.zeros(()))

    def gate(self, v):
        return 1 + self.alpha * super().gate(v) / 2


@EXERCISE.wrong("pool_forgotten")
class _PoolForgotten(IdentityP2):
    def gate(self, v):
        return 2 * torch.sigmoid(self.fc2(self.gate_act(self.fc1(v))))


@EXERCISE.wrong("relu_in_gate")
class _ReluInGate(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.gate_act = nn.ReLU()


@EXERCISE.wrong("frozen_gamma")
class _FrozenGamma(IdentityP2):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.bn2.weight.requires_grad_(False)


@EXERCISE.wrong("in_place")
class _InPlace(IdentityP2):
    def forward(self, x):
        v = x + self.branch(x)
        s = self.gate(v)
        x.data.copy_(v.detach() * s.detach())
        return v * s


@EXERCISE.wrong("gate_too")
class _GateToo(IdentityP2):
    def forward(self, x):
        v = x + self.branch(x)
        return v * self.gate(v), self.gate(v)


@EXERCISE.accepted
class InParts(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        last = nn.BatchNorm2d(channels)
        last.weight.data.zero_()
        self.f = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            last,
        )
        hidden = max(1, channels // reduction)
        out = nn.Linear(hidden, channels)
        out.weight.data.zero_()
        out.bias.data.zero_()
        self.layers = nn.Sequential(nn.Linear(channels, hidden), nn.SiLU(), out)

    def forward(self, x):
        v = self.f(x) + x
        u = self.layers(v.mean((2, 3)))
        return v * (1 + torch.tanh(u / 2))[:, :, None, None]  # the same as 2 sigmoid(u)


@EXERCISE.accepted
class ByDistribution(IdentityP2):
    """A(x + F) = s x + s F: the gate multiplies both parts."""

    def forward(self, x):
        residual = self.branch(x)
        s = self.gate(residual + x)
        return s * x + s * residual
