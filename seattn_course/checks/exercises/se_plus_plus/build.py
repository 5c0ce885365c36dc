"""se_plus_plus.build: one SE block with switches."""

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import Finding, own_finding
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import AnyDevice, DoublePrecision, InputLeftAlone
from seattn_course.checks.probes.semantics import GateConstantOverSpace, SamplesApart
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Refusals, Values


class SEPlusPlus(nn.Module):
    def __init__(self, channels, reduction=16, min_hidden=4, gate="sigmoid", use_avg=True, use_max=True):
        super().__init__()
        if gate.lower() not in ("sigmoid", "hardsigmoid"):
            raise ValueError(f"gate must be 'sigmoid' or 'hardsigmoid', got {gate!r}")
        if not (use_avg or use_max):
            raise ValueError(f"use_avg or use_max must be True, got {use_avg} and {use_max}")
        hidden = max(min_hidden, channels // reduction)
        self.fc1 = nn.Conv2d(channels, hidden, 1)
        self.act = nn.SiLU()
        self.fc2 = nn.Conv2d(hidden, channels, 1)
        self.gate_fn = nn.Sigmoid() if gate.lower() == "sigmoid" else nn.Hardsigmoid()
        self.use_avg, self.use_max = use_avg, use_max

    def squeeze(self, x):
        if not self.use_max:
            return x.mean((2, 3), keepdim=True)  # (N, C, 1, 1)
        if not self.use_avg:
            return x.amax((2, 3), keepdim=True)
        return x.mean((2, 3), keepdim=True) + x.amax((2, 3), keepdim=True)

    def gate(self, x):
        return self.gate_fn(self.fc2(self.act(self.fc1(self.squeeze(x)))))  # (N, C, 1, 1)

    def forward(self, x):
        return x * self.gate(x)


def _small(generator):
    return [Case((feature_map(generator, 2, 6, 3, 5),), config=(6, 2), note="not_square")]


def _agreed(generator):
    """Every argument, in the agreed order and by its name."""
    x = feature_map(generator, 2, 6, 3, 5)
    named = {"reduction": 2, "min_hidden": 4, "gate": "sigmoid", "use_avg": True, "use_max": True}
    return [Case((x,), config=(6, 2, 4, "sigmoid", True, True)), Case((x,), config=(6,), config_kwargs=named)]


def _constructors(generator):
    x = feature_map(generator, 2, 6, 3, 5)
    return [
        Case((x,), config=(6, 2)),
        Case((x,), config=(6, 2, 1)),
        Case((x,), config=(6, 2), config_kwargs={"use_max": False}),
        Case((x,), config=(6, 2), config_kwargs={"use_avg": False, "gate": "hardsigmoid"}),
        Case((feature_map(generator, 2, 23, 2, 3),), config=(23, 4), note="not_divisible"),
        Case((feature_map(generator, 2, 3, 3, 5),), config=(3,), note="few_channels"),
        Case((feature_map(generator, 1, 75, 2, 3),), config=(75,), note="default"),
        Case((feature_map(generator, 1, 80, 2, 3),), config=(80,), note="default"),
    ]


def _settings(generator):
    """The shapes that tell wrong squeezes apart, and every switch in both positions."""
    swapped = feature_map(generator, 2, 6, 5, 3).transpose(2, 3)
    x = feature_map(generator, 3, 6, 3, 6)
    switches = ({"use_max": False}, {"use_avg": False}, {"gate": "hardsigmoid"}, {"gate": "HardSigmoid"},
                {"gate": "SIGMOID"}, {"use_avg": False, "gate": "hardsigmoid"},
                {"use_max": False, "gate": "Hardsigmoid"})  # fmt: skip
    return [
        Case((x,), config=(6, 2), note="trap"),
        Case((feature_map(generator, 1, 6, 4, 3),), config=(6, 2), note="one_image"),
        Case((swapped,), config=(6, 2), note="not_contiguous"),
        Case((-1 - x.abs(),), config=(6, 2), config_kwargs={"use_avg": False}),
        *(Case((x,), config=(6, 2), config_kwargs=each) for each in switches),
    ]


def _refused(generator):
    x = feature_map(generator, 2, 6, 3, 5)
    refused = ({"gate": "softmax"}, {"gate": "hard"}, {"gate": ""}, {"use_avg": False, "use_max": False})
    return [Case((x,), config=(6, 2), config_kwargs=each) for each in refused]


class RefusesToBuild(Refusals):
    """Bad options are refused by the constructor; what is built all the same is asked whether it refuses an image."""

    def observe_case(self, bench: Bench, case: Case) -> Any:
        module = bench.construct(case)
        if isinstance(module, Raised):
            return ["raised", module.type] if module.kind == "exception" else module
        result = bench.call(case, module)
        return ["late", result.type] if isinstance(result, Raised) else ["accepted", ""]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        how, what = found
        if how == "raised":
            return super().judge_case(bench, case, expected, found)
        return own_finding(how, bench, case, **({"error": what} if what else {}))


EXERCISE = Exercise(
    id="se_plus_plus.build",
    kind="class",
    name="SEPlusPlus",
    reference=SEPlusPlus,
    probes=(
        Contract(_agreed),
        Parameters(_constructors),
        SamplesApart(_small),
        GateConstantOverSpace(_small),
        Values(_settings),
        RefusesToBuild(_refused),
        InputLeftAlone(_small),
        Gradients(_small),
        DoublePrecision(_small),
        AnyDevice(_small),
    ),
)


def _options(channels, reduction=16, min_hidden=4, gate="sigmoid", use_avg=True, use_max=True):
    return locals()


def _constructed(change):
    """A SEPlusPlus whose constructor passes its options through ``change`` first."""

    class Changed(SEPlusPlus):
        def __init__(self, *args, **kwargs):
            options = _options(*args, **kwargs)
            super().__init__(**options | change(**options))

    return Changed


def _with(**modules):
    """A SEPlusPlus with other submodules."""

    class Changed(SEPlusPlus):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            for name, module in modules.items():
                setattr(self, name, module)

    return Changed


def _case_matters(gate, **_):
    if gate not in ("sigmoid", "hardsigmoid"):
        raise ValueError(gate)
    return {}


def _asserted(gate, use_avg, use_max, **_):
    assert use_avg or use_max
    assert gate.lower() in ("sigmoid", "hardsigmoid")
    return {}


def _else_branch(gate, **_):
    return {"gate": "sigmoid" if gate.lower() == "sigmoid" else "hardsigmoid"}


def _careless(gate, **_):
    return {"gate": "sigmoid" if gate == "sigmoid" else "hardsigmoid"}


def _rounded_width(channels, reduction, min_hidden, **_):
    return {"reduction": channels, "min_hidden": max(min_hidden, round(channels / reduction))}


EXERCISE.wrong("relu")(_with(act=nn.ReLU()))
EXERCISE.wrong("no_activation")(_with(act=nn.Identity()))
EXERCISE.wrong("sigmoid_for_silu")(_with(act=nn.Sigmoid()))
EXERCISE.wrong("gate_ignored")(_with(gate_fn=nn.Sigmoid()))
EXERCISE.wrong("floor_of_one")(_constructed(lambda **_: {"min_hidden": 1}))
EXERCISE.wrong("rounded_width")(_constructed(_rounded_width))
EXERCISE.wrong("case_matters")(_constructed(_case_matters))
EXERCISE.wrong("else_branch")(_constructed(_else_branch))
EXERCISE.wrong("careless")(_constructed(_careless))
EXERCISE.wrong("asserted")(_constructed(_asserted))
EXERCISE.wrong("no_squeeze_accepted")(_constructed(lambda **o: {"use_avg": o["use_avg"] or not o["use_max"]}))
EXERCISE.wrong("switches_swapped")(_constructed(lambda **o: {"use_avg": o["use_max"], "use_max": o["use_avg"]}))


class _BuiltUnchecked(SEPlusPlus):
    """Its constructor takes both switches off."""

    def __init__(self, channels, reduction=16, min_hidden=4, gate="sigmoid", use_avg=True, use_max=True):
        super().__init__(channels, reduction, min_hidden, gate)
        self.use_avg, self.use_max = use_avg, use_max


@EXERCISE.wrong("refused_at_the_first_image")
class _RefusedAtTheFirstImage(_BuiltUnchecked):
    def forward(self, x):
        if not (self.use_avg or self.use_max):
            raise ValueError("use_avg or use_max must be True")
        return super().forward(x)


@EXERCISE.wrong("stumbles_at_the_first_image")
class _StumblesAtTheFirstImage(_BuiltUnchecked):
    def squeeze(self, x):
        z = 0
        if self.use_avg:
            z = z + x.mean((2, 3), keepdim=True)
        if self.use_max:
            z = z + x.amax((2, 3), keepdim=True)
        return z


@EXERCISE.wrong("axes_lost")
class _AxesLost(SEPlusPlus):
    def squeeze(self, x):
        return super().squeeze(x).flatten(1)


@EXERCISE.wrong("largest_of_everything")
class _LargestOfEverything(SEPlusPlus):
    def squeeze(self, x):
        z = x.mean((2, 3), keepdim=True) if self.use_avg else 0
        return z + x.max().expand(*x.shape[:2], 1, 1) if self.use_max else z


@EXERCISE.wrong("mean_first")
class _MeanFirst(SEPlusPlus):
    def squeeze(self, x):
        return x.mean((2, 3), keepdim=True) if self.use_avg else x.amax((2, 3), keepdim=True)


@EXERCISE.wrong("max_first")
class _MaxFirst(SEPlusPlus):
    def squeeze(self, x):
        return x.amax((2, 3), keepdim=True) if self.use_max else x.mean((2, 3), keepdim=True)


@EXERCISE.wrong("residual")
class _Residual(SEPlusPlus):
    def forward(self, x):
        return x + super().forward(x)


@EXERCISE.wrong("gates_swapped")
class _GatesSwapped(SEPlusPlus):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.gate_fn = nn.Hardsigmoid() if isinstance(self.gate_fn, nn.Sigmoid) else nn.Sigmoid()


@EXERCISE.wrong("averaged")
class _Averaged(SEPlusPlus):
    def squeeze(self, x):
        z = super().squeeze(x)
        return z / 2 if self.use_avg and self.use_max else z


@EXERCISE.wrong("after_the_layers")
class _AfterTheLayers(SEPlusPlus):
    def gate(self, x):
        squeezes = [x.mean((2, 3), keepdim=True)] * self.use_avg + [x.amax((2, 3), keepdim=True)] * self.use_max
        return self.gate_fn(sum(self.fc2(self.act(self.fc1(z))) for z in squeezes))


@EXERCISE.wrong("concatenated")
class _Concatenated(SEPlusPlus):
    def __init__(self, channels, reduction=16, min_hidden=4, gate="sigmoid", use_avg=True, use_max=True):
        super().__init__(channels, reduction, min_hidden, gate, use_avg, use_max)
        self.fc1 = nn.Conv2d(channels * (use_avg + use_max), max(min_hidden, channels // reduction), 1)

    def squeeze(self, x):
        squeezes = [x.mean((2, 3), keepdim=True)] * self.use_avg + [x.amax((2, 3), keepdim=True)] * self.use_max
        return torch.cat(squeezes, 1)


@EXERCISE.wrong("switches_ignored")
class _SwitchesIgnored(SEPlusPlus):
    def squeeze(self, x):
        return x.mean((2, 3), keepdim=True) + x.amax((2, 3), keepdim=True)


@EXERCISE.wrong("pooled_over_batch")
class _PooledOverBatch(SEPlusPlus):
    def gate(self, x):
        return super().gate(x.mean(0, keepdim=True)).expand(x.shape[0], -1, 1, 1)


@EXERCISE.wrong("switches_missing")
class _SwitchesMissing(SEPlusPlus):
    def __init__(self, channels, reduction=16, min_hidden=4, gate="sigmoid"):
        super().__init__(channels, reduction, min_hidden, gate)


@EXERCISE.wrong("not_pooled")
class _NotPooled(SEPlusPlus):
    def squeeze(self, x):
        return x


@EXERCISE.wrong("detached")
class _Detached(SEPlusPlus):
    def squeeze(self, x):
        return super().squeeze(x.detach())


@EXERCISE.wrong("single_precision")
class _SinglePrecision(SEPlusPlus):
    def squeeze(self, x):
        return super().squeeze(x.float()).to(x.dtype)


@EXERCISE.wrong("named_device")
class _NamedDevice(SEPlusPlus):
    def squeeze(self, x):
        return super().squeeze(x) + torch.zeros(x.shape[1], 1, 1, device="cpu")


@EXERCISE.wrong("in_place")
class _InPlace(SEPlusPlus):
    def forward(self, x):
        return x.mul_(self.gate(x))


@EXERCISE.accepted
class SwappedSumAndLinear(nn.Module):
    def __init__(self, channels, reduction=16, min_hidden=4, gate="sigmoid", use_avg=True, use_max=True):
        super().__init__()
        gates = {"sigmoid": torch.sigmoid, "hardsigmoid": lambda u: F.relu6(u + 3) / 6}
        if gate.lower() not in gates or not (use_max or use_avg):
            raise ValueError("choose a gate and a squeeze")
        hidden = max(channels // reduction, min_hidden)
        self.mlp = nn.Sequential(nn.Linear(channels, hidden), nn.SiLU(), nn.Linear(hidden, channels))
        self.last, self.squeezes = gates[gate.lower()], (use_max, use_avg)

    def forward(self, x):
        use_max, use_avg = self.squeezes
        parts = [x.flatten(2).max(2)[0]] * use_max + [x.mean((2, 3))] * use_avg
        return x * self.last(self.mlp(sum(parts)))[..., None, None]


@EXERCISE.accepted
class PoolingLayers(nn.Module):
    def __init__(self, channels, reduction=16, min_hidden=4, gate="sigmoid", use_avg=True, use_max=True):
        super().__init__()
        functions = {"sigmoid": nn.Sigmoid, "hardsigmoid": nn.Hardsigmoid}
        pools = [nn.AdaptiveAvgPool2d(1)] * use_avg + [nn.AdaptiveMaxPool2d(1)] * use_max
        if not pools:
            raise ValueError("no squeeze")
        try:
            last = functions[gate.casefold()]()
        except KeyError:
            raise ValueError(f"unknown gate {gate}") from None
        width = max(min_hidden, channels // reduction)
        self.pools = nn.ModuleList(pools)
        self.up, self.down = nn.Conv2d(width, channels, 1), nn.Conv2d(channels, width, 1)
        self.last = last

    def forward(self, x):
        hidden = self.down(torch.stack([pool(x) for pool in self.pools]).sum(0))
        return self.last(self.up(hidden * hidden.sigmoid())).mul(x)
