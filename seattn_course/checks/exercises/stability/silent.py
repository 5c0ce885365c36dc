"""stability.silent: which parameters get a gradient of exactly 0 in the first step."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values
from seattn_course.residual import ResidualAttentionP1, ResidualAttentionP2, ResidualAttentionP4


def silent(block, x, weights):
    named = dict(block.named_parameters())
    loss = (block(x) * weights).sum()
    gradients = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    return [name for name, g in zip(named, gradients) if g is not None and not g.any()]


class Traps(nn.Module):
    """Gradients that are tiny, cancel in a sum, are partly 0 (of either sign), all 0, missing, 0 by the weights."""

    def __init__(self):
        super().__init__()
        self.tiny = nn.Parameter(torch.ones(()))
        self.cancelling = nn.Parameter(torch.ones(2))
        self.partly = nn.Parameter(torch.ones(3))
        self.falling = nn.Parameter(torch.ones(3))
        self.still = nn.Parameter(torch.ones(2, 2))
        self.unused = nn.Parameter(torch.ones(2))
        self.first_channel = nn.Parameter(torch.ones(()))

    def forward(self, x):
        pair = (self.cancelling * torch.tensor([1.0, -1.0])).sum()
        y = x * (1 + 1e-15 * self.tiny + pair + self.partly[0] - self.falling[0]) + 0.0 * self.still.sum()
        return torch.cat([self.first_channel * y[:, :1], y[:, 1:]], dim=1)


def _x(generator, channels=4):
    return torch.randn(3, channels, 4, 3, generator=generator)


def _case(generator, block):
    return Case((block, _x(generator), _x(generator)))


def _one(generator):
    return [_case(generator, ResidualAttentionP1(4, "se", act=None, zero_init=True))]


def _cases(generator):
    return [
        *_one(generator),
        _case(generator, ResidualAttentionP2(4, "se", act=None, zero_init=True, start="double")),
        _case(generator, ResidualAttentionP4(4, "se", "se", act=None, zero_init=True)),
        Case((Traps(), _x(generator), _x(generator) * torch.tensor([0.0, 1, 1, 1])[:, None, None])),
    ]


class GradientsLeftAlone(CaseProbe):
    """A block that already carries gradients: they neither mislead the answer nor are they touched."""

    def __init__(self, cases):
        super().__init__("gradients_left_alone", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        block, *others = fresh_arguments(case)
        for parameter in block.parameters():
            parameter.grad = torch.full_like(parameter, 7.0)
        names = bench.call(case, bench.subject, (block, *others))
        if isinstance(names, Raised):
            return names
        kept = all(p.grad is not None and bool((p.grad == 7).all()) for p in block.parameters())
        return {"names": list(names) if isinstance(names, (list, tuple)) else str(names), "kept": kept}

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found["names"] != expected["names"]:
            return own_finding("old", bench, case)
        return None if found["kept"] else own_finding("touched", bench, case)


EXERCISE = Exercise(
    id="stability.silent",
    kind="function",
    name="silent",
    reference=silent,
    may_use_course=True,
    equivalent_mutants={
        "`gradients = torch.autograd.grad(loss, list(named.values()), allow_unused=True)` → "
        "`gradients = torch.autograd.grad(loss, named.values(), allow_unused=True)`": (
            "autograd.grad takes any sequence of tensors"
        ),
        "`loss = (block(x) * weights).sum()` → `loss = (block(x) * weights).mean()`": (
            "a constant factor leaves zeros zero and the others not"
        ),
    },
    probes=(Contract(_one), Values(_cases), GradientsLeftAlone(_one)),
)


def _gradients(block, x, weights):
    named = dict(block.named_parameters())
    loss = (block(x) * weights).sum()
    return dict(zip(named, torch.autograd.grad(loss, list(named.values()), allow_unused=True)))


@EXERCISE.wrong("none_too")
def _none_too(block, x, weights):
    return [name for name, g in _gradients(block, x, weights).items() if g is None or not g.any()]


@EXERCISE.wrong("only_none")
def _only_none(block, x, weights):
    return [name for name, g in _gradients(block, x, weights).items() if g is None]


@EXERCISE.wrong("nearly_zero")
def _nearly_zero(block, x, weights):
    found = _gradients(block, x, weights)
    return [name for name, g in found.items() if g is not None and g.abs().max() < 1e-12]


@EXERCISE.wrong("sum_is_zero")
def _sum_is_zero(block, x, weights):
    found = _gradients(block, x, weights)
    return [
        name for name, g in found.items() if g is not None and abs(g.sum()) < 1e-6 and (g.dim() or not g.any())
    ]


@EXERCISE.wrong("some_entries")
def _some_entries(block, x, weights):
    found = _gradients(block, x, weights)
    return [name for name, g in found.items() if g is not None and bool((g == 0).any())]


@EXERCISE.wrong("largest_is_zero")
def _largest_is_zero(block, x, weights):
    found = _gradients(block, x, weights)
    return [name for name, g in found.items() if g is not None and g.max() == 0]


@EXERCISE.wrong("living_ones")
def _living_ones(block, x, weights):
    return [name for name, g in _gradients(block, x, weights).items() if g is not None and bool(g.any())]


@EXERCISE.wrong("zero_weights")
def _zero_weights(block, x, weights):
    return [name for name, p in block.named_parameters() if not p.any()]


@EXERCISE.wrong("counted")
def _counted(block, x, weights):
    return len(silent(block, x, weights))


@EXERCISE.wrong("parts_named")
def _parts_named(block, x, weights):
    return sorted({name.rpartition(".")[0] for name in silent(block, x, weights)})


@EXERCISE.wrong("short_names")
def _short_names(block, x, weights):
    return [name.rpartition(".")[2] for name in silent(block, x, weights)]


@EXERCISE.wrong("by_alphabet")
def _by_alphabet(block, x, weights):
    return sorted(silent(block, x, weights))


@EXERCISE.wrong("weights_ignored")
def _weights_ignored(block, x, weights):
    return silent(block, x, torch.ones_like(weights))


@EXERCISE.wrong("gradients_returned")
def _gradients_returned(block, x, weights):
    found = _gradients(block, x, weights)
    return [found[name] for name in silent(block, x, weights)]


@EXERCISE.wrong("old_gradients")
def _old_gradients(block, x, weights):
    (block(x) * weights).sum().backward()
    return [name for name, p in block.named_parameters() if p.grad is not None and not p.grad.any()]


@EXERCISE.wrong("gradients_cleared")
def _gradients_cleared(block, x, weights):
    block.zero_grad(set_to_none=True)
    (block(x) * weights).sum().backward()
    return [name for name, p in block.named_parameters() if p.grad is not None and not p.grad.any()]


@EXERCISE.accepted
def on_a_copy(block, x, weights):
    import copy

    twin = copy.deepcopy(block)
    twin.zero_grad(set_to_none=True)
    (twin(x) * weights).sum().backward()
    return [name for name, p in twin.named_parameters() if p.grad is not None and p.grad.abs().max() == 0]


@EXERCISE.accepted
def with_given_output_gradient(block, x, weights):
    names, parameters = zip(*block.named_parameters())
    found = torch.autograd.grad(block(x), parameters, grad_outputs=weights, allow_unused=True)
    return [name for name, g in zip(names, found) if g is not None and torch.count_nonzero(g) == 0]
