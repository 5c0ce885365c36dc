"""Designs: an attention of the learner's own, its control, and what is claimed of it, whatever they are made of.

Nothing is compared with the reference's values. The first thing that is not right is one word, and that word alone
tells mistakes apart: a design of another kind with the same fault has made the same mistake.
"""

from typing import Any

import torch
from torch import Tensor, nn

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import Finding, Probe, own_finding, raised
from seattn_course.checks.state import random_like

CLAIMS = ("same_everywhere", "ignores_order", "ignores_scale")
CHANNELS = (8, 12)
LARGEST_GATE = 2.0
ROUNDING = 1e-9  # of a gate in float64
NOTICEABLE = 1e-6
STATES = 3  # random values that are tried, before it is said that something never happens
SCALE_FELT = 1e-3  # an epsilon in a denominator may be felt, if it is less than this


class _OfDesign(Probe):
    """Looks at ``design(channels)`` = (attention, control, claims) for each number of channels."""

    channels = CHANNELS

    def observe(self, bench: Bench) -> list[Any]:
        return [self._look(bench, channels) for channels in self.channels]

    def _look(self, bench: Bench, channels: int) -> Any:
        bench._seed()
        made = bench.call(Case((channels,)), bench.subject)
        if isinstance(made, Raised):
            return made
        word = _form(made)
        if word is not None or isinstance(self, DesignForm):
            return [word or "right"]
        for module in made[:2]:
            _randomise(module, bench.seed, 0)
        if isinstance(self, DesignRuns):
            return self.look(bench, channels, *made)  # guards each call on its own
        return bench.guard.call(self.look, (bench, channels, *made))

    def look(self, bench: Bench, channels: int, attention: nn.Module, control: nn.Module, claims: dict) -> Any:
        """A Raised, or a list: the word, then the numbers of its sentence."""
        raise NotImplementedError

    def judge(self, bench: Bench, expected: list[Any], found: list[Any]) -> Finding | None:
        for channels, result in zip(self.channels, found, strict=True):
            case = Case((channels,))
            if isinstance(result, Raised):
                return raised(result, bench, case)
            word, *numbers = result
            if word != "right":
                return own_finding(word, bench, case, **dict(zip(("first", "second"), numbers)))
        return None

    @staticmethod
    def alike(a: list[Any], b: list[Any]) -> bool:
        return all(
            x.like(y) if isinstance(x, Raised) else not isinstance(y, Raised) and x[0] == y[0]
            for x, y in zip(a, b, strict=True)
        )


class DesignForm(_OfDesign):
    """Three parts: two modules that share nothing, and the three claims."""

    name = "form"


class DesignRuns(_OfDesign):
    """Both modules keep shape and type of every map, and leave it alone."""

    name = "runs"
    channels = CHANNELS[:1]

    def look(self, bench, channels, attention, control, claims):
        swapped = _map(bench, 2, channels, 6, 4).transpose(2, 3)
        maps = [_map(bench, *shape) for shape in ((3, channels, 5, 7), (1, channels, 6, 4), (2, channels, 1, 1))]
        for part, module in (("attention", attention), ("control", control)):
            for x in (*(x.float() for x in (*maps, swapped)), maps[0]):
                word = _run_word(bench, module.to(x.dtype), x)
                if isinstance(word, Raised):
                    return word
                if word is not None:
                    return [f"{part}_{word}"]
            if isinstance(bench.guard.call(module.to("meta"), (maps[0].to("meta"),)), Raised):
                return [f"{part}_device"]
        return ["right"]


class DesignGates(_OfDesign):
    """Both modules multiply by a gate; that of the attention comes from the image, each for itself, and learns."""

    name = "gates"
    channels = CHANNELS[1:]

    def look(self, bench, channels, attention, control, claims):
        x = _map(bench, 4, channels, 5, 7)
        other = torch.cat([x[:1], _map(bench, 5, channels, 7, 5)[2:].mT])  # the first image stays
        for part, module in (("attention", attention.double()), ("control", control.double())):
            asks = False
            for state in range(STATES):
                _randomise(module, bench.seed, state)
                gate, again, changed = (_gate(module, each) for each in (x, x, other))
                hollow = torch.where(torch.arange(7) % 3 == 0, 0.0, x)
                faults = {
                    "random": _apart(gate, again),
                    "added": bool(module(hollow)[hollow == 0].abs().max() > ROUNDING),
                    "range": bool(gate.min() < -ROUNDING or gate.max() > LARGEST_GATE + ROUNDING),
                    "samples": _apart(gate[0], changed[0]),
                }
                for word, present in faults.items():
                    if present:
                        return [f"{part}_{word}"]
                asks = asks or _apart(gate[1:], changed[1:])
                if asks:
                    break
            if asks != (part == "attention"):
                return ["attention_constant" if part == "attention" else "control_asks"]
        return ["right"]


class DesignLearns(_OfDesign):
    """Every parameter gets a gradient, in both; the input of the attention too, through the gate."""

    name = "learns"
    channels = CHANNELS[1:]

    def look(self, bench, channels, attention, control, claims):
        x = _map(bench, 12, channels, 4, 5)
        weights = torch.randn(x.shape, generator=bench.generator(), dtype=torch.float64)
        for part, module in (("attention", attention.double()), ("control", control.double())):
            if any(not p.requires_grad for p in module.parameters()):
                return [f"{part}_frozen"]
            idle, detached = {name for name, _ in module.named_parameters()}, part == "attention"
            for state in range(STATES):
                _randomise(module, bench.seed, state)
                given = x.clone().requires_grad_()
                y = module(given)
                if not y.requires_grad:
                    return [f"{part}_cut"]
                (y * weights).sum().backward()
                idle -= {name for name, p in module.named_parameters() if _moves(p)}
                # Were the gate detached, the gradient would be weights * gate, and nothing else.
                detached = detached and not _apart(given.grad, weights * (y / x).detach())
                if not idle and not detached:
                    break
            if idle:
                return [f"{part}_idle", min(idle)]
            if detached:
                return ["attention_detached"]
        return ["right"]


class DesignControl(_OfDesign):
    """The control has as many parameters as the attention, and not many more."""

    name = "control"

    def look(self, bench, channels, attention, control, claims):
        own, other = (sum(p.numel() for p in module.parameters()) for module in (attention, control))
        if other < own:
            return ["control_small", own, other]
        if other > own + max(channels, own // 10):
            return ["control_large", own, other]
        return ["right"]


class DesignClaims(_OfDesign):
    """Each claim is measured."""

    name = "claims"
    channels = CHANNELS[:1]

    def look(self, bench, channels, attention, control, claims):
        module = attention.double()
        x = _map(bench, 4, channels, 5, 7)
        order = torch.randperm(35, generator=bench.generator())
        measured = dict.fromkeys(CLAIMS, True)
        for state in range(STATES):
            _randomise(module, bench.seed, state)
            gate = _gate(module, x).flatten(2)
            shuffled = _gate(module, x.flatten(2)[..., order].unflatten(2, (5, 7))).flatten(2)
            scaled = [_gate(module, factor * x).flatten(2) for factor in (0.5, 3.0)]
            holds = {
                "same_everywhere": not _apart(gate, gate[..., :1]),
                "ignores_order": not _apart(shuffled, gate[..., order]),
                "ignores_scale": not any((each - gate).abs().max() > SCALE_FELT for each in scaled),
            }
            measured = {name: measured[name] and holds[name] for name in CLAIMS}
        for name in CLAIMS:
            if claims[name] != measured[name]:
                return [f"{name}_{'not' if claims[name] else 'true'}"]
        return ["right"]


def _form(made: Any) -> str | None:
    """What is wrong with the three parts, or None."""
    if not isinstance(made, (tuple, list)) or len(made) != 3:
        return "three"
    attention, control, claims = made
    if not isinstance(attention, nn.Module) or not isinstance(control, nn.Module):
        return "modules"
    if {id(module) for module in attention.modules()} & {id(module) for module in control.modules()}:
        return "shared"
    if {id(p) for p in attention.parameters()} & {id(p) for p in control.parameters()}:
        return "shared"
    if not isinstance(claims, dict) or set(claims) != set(CLAIMS):
        return "claim_names"
    return None if all(isinstance(claim, bool) for claim in claims.values()) else "claim_values"


def _randomise(module: nn.Module, seed: int, state: int) -> None:
    """Other values than the constructor's, which may hide what a module does; buffers stay as they are.

    A narrow ReLU layer is dead in many a state, and hides what it does. In the last state all values are positive,
    so that a layer which is fed with positive numbers is not.
    """
    module.eval()
    module.zero_grad()
    with torch.no_grad():
        for index, parameter in enumerate(module.parameters()):
            values = random_like(parameter, seed, f"{state}/{index}", is_buffer=False)
            parameter.copy_(values.abs() if state == STATES - 1 else values)


def _moves(parameter: nn.Parameter) -> bool:
    return parameter.grad is not None and bool(parameter.grad.abs().max() > 1e-12)


def _map(bench: Bench, *shape: int) -> Tensor:
    """In float64, no value near 0, images and channels of different means."""
    generator = bench.generator()
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    x = x + 1.5 * torch.randn(*shape[:2], 1, 1, generator=generator, dtype=torch.float64)
    return torch.where(x < 0, x - 0.1, x + 0.1)


def _run_word(bench: Bench, module: nn.Module, x: Tensor) -> Any:
    given = x.clone()
    y = bench.guard.call(module, (given,))
    if isinstance(y, Raised):
        return "double" if x.dtype == torch.float64 else y
    if not isinstance(y, Tensor) or y.shape != x.shape:
        return "shape"
    if y.dtype != x.dtype:
        return "double"
    if not torch.equal(given, x):
        return "in_place"
    return None if y.isfinite().all() else "not_finite"


def _gate(module: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return module(x.clone()) / x


def _apart(a: Tensor, b: Tensor) -> bool:
    return bool((a - b).abs().max() > NOTICEABLE)
