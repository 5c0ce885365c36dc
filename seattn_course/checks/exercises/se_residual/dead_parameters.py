"""se_residual.dead_parameters: a stronger check: which parameters does a weighted loss not reach?"""

import copy
from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.networks import BranchDetached, SkipUnused
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import same
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values
from seattn_course.residual import SEResBlockPostAct


def dead_parameters(block, x, weights):
    twin = copy.deepcopy(block).train()  # brings no gradients along
    (twin(x) * weights).sum().backward()
    norms = {name: 0.0 if p.grad is None else p.grad.norm().item() for name, p in twin.named_parameters()}
    limit = 1e-6 * max(norms.values())
    return [name for name, norm in norms.items() if norm < limit]


def _case(generator, block, training=True, note=None):
    """A block of 4 channels in and 6 out, half the size, with weights and statistics of this generator."""
    with torch.no_grad():
        for parameter in block.parameters():
            if parameter.any():  # what starts at 0 in a zero-init block stays there
                parameter.copy_(0.5 * torch.randn(parameter.shape, generator=generator))
        for name, buffer in block.named_buffers():
            if name.endswith("running_var"):
                buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))
    x = torch.randn(3, 4, 6, 5, generator=generator)
    return Case((block.train(training), x, torch.randn(3, 6, 3, 3, generator=generator)), note=note)


def _one(generator):
    return [_case(generator, SkipUnused(4, 6, 2))]


def _cases(generator):
    return [
        *_one(generator),
        _case(generator, BranchDetached(4, 6, 2)),
        _case(generator, SEResBlockPostAct(4, 6, 2)),
        _case(generator, SEResBlockPostAct(4, 6, 2, attention=None, out_act=False)),  # the mean is blind here
        _case(generator, SEResBlockPostAct(4, 6, 2, attention=None, out_act=False), training=False),
        _case(generator, SEResBlockPostAct(4, 6, 2, zero_init=True)),  # gradients that are 0, not None
        _biased(generator),
        _constant(generator),
        _faint(generator),
        _fainter(generator),
    ]


def _biased(generator):
    """A bias before a norm: its gradient is rounding, neither None nor 0, and large where the loss is."""
    block = SEResBlockPostAct(4, 6, 2)
    block.conv1 = nn.Conv2d(4, 6, 3, stride=2, padding=1)
    block, x, weights = _case(generator, block.double()).args
    return Case((block, x.double(), 1e6 * weights.double()))


def _constant(generator):
    """As before, in evaluation mode, where the bias would live; constant weights have gradients that add up to 0."""
    block, x, weights = _biased(generator).args
    with torch.no_grad():
        block.conv1.weight.fill_(30.0)
    return Case((block.eval(), x, weights))


def _faint(generator):
    """All gradients are small, those of the branch far smaller than the others: small is not dead."""
    block, x, weights = _case(generator, SEResBlockPostAct(4, 6, 2).double()).args
    with torch.no_grad():
        block.bn2.weight *= 3e-4
        block.bn2.bias *= 3e-4
    return Case((block, x.double(), 1e-9 * weights.double()))


def _fainter(generator):
    """The gradients of the branch are far below a millionth of the others, and far above rounding: dead."""
    block, x, weights = _case(generator, SEResBlockPostAct(4, 6, 2).double()).args
    with torch.no_grad():
        block.bn2.weight *= 1e-8
        block.bn2.bias *= 1e-8
    return Case((block, x.double(), weights.double()))


def _state(named):
    return {name: tensor.detach().clone() for name, tensor in named}


class NoTraces(CaseProbe):
    """Old gradients neither mislead the answer nor are they touched, and the mode of every part stays.

    Whether parameters and buffers stay as they are is seen, not judged: it tells known mistakes apart.
    """

    def __init__(self, cases):
        super().__init__("no_traces", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        block, x, weights = fresh_arguments(case)
        block.eval()
        block.bn1.train()  # a mode that no single train() or eval() brings back
        for parameter in block.parameters():
            parameter.grad = torch.full_like(parameter, 7.0)
        before = _state(block.named_parameters()), _state(block.named_buffers())
        names = bench.call(case, bench.subject, (block, x, weights))
        if isinstance(names, Raised):
            return names
        gradients = [parameter.grad for parameter in block.parameters()]
        return {
            "names": list(names) if isinstance(names, (list, tuple)) else str(names),
            "gradients": all(gradient is not None and bool((gradient == 7).all()) for gradient in gradients),
            "mode": [part.training for part in block.modules()],
            "parameters": same(before[0], _state(block.named_parameters())),
            "buffers": same(before[1], _state(block.named_buffers())),
        }

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        for trace in ("names", "gradients", "mode"):
            if found[trace] != expected[trace]:
                return own_finding(trace, bench, case)
        return None


EXERCISE = Exercise(
    id="se_residual.dead_parameters",
    kind="function",
    name="dead_parameters",
    reference=dead_parameters,
    may_use_course=True,
    equivalent_mutants={
        "`(twin(x) * weights).sum().backward()` → `(twin(x) * weights).mean().backward()`": (
            "a factor in the loss stands in all norms and in the limit"
        ),
        "`(twin(x) * weights).sum().backward()` → `(twin(x) / weights).sum().backward()`": (
            "one over random weights is random weights"
        ),
        "`return [name for name, norm in norms.items() if norm < limit]` → "
        "`return [name for name, norm in norms.items() if norm <= limit]`": "no norm is equal to the limit",
    },
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_cases), NoTraces(_one)),
)


def _norms(block, x, weights, loss=lambda y, w: (y * w).sum()):
    """name -> norm of the gradient, None where there is none; leaves the block alone."""
    twin = copy.deepcopy(block).train()
    loss(twin(x), weights).backward()
    return {name: None if p.grad is None else p.grad.norm().item() for name, p in twin.named_parameters()}


def _dead(norms, share=1e-6):
    limit = share * max(norm or 0.0 for norm in norms.values())
    return [name for name, norm in norms.items() if (norm or 0.0) < limit]


@EXERCISE.wrong("none_only")
def _none_only(block, x, weights):
    return [name for name, norm in _norms(block, x, weights).items() if norm is None]


@EXERCISE.wrong("zero_only")
def _zero_only(block, x, weights):
    return [name for name, norm in _norms(block, x, weights).items() if norm == 0]


@EXERCISE.wrong("none_left_out")
def _none_left_out(block, x, weights):
    return _dead({name: norm for name, norm in _norms(block, x, weights).items() if norm is not None})


@EXERCISE.wrong("norm_of_none")
def _norm_of_none(block, x, weights):
    twin = copy.deepcopy(block).train()
    (twin(x) * weights).sum().backward()
    return _dead({name: p.grad.norm().item() for name, p in twin.named_parameters()})


@EXERCISE.wrong("mean_loss")
def _mean_loss(block, x, weights):
    return _dead(_norms(block, x, weights, loss=lambda y, w: y.mean()))


@EXERCISE.wrong("living_ones")
def _living_ones(block, x, weights):
    norms = _norms(block, x, weights)
    return [name for name in norms if name not in _dead(norms)]


@EXERCISE.wrong("counted")
def _counted(block, x, weights):
    return len(_dead(_norms(block, x, weights)))


@EXERCISE.wrong("yes_or_no")
def _yes_or_no(block, x, weights):
    return not _dead(_norms(block, x, weights))


@EXERCISE.wrong("layers_named")
def _layers_named(block, x, weights):
    return list(dict.fromkeys(name.rpartition(".")[0] for name in _dead(_norms(block, x, weights))))


@EXERCISE.wrong("norms_returned")
def _norms_returned(block, x, weights):
    return {name: norm or 0.0 for name, norm in _norms(block, x, weights).items()}


@EXERCISE.wrong("first_only")
def _first_only(block, x, weights):
    return _dead(_norms(block, x, weights))[:1]


@EXERCISE.wrong("below_the_mean")
def _below_the_mean(block, x, weights):
    norms = _norms(block, x, weights)
    middle = sum(norm or 0.0 for norm in norms.values()) / len(norms)
    return [name for name, norm in norms.items() if (norm or 0.0) < middle]


@EXERCISE.wrong("rounding_lives")
def _rounding_lives(block, x, weights):
    return [name for name, norm in _norms(block, x, weights).items() if not norm]


@EXERCISE.wrong("summed")
def _summed(block, x, weights):
    twin = copy.deepcopy(block).train()
    (twin(x) * weights).sum().backward()
    return _dead({n: None if p.grad is None else abs(p.grad.sum().item()) for n, p in twin.named_parameters()})


@EXERCISE.wrong("absolute_limit")
def _absolute_limit(block, x, weights):
    return [name for name, norm in _norms(block, x, weights).items() if (norm or 0.0) < 1e-6]


@EXERCISE.wrong("limit_too_high")
def _limit_too_high(block, x, weights):
    return _dead(_norms(block, x, weights), share=1e-3)


@EXERCISE.wrong("limit_too_low")
def _limit_too_low(block, x, weights):
    return _dead(_norms(block, x, weights), share=1e-9)


@EXERCISE.wrong("in_eval_mode")
def _in_eval_mode(block, x, weights):
    return _in_the_mode_given(copy.deepcopy(block).eval(), x, weights)


@EXERCISE.wrong("in_the_mode_given")
def _in_the_mode_given(block, x, weights):
    twin = copy.deepcopy(block)
    (twin(x) * weights).sum().backward()
    return _dead({n: None if p.grad is None else p.grad.norm().item() for n, p in twin.named_parameters()})


@EXERCISE.wrong("weights_forgotten_in_the_loss")
def _weights_forgotten_in_the_loss(block, x, weights):
    return _dead(_norms(block, x, weights, loss=lambda y, w: y.square().mean()), share=0.05)


def _on_the_block(block, x, weights):
    """Measured on the block itself, with its statistics and its mode put back afterwards."""
    modes = [part.training for part in block.modules()]
    kept = {name: buffer.clone() for name, buffer in block.named_buffers()}
    (block.train()(x) * weights).sum().backward()
    with torch.no_grad():
        for name, buffer in block.named_buffers():
            buffer.copy_(kept[name])
    for part, mode in zip(block.modules(), modes):
        part.training = mode
    return _dead({n: None if p.grad is None else p.grad.norm().item() for n, p in block.named_parameters()})


EXERCISE.wrong("old_gradients")(_on_the_block)


@EXERCISE.wrong("backward_left_behind")
def _backward_left_behind(block, x, weights):
    block.zero_grad()
    return _on_the_block(block, x, weights)


@EXERCISE.wrong("statistics_moved")
def _statistics_moved(block, x, weights):
    block.train()(x)
    return _dead(_norms(block, x, weights))


@EXERCISE.wrong("statistics_moved_mode_restored")
def _statistics_moved_mode_restored(block, x, weights):
    names, mode = _dead(_norms(block, x, weights)), block.training
    block.train()(x)
    block.train(mode)
    return names


@EXERCISE.wrong("mode_of_the_whole_restored")
def _mode_of_the_whole_restored(block, x, weights):
    mode = block.training
    names = _dead(_norms(block.train(), x, weights))
    block.train(mode)
    return names


@EXERCISE.wrong("left_in_training_mode")
def _left_in_training_mode(block, x, weights):
    names = _dead(_norms(block, x, weights))
    block.train()
    return names


@EXERCISE.wrong("stepped")
def _stepped(block, x, weights):
    names = _dead(_norms(block, x, weights))
    with torch.no_grad():
        for parameter in block.parameters():
            parameter -= 0.01
    return names


@EXERCISE.accepted
def by_autograd_grad(block, x, weights):
    twin = copy.deepcopy(block).train()
    named = dict(twin.named_parameters())
    found = torch.autograd.grad((twin(x) * weights).sum(), list(named.values()), allow_unused=True)
    norms = [torch.zeros(()) if gradient is None else gradient.norm() for gradient in found]
    largest = max(norms)
    return [name for name, norm in zip(named, norms) if norm < 1e-6 * largest]


@EXERCISE.accepted
def by_functional_call(block, x, weights):
    """Parameters as arguments; the mode is put back, the statistics are copies."""
    modes = {part: part.training for part in block.modules()}
    state = {name: p.detach().clone().requires_grad_() for name, p in block.named_parameters()}
    buffers = {name: buffer.clone() for name, buffer in block.named_buffers()}
    block.train()
    y = torch.func.functional_call(block, state | buffers, (x,))
    for part, mode in modes.items():
        part.training = mode
    found = torch.autograd.grad((y * weights).mean(), list(state.values()), allow_unused=True)
    sizes = {name: 0.0 if g is None else float(g.square().sum().sqrt()) for name, g in zip(state, found)}
    return [name for name in sizes if sizes[name] <= 1e-6 * max(sizes.values())]
