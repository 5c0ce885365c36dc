"""placement_and_debugging.overuse: which SEs of a network look at nothing, and the norms that take their place."""

import copy
from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import observed, same
from seattn_course.checks.probes.contract import Contract
from seattn_course.lab import instruments
from seattn_course.residual import BasicBlock


def thin_out(net, x, tolerance=0.05):
    thin = copy.deepcopy(net)
    for name, s in instruments.gates(net, x).items():
        if (s.amax(0) - s.amin(0)).max() <= tolerance:
            block = thin.get_submodule(name.removesuffix(".attn.gate_fn"))
            with torch.no_grad():
                block.bn2.weight *= s.mean(0)
                block.bn2.bias *= s.mean(0)
            block.attn = nn.Identity()
    return thin


WIDTH, IMAGES = 5, 6
APART, HALF, OPEN = (-2.0, 1.2), (0.0, 0.0), (6.0, 6.0)  # logits of the first and the last channel's gate


def _case(generator, *wanted, odd=3, **options):
    """One block for each (spread, logits, channels): so much the gates of these channels vary over the images.

    The images are nearly alike but for the one at ``odd``, so that a deviation or a pair of images misses it.
    """
    x = torch.randn(WIDTH, 4, 3, generator=generator).repeat(IMAGES, 1, 1, 1)
    x += 0.002 * torch.randn(x.shape, generator=generator)
    x[odd] = 1 + 2 * torch.randn(WIDTH, 4, 3, generator=generator)
    net = nn.Sequential(*(BasicBlock(WIDTH, WIDTH, attention="se", reduction=2) for _ in wanted)).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator) + (parameter.dim() == 1))
        h = x
        for block, (spread, logits, channels) in zip(net, wanted):
            for norm in (block.bn1, block.bn2):
                norm.running_mean.copy_(torch.randn(WIDTH, generator=generator))
                norm.running_var.copy_(1 + torch.rand(WIDTH, generator=generator))
            h = _set_gates(block, h, spread, logits, channels)
    return Case((net, x), options)


def _set_gates(block, h, spread, logits, channels):
    """Sets the last layer of the block's SE, and returns the block's result."""
    fc1, fc2 = block.attn.fc1, block.attn.fc2
    fc1.weight.mul_(0.1)
    fc1.bias.abs_().add_(3)  # no hidden unit is dead
    seen = block.attn.squeeze(block.bn2(block.conv2(block.act(block.bn1(block.conv1(h))))))
    awake = torch.relu(fc1(seen)).sum(1).flatten()  # (N, h, 1, 1) -> (N,)
    fc2.weight.zero_()
    fc2.bias.copy_(torch.linspace(*logits, WIDTH))
    if spread:
        steep = 4 * spread / (awake.max() - awake.min())  # a sigmoid's slope is 1/4 in the middle
        fc2.weight[channels] = steep
        fc2.bias[channels] = -steep * (awake.max() + awake.min()) / 2
    return block(h)


def _one(generator):
    return [_case(generator, (0.08, APART, [2]))]


def _cases(generator):
    every, all_but_one = range(WIDTH), range(1, WIDTH)
    varied = ((0.04, APART, [2]), (0.16, APART, [1]), (0.3, APART, every), (0.08, HALF, [2]))
    return [
        _case(generator, *varied),
        _case(generator, (0.02, HALF, all_but_one), (0.0, OPEN, []), odd=1, tolerance=0.0),
    ]


class Thinned(CaseProbe):
    """Which SEs are left, what the new network computes, and what became of the old one."""

    def __init__(self, cases):
        super().__init__("thinned", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        net, x = fresh_arguments(case)
        before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
        thin = bench.call(case, bench.subject, (net, x))
        if isinstance(thin, Raised):
            return thin
        if not isinstance(thin, nn.Sequential) or len(thin) != len(net):
            return {"type": type(thin).__name__}
        after = net.state_dict()
        mine = {id(parameter) for parameter in net.parameters()}
        found = {
            "type": "Sequential",
            "gone": [isinstance(block.attn, nn.Identity) for block in thin],
            "untouched": before.keys() == after.keys() and all(torch.equal(before[n], after[n]) for n in before),
            "new": not any(id(parameter) in mine for parameter in thin.parameters()),
            "learns": all(parameter.requires_grad for parameter in thin.parameters()),
            "mode": not any(block.bn2.training for block in thin),  # a new nn.Identity has no use for a mode
        }
        other = torch.randn(x.shape, generator=bench.generator())
        results = [bench.guard.call(thin.eval(), (images,)) for images in (x, other)]
        return next((r for r in results if isinstance(r, Raised)), found | {"results": observed(results)})

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found["type"] != expected["type"]:
            return own_finding("type", bench, case, found=found["type"])
        for number, (wanted, got) in enumerate(zip(expected["gone"], found["gone"], strict=True), start=1):
            if got != wanted:
                return own_finding("kept" if wanted else "gone", bench, case, block=number)
        for side in ("untouched", "new", "learns", "mode"):
            if not found[side]:
                return own_finding(side, bench, case)
        return None if same(expected["results"], found["results"]) else own_finding("results", bench, case)


EXERCISE = Exercise(
    id="placement_and_debugging.overuse",
    kind="function",
    name="thin_out",
    reference=thin_out,
    may_use_course=True,
    probes=(Contract(_one), Thinned(_cases)),
)


def _gates(net, x):
    """(N, C) for each block, without the copy that the instrument makes: it is called for each known mistake."""
    seen = []
    hooks = [b.attn.gate_fn.register_forward_hook(lambda layer, given, s: seen.append(s.flatten(1))) for b in net]
    with torch.no_grad():
        net(x)
    for hook in hooks:
        hook.remove()
    return seen


def _looks_at_nothing(s, tolerance):
    return (s.amax(0) - s.amin(0)).max() <= tolerance


def _fold(block, scale):
    block.bn2.weight.data *= scale
    block.bn2.bias.data *= scale


def _thinned(key, idle=_looks_at_nothing, fold=_fold, scale=lambda s: s.mean(0), finish=lambda net, thin: thin):
    """Registers the reference with another question to the gates, another scale, or another place for it."""

    def answer(net, x, tolerance=0.05):
        thin = copy.deepcopy(net)
        for block, s in zip(thin, _gates(net, x), strict=True):
            if idle(s, tolerance):
                fold(block, scale(s))
                block.attn = nn.Identity()
        return finish(net, thin)

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _into_convolution(block, scale):
    block.conv2.weight.data *= scale[:, None, None, None]


def _only_scale(block, scale):
    block.bn2.weight.data *= scale


def _first_norm(block, scale):
    block.bn1.weight.data *= scale
    block.bn1.bias.data *= scale


def _divided(block, scale):
    _fold(block, 1 / scale)


_thinned("not_folded", fold=lambda block, scale: None)
_thinned("shift_forgotten", fold=_only_scale)
_thinned("into_convolution", fold=_into_convolution)
_thinned("first_norm", fold=_first_norm)
_thinned("divided", fold=_divided)
_thinned("one_scale", scale=lambda s: s.mean())
_thinned("first_image", scale=lambda s: s[0])
_thinned("middle_of_range", scale=lambda s: (s.amax(0) + s.amin(0)) / 2)
_thinned("mean_of_channels", idle=lambda s, tolerance: (s.amax(0) - s.amin(0)).mean() <= tolerance)
_thinned("best_channel", idle=lambda s, tolerance: (s.amax(0) - s.amin(0)).min() <= tolerance)
_thinned("over_channels", idle=lambda s, tolerance: (s.amax(1) - s.amin(1)).max() <= tolerance)
_thinned("deviation", idle=lambda s, tolerance: s.std(0).max() <= tolerance)
_thinned("two_images", idle=lambda s, tolerance: (s[0] - s[1]).abs().max() <= tolerance)
_thinned("near_one", idle=lambda s, tolerance: (1 - s).max() <= tolerance)
_thinned("near_half", idle=lambda s, tolerance: (s - 0.5).abs().max() <= tolerance)
_thinned("busy_ones", idle=lambda s, tolerance: not _looks_at_nothing(s, tolerance))
_thinned("all_of_them", idle=lambda s, tolerance: True)
_thinned("strictly_below", idle=lambda s, tolerance: (s.amax(0) - s.amin(0)).max() < tolerance)
_thinned("tolerance_fixed", idle=lambda s, tolerance: _looks_at_nothing(s, 0.05))
_thinned("frozen", finish=lambda net, thin: thin.requires_grad_(False))
_thinned("in_training", finish=lambda net, thin: thin.train())
_thinned("nothing_returned", finish=lambda net, thin: None)


@EXERCISE.wrong("deep_ones_kept")
def _deep_ones_kept(net, x, tolerance=0.05):
    """The rule of thumb: attention in the last block only, whatever the gates say."""
    thin = copy.deepcopy(net)
    for block, s in list(zip(thin, _gates(net, x)))[:-1]:
        _fold(block, s.mean(0))
        block.attn = nn.Identity()
    return thin


@EXERCISE.wrong("gate_stays")
def _gate_stays(net, x, tolerance=0.05):
    thin = copy.deepcopy(net)
    for block, s in zip(thin, _gates(net, x), strict=True):
        if _looks_at_nothing(s, tolerance):
            _fold(block, s.mean(0))
    return thin


@EXERCISE.wrong("given_one_changed")
def _given_one_changed(net, x, tolerance=0.05):
    for block, s in zip(net, _gates(net, x), strict=True):
        if _looks_at_nothing(s, tolerance):
            _fold(block, s.mean(0))
            block.attn = nn.Identity()
    return net


@EXERCISE.wrong("shallow_copy")
def _shallow_copy(net, x, tolerance=0.05):
    """New blocks around the old layers."""
    thin = nn.Sequential(*(copy.copy(block) for block in net)).eval()
    for block, s in zip(thin, _gates(net, x), strict=True):
        block._modules = dict(block._modules)
        if _looks_at_nothing(s, tolerance):
            block.bn2 = copy.deepcopy(block.bn2)
            _fold(block, s.mean(0))
            block.attn = nn.Identity()
    return thin


@EXERCISE.wrong("names_returned")
def _names_returned(net, x, tolerance=0.05):
    return [f"{number}.attn" for number, s in enumerate(_gates(net, x)) if _looks_at_nothing(s, tolerance)]


@EXERCISE.accepted
def with_hooks_of_its_own(net, x, tolerance=0.05):
    thin = copy.deepcopy(net)
    for block, s in zip(thin, _gates(net, x), strict=True):
        lowest, highest = s.min(dim=0).values, s.max(dim=0).values
        if not (highest - lowest > tolerance).any():
            norm = nn.BatchNorm2d(block.cout)
            state = block.bn2.state_dict()
            norm.load_state_dict(state | {side: state[side] * s.mean(0) for side in ("weight", "bias")})
            block.bn2, block.attn = norm.eval(), nn.Identity()
    return thin


@EXERCISE.accepted
def all_pairs(net, x, tolerance=0.05):
    gates = instruments.gates(net, x)
    thin = copy.deepcopy(net)
    for name, block in thin.named_children():
        s = gates[f"{name}.attn.gate_fn"]
        if torch.all((s[:, None] - s[None]).abs() <= tolerance):
            scale = s.sum(0) / len(s)
            block.bn2.weight = nn.Parameter(block.bn2.weight.detach() * scale)
            block.bn2.bias = nn.Parameter(block.bn2.bias.detach() * scale)
            block.attn = nn.Identity()
    return thin
