"""Measured by depth in a stack of fusion patterns, with any attention: signal, memory of the stem, gradient."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from seattn_course import arguments
from seattn_course.attention.factory import Attention
from seattn_course.lab.depth_laws import PATTERNS
from seattn_course.residual.fusion import (
    ResidualAttentionP1,
    ResidualAttentionP2,
    ResidualAttentionP3,
    ResidualAttentionP4,
)
from seattn_course.residual.slot import attention_slot

BLOCKS = dict(zip(PATTERNS, (ResidualAttentionP1, ResidualAttentionP2, ResidualAttentionP3, ResidualAttentionP4)))


@dataclass(frozen=True)
class DepthProfile:
    """What was measured at the stack's input (index 0) and after each block, each (depth + 1,).

    rms: root mean square over all elements. variance: over images and places, mean over channels. memory: squared
    correlation with the stack's input, each channel's mean taken off, in [0, 1]. gradient: norm of the loss's
    gradient, as a multiple of that at the end.
    """

    rms: Tensor
    variance: Tensor
    memory: Tensor
    gradient: Tensor


def pattern_stack(
    pattern: str,
    channels: int,
    depth: int,
    attention: Attention = "se",
    reduction: int = 16,
    *,
    start: str | None = None,
    zero_init: bool = False,
    act: str | None = None,
) -> nn.Sequential:
    """``depth`` blocks of one pattern: (N, channels, H, W) -> the same shape.

    pattern: "P1" to "P4"; P4 gets the attention in both places. attention: None, a name, a factory, or a module,
    of which every place gets a copy (the blocks of :mod:`seattn_course.residual` would share it, erratum E20).
    start, zero_init: how attention and branch begin (:mod:`seattn_course.residual.starts`). act: after the sum;
    None leaves the identity path linear, as the laws want it.

    TypeError or ValueError, naming the argument, for wrong arguments.

    >>> len(pattern_stack("P2", 8, 3, "eca"))
    3
    """
    block = BLOCKS[arguments.choice("pattern", pattern, PATTERNS)]
    depth = arguments.positive_int("depth", depth)
    slots = 2 if pattern.upper() == "P4" else 1

    def one() -> Attention:
        return copy.deepcopy(attention) if isinstance(attention, nn.Module) else attention

    return nn.Sequential(
        *(
            block(
                channels,
                *(one() for _ in range(slots)),
                reduction,
                act=act,
                zero_init=zero_init,
                start=start,
            )
            for _ in range(depth)
        )
    )


def depth_profile(stack: nn.Sequential, x: Tensor) -> DepthProfile:
    """Runs x (N, C, H, W) through the blocks, once forward and once back, in training mode.

    The loss weighs the last output with fixed random numbers: a plain mean has next to no gradient behind a batch
    norm (erratum E18). Works on a copy, so gradients, statistics and mode of ``stack`` stay as they are.
    ValueError if a block changes the shape.
    """
    if not isinstance(stack, nn.Sequential) or not len(stack):
        raise TypeError(f"stack must be an nn.Sequential of at least one block, got {stack!r}")
    arguments.feature_map("x", x)
    stream = [x.detach().clone().requires_grad_()]
    for block in copy.deepcopy(stack).train():
        stream.append(block(stream[-1]))
        if stream[-1].shape != x.shape:
            place = f"{tuple(stream[-1].shape)} after block {len(stream) - 1}"
            raise ValueError(f"stack must keep the shape {tuple(x.shape)}, got {place}")
    generator = torch.Generator().manual_seed(0)  # on the CPU: the same weights on every device
    weights = torch.randn(x.shape, generator=generator, dtype=torch.float64).to(x)
    gradients = torch.autograd.grad((stream[-1] * weights).sum(), stream)
    norms = torch.stack([gradient.norm() for gradient in gradients])
    maps = torch.stack(stream).detach()  # (depth + 1, N, C, H, W)
    centred = maps - maps.mean(dim=(1, 3, 4), keepdim=True)
    common = (centred * centred[0]).sum(dim=(1, 2, 3, 4))
    power = centred.square().sum(dim=(1, 2, 3, 4))
    return DepthProfile(
        rms=maps.square().mean(dim=(1, 2, 3, 4)).sqrt(),
        variance=centred.square().mean(dim=(1, 2, 3, 4)),
        memory=common.square() / (power * power[0]),
        gradient=norms / norms[-1],
    )


def seeded_profiles(
    pattern: str,
    seeds: Sequence[int],
    attention: Attention = "se",
    *,
    channels: int = 16,
    depth: int = 16,
    images: int = 16,
    size: int = 8,
    device: torch.device | str = "cpu",
    **options,
) -> DepthProfile:
    """Profiles of fresh stacks, one a seed: each quantity (seeds, depth + 1), float64.

    Noise images (images, 3, size, size) go through a fresh 3x3 convolution, the stem, and then through the stack.
    ``options`` go to :func:`pattern_stack`. The global random numbers are left as they were.
    """
    runs = []
    with torch.random.fork_rng(devices=[]):
        for seed in seeds:
            torch.manual_seed(seed)
            stem = nn.Conv2d(3, channels, 3, padding=1, bias=False)
            stack = pattern_stack(pattern, channels, depth, attention, **options)
            noise = torch.randn(images, 3, size, size, dtype=torch.float64).to(device)
            with torch.no_grad():
                x = stem.double().to(device)(noise)
            runs.append(depth_profile(stack.double().to(device), x))
    if not runs:
        raise ValueError("seeds must name at least one seed, got none")
    names = ("rms", "variance", "memory", "gradient")
    return DepthProfile(**{name: torch.stack([getattr(run, name) for run in runs]) for name in names})


def attention_gain(
    attention: Attention, channels: int = 16, reduction: int = 16, start: str | None = None
) -> float:
    """RMS(A(v)) / RMS(v) of a fresh attention on normal noise: the gain of the laws.

    A sigmoid gate has about 1/2, two of them in a row about 1/4. Arguments as in :func:`pattern_stack`.

    >>> attention_gain(None)
    1.0
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = copy.deepcopy(attention_slot(attention, channels, reduction, start)).double().train()
        v = torch.randn(64, channels, 8, 8, dtype=torch.float64)
        with torch.no_grad():
            return (module(v).square().mean() / v.square().mean()).sqrt().item()
