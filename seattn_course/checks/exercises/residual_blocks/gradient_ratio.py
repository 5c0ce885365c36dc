"""residual_blocks.gradient_ratio: how much of a gradient arrives in front of a stack of blocks."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def gradient_ratio(blocks, x, weights):
    x = x.detach().clone().requires_grad_()
    y = blocks(x)
    loss = (y * weights).sum()
    at_x, at_y = torch.autograd.grad(loss, [x, y])
    return (at_x.norm() / at_y.norm()).item()


def _filled(generator, *layers):
    """A stack with weights of this generator, in eval mode, so that a call leaves no trace in its statistics."""
    stack = nn.Sequential(*layers).eval()
    with torch.no_grad():
        for parameter in stack.parameters():
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=generator))
    return stack


def _training(generator):
    """A stack that is handed in while it trains: its norm uses the statistics of the batch."""
    case = _case(generator, _filled(generator, nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4), nn.SiLU()))
    case.args[0].train()
    return case


def _case(generator, stack, cin=4, cout=4, places=(5, 3)):
    x = torch.randn(2, cin, *places, generator=generator)
    with torch.no_grad():
        shape = stack(x).shape
    return Case((stack, x, torch.randn(shape, generator=generator)))


def _one(generator):
    return [_case(generator, _filled(generator, nn.Conv2d(4, 4, 1), nn.Tanh(), nn.Conv2d(4, 4, 3, padding=1)))]


def _cases(generator):
    norm = nn.BatchNorm2d(4)
    return [
        *_one(generator),
        _case(generator, _filled(generator, nn.Conv2d(4, 6, 3, stride=2), nn.SiLU(), nn.Conv2d(6, 3, 1))),
        _case(generator, _filled(generator, norm, nn.Sequential(nn.Conv2d(4, 4, 1), nn.Softplus()))),
        _case(generator, _filled(generator, nn.Flatten(1, 2), nn.Linear(3, 7)), places=(5, 3)),
        _training(generator),
    ]


class GradientsLeftAlone(CaseProbe):
    """The blocks' own gradients, whether there are some already or none, stay as they were, and so does x."""

    def __init__(self, cases):
        super().__init__("gradients_left_alone", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        blocks, x, weights = fresh_arguments(case)
        first, *others = blocks.parameters()
        first.grad = torch.full_like(first, 7.0)
        result = bench.call(case, bench.subject, (blocks, x, weights))
        if isinstance(result, Raised):
            return result
        if x.requires_grad or x.grad is not None:
            return ["x marked"]
        if first.grad is None:
            return ["erased"]
        if not all(p.requires_grad for p in blocks.parameters()):
            return ["frozen"]
        kept = bool((first.grad == 7).all()) and all(p.grad is None for p in others)
        return ["left alone" if kept else "added to"]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found == expected:
            return None
        key = {"x marked": "x_marked", "frozen": "frozen"}.get(found[0], "touched")
        return own_finding(key, bench, case)


EXERCISE = Exercise(
    id="residual_blocks.gradient_ratio",
    kind="function",
    name="gradient_ratio",
    reference=gradient_ratio,
    may_use_course=True,
    equivalent_mutants={
        "`loss = (y * weights).sum()` → `loss = (y * weights).mean()`": (
            "a factor in the loss stands in both gradients and cancels in their ratio"
        ),
    },
    probes=(
        Contract(_one),
        Values(_cases, tolerance=(1e-4, 1e-6)),
        GradientsLeftAlone(_one),
    ),
)


def _measured(blocks, x, weights, loss=None, start=None):
    """The gradients at x and at y, leaving everything alone."""
    x = x.detach().clone().requires_grad_() if start is None else start
    y = blocks(x)
    value = (y * weights).sum() if loss is None else loss(y, weights)
    return torch.autograd.grad(value, [x, y])


def _wrong(key, ratio, loss=None):
    def answer(blocks, x, weights):
        return ratio(*_measured(blocks, x, weights, loss))

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


_wrong("upside_down", lambda at_x, at_y: (at_y.norm() / at_x.norm()).item())
_wrong("only_at_x", lambda at_x, at_y: at_x.norm().item())
_wrong("squared", lambda at_x, at_y: (at_x.square().sum() / at_y.square().sum()).item())
_wrong("largest", lambda at_x, at_y: (at_x.abs().max() / at_y.abs().max()).item())
_wrong("sums", lambda at_x, at_y: (at_x.sum() / at_y.sum()).item())
_wrong("absolute_values", lambda at_x, at_y: (at_x.abs().sum() / at_y.abs().sum()).item())
_wrong("two_norms", lambda at_x, at_y: (at_x.norm().item(), at_y.norm().item()))
_wrong("logarithm", lambda at_x, at_y: (at_x.norm() / at_y.norm()).log10().item())
_wrong("difference", lambda at_x, at_y: (at_x.norm() - at_y.norm()).item())
_wrong("first_image", lambda at_x, at_y: (at_x[0].norm() / at_y[0].norm()).item())
_wrong("as_tensor", lambda at_x, at_y: at_x.norm() / at_y.norm())
_wrong("weights_forgotten", lambda at_x, at_y: (at_x.norm() / at_y.norm()).item(), loss=lambda y, w: y.sum())
_wrong("mean_of_y", lambda at_x, at_y: (at_x.norm() / at_y.norm()).item(), loss=lambda y, w: y.mean())
_wrong("squared_loss", lambda at_x, at_y: (at_x.norm() / at_y.norm()).item(),
       loss=lambda y, w: (y - w).square().sum())  # fmt: skip


@EXERCISE.wrong("per_element")
def _per_element(blocks, x, weights):
    at_x, at_y = _measured(blocks, x, weights)
    return (at_x.square().mean() / at_y.square().mean()).sqrt().item()


@EXERCISE.wrong("signal")
def _signal(blocks, x, weights):
    with torch.no_grad():
        return (blocks(x).norm() / x.norm()).item()


@EXERCISE.wrong("of_the_parameters")
def _of_the_parameters(blocks, x, weights):
    named = list(blocks.parameters())
    gradients = torch.autograd.grad((blocks(x) * weights).sum(), named)
    return (torch.cat([g.flatten() for g in gradients]).norm() / weights.norm()).item()


@EXERCISE.wrong("first_block_only")
def _first_block_only(blocks, x, weights):
    x = x.detach().clone().requires_grad_()
    h = blocks[0](x)
    at_x, at_h = torch.autograd.grad((blocks[1:](h) * weights).sum(), [x, h])
    return (at_x.norm() / at_h.norm()).item()


@EXERCISE.wrong("training_mode")
def _training_mode(blocks, x, weights):
    return gradient_ratio(blocks.train(), x, weights)


@EXERCISE.wrong("evaluation_mode")
def _evaluation_mode(blocks, x, weights):
    return gradient_ratio(blocks.eval(), x, weights)


@EXERCISE.wrong("backward_left_behind")
def _backward_left_behind(blocks, x, weights):
    x = x.detach().clone().requires_grad_()
    y = blocks(x)
    (y * weights).sum().backward()
    return (x.grad.norm() / weights.norm()).item()


@EXERCISE.wrong("x_marked")
def _x_marked(blocks, x, weights):
    x.requires_grad_()
    (gradient,) = torch.autograd.grad((blocks(x) * weights).sum(), x)
    return (gradient.norm() / weights.norm()).item()


@EXERCISE.wrong("parameters_frozen")
def _parameters_frozen(blocks, x, weights):
    return gradient_ratio(blocks.requires_grad_(False), x, weights)


@EXERCISE.wrong("by_the_output")
def _by_the_output(blocks, x, weights):
    at_x, _ = _measured(blocks, x, weights)
    with torch.no_grad():
        return (at_x.norm() / blocks(x).norm()).item()


@EXERCISE.wrong("gradients_erased")
def _gradients_erased(blocks, x, weights):
    ratio = _backward_left_behind(blocks, x, weights)
    blocks.zero_grad()
    return ratio


@EXERCISE.accepted
def weights_are_the_gradient(blocks, x, weights):
    """d loss / d y is the weights themselves."""
    x = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad((blocks(x) * weights).sum(), x)
    return float(gradient.norm() / weights.norm())


@EXERCISE.accepted
def by_vjp(blocks, x, weights):
    gradient = torch.autograd.functional.vjp(blocks, x, weights)[1]
    return gradient.square().sum().sqrt().item() / weights.square().sum().sqrt().item()


@EXERCISE.accepted
def on_a_copy(blocks, x, weights):
    import copy

    x = x.clone().requires_grad_()
    y = copy.deepcopy(blocks)(x)
    y.retain_grad()
    (y * weights).sum().backward()
    return (x.grad.norm() / y.grad.norm()).item()
