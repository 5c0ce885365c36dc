"""stability.measure: the RMS of the stream after every block, without touching the blocks."""

import copy
import itertools
from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import GlobalsLeftAlone, InputLeftAlone
from seattn_course.checks.probes.values import Values
from seattn_course.residual import ResidualAttentionP1, ResidualAttentionP2, ResidualAttentionP3


def rms_by_depth(blocks, x):
    first = x.square().mean().sqrt()
    ratios = []
    with torch.no_grad():
        for block in copy.deepcopy(blocks).train():
            x = block(x)
            ratios.append((x.square().mean().sqrt() / first).item())
    return ratios


def _blocks(generator, *patterns):
    """Blocks in inference mode, whose running statistics are far from those of any batch."""
    made = nn.Sequential(*(pattern(4, "se", act=None) for pattern in patterns))
    with torch.no_grad():
        for name, tensor in made.state_dict().items():
            if tensor.is_floating_point():
                values = torch.rand(tensor.shape, generator=generator)
                tensor.copy_(values + 0.5 if "running_var" in name else values - 0.4)
    return made.eval()


def _x(generator, size=4):
    return torch.randn(3, 4, size, 3, generator=generator) + 0.7  # a mean: the standard deviation is not the RMS


def _one(generator):
    return [Case((_blocks(generator, ResidualAttentionP2, ResidualAttentionP1), _x(generator)))]


def _single(generator):
    return [Case((_blocks(generator, ResidualAttentionP3), _x(generator, 5)))]


def _cases(generator):
    return [*_one(generator), *_single(generator)]


class ModeLeftAlone(CaseProbe):
    """The blocks come in inference mode, and gradients may stand in them: both are as before."""

    def __init__(self, cases):
        super().__init__("mode_left_alone", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        blocks, x = fresh_arguments(case)
        result = bench.call(case, bench.subject, (blocks, x))
        if isinstance(result, Raised):
            return result
        return any(module.training for module in blocks.modules())

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        return own_finding("mode", bench, case) if found else None


EXERCISE = Exercise(
    id="stability.measure",
    kind="function",
    name="rms_by_depth",
    reference=rms_by_depth,
    may_use_course=True,
    probes=(
        Contract(_single),
        Values(_cases, tolerance=(1e-4, 1e-6), near=(1e-4, 1e-6)),
        InputLeftAlone(_single),
        ModeLeftAlone(_single),
        GlobalsLeftAlone(_single),
    ),
)


def _stream(blocks, x):
    """x and the output of every block of a copy in training mode."""
    stream = [x]
    with torch.no_grad():
        for block in copy.deepcopy(blocks).train():
            stream.append(block(stream[-1]))
    return stream


def _rms(v):
    return v.square().mean().sqrt().item()


@EXERCISE.wrong("own_mode")
def _own_mode(blocks, x):
    first, ratios = _rms(x), []
    with torch.no_grad():
        for block in blocks:
            x = block(x)
            ratios.append(_rms(x) / first)
    return ratios


@EXERCISE.wrong("deviation")
def _deviation(blocks, x):
    stream = _stream(blocks, x)
    return [(v.std(correction=0) / x.std(correction=0)).item() for v in stream[1:]]


@EXERCISE.wrong("root_forgotten")
def _root_forgotten(blocks, x):
    return [(_rms(v) / _rms(x)) ** 2 for v in _stream(blocks, x)[1:]]


@EXERCISE.wrong("mean_size")
def _mean_size(blocks, x):
    return [(v.abs().mean() / x.abs().mean()).item() for v in _stream(blocks, x)[1:]]


@EXERCISE.wrong("not_relative")
def _not_relative(blocks, x):
    return [_rms(v) for v in _stream(blocks, x)[1:]]


@EXERCISE.wrong("to_the_previous")
def _to_the_previous(blocks, x):
    stream = _stream(blocks, x)
    return [_rms(after) / _rms(before) for before, after in itertools.pairwise(stream)]


@EXERCISE.wrong("upside_down")
def _upside_down(blocks, x):
    return [_rms(x) / _rms(v) for v in _stream(blocks, x)[1:]]


@EXERCISE.wrong("input_too")
def _input_too(blocks, x):
    return [_rms(v) / _rms(x) for v in _stream(blocks, x)]


@EXERCISE.wrong("last_only")
def _last_only(blocks, x):
    return _rms(_stream(blocks, x)[-1]) / _rms(x)


@EXERCISE.wrong("always_the_input")
def _always_the_input(blocks, x):
    return [_rms(block(x)) / _rms(x) for block in copy.deepcopy(blocks).train()]


@EXERCISE.wrong("tensors")
def _tensors(blocks, x):
    return torch.tensor([_rms(v) / _rms(x) for v in _stream(blocks, x)[1:]])


@EXERCISE.wrong("statistics_changed")
def _statistics_changed(blocks, x):
    first, ratios = _rms(x), []
    with torch.no_grad():
        for block in blocks.train():
            x = block(x)
            ratios.append(_rms(x) / first)
    blocks.eval()
    return ratios


@EXERCISE.wrong("mode_changed")
def _mode_changed(blocks, x):
    saved = copy.deepcopy(blocks.state_dict())
    ratios = [_rms(v) / _rms(x) for v in _stream(blocks, x)[1:]]
    blocks.train()
    blocks.load_state_dict(saved)
    return ratios


@EXERCISE.wrong("reseeds")
def _reseeds(blocks, x):
    torch.manual_seed(0)
    return [_rms(v) / _rms(x) for v in _stream(blocks, x)[1:]]


@EXERCISE.accepted
def by_norms(blocks, x):
    twin = copy.deepcopy(blocks)
    twin.train()
    first, ratios = x.norm(), []
    for block in twin:
        x = block(x).detach()
        ratios.append(float(x.norm() / first))
    return ratios


@EXERCISE.accepted
def by_hooks(blocks, x):
    twin, sizes = copy.deepcopy(blocks).train(), []
    for block in twin:
        block.register_forward_hook(lambda module, args, out: sizes.append(out.detach().pow(2).mean() ** 0.5))
    twin(x)
    return [(size / x.pow(2).mean() ** 0.5).item() for size in sizes]
