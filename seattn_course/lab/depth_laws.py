"""What theory says of a deep stack of fusion patterns at its start: variance, memory and gradient by depth.

Let the blocks be linear on the identity path (no activation after the sum), let F end in a batch norm with scale
gamma, and let A multiply its map by a gain g (a fresh sigmoid gate: 1/2). Then F adds variance gamma^2, whatever
comes in, and the variance v of the stream obeys v <- a v + b:

=====  =====  =====================================================
P1     a = 1    b = (g gamma)^2
P2     a = g^2  b = (g gamma)^2
P3     a = 1    b = gamma^2 (the first batch norm of F divides g out again, erratum E15)
P4     a = g^2  b = (g gamma)^2
=====  =====  =====================================================

a v is what is left of the skip path, so a^L v_0 is the stem's share after L blocks.
"""

import math

import torch
from torch import Tensor

from seattn_course import arguments

PATTERNS = ("P1", "P2", "P3", "P4")
# Through conv - BN - ReLU - conv - BN a squared gradient grows by (1/2) / Var relu(n) = pi / (pi - 1), n standard
# normal, over the variance of what comes in: Yang et al., A Mean Field Theory of Batch Normalization (arXiv
# 1902.08129), find the same factor for deep networks without skip connections.
BRANCH_GRADIENT = math.pi / (math.pi - 1)


def recurrence(pattern: str, gain: float = 0.5, gamma: float = 1.0) -> tuple[float, float]:
    """a and b of v <- a v + b for one block; see the table above.

    pattern: "P1" to "P4". gain: RMS(A(v)) / RMS(v), at least 0. gamma: scale of F's last batch norm.
    ValueError or TypeError, naming the argument, for anything else.

    >>> recurrence("P2")
    (0.25, 0.25)
    """
    pattern = arguments.choice("pattern", pattern, PATTERNS)
    gain, gamma = arguments.real("gain", gain), arguments.real("gamma", gamma)
    if gain < 0:
        raise ValueError(f"gain must be at least 0, got {gain!r}")
    kept = 1.0 if pattern in ("P1", "P3") else gain**2
    return kept, gamma**2 * (1.0 if pattern == "P3" else gain**2)


def fixed_point(pattern: str, gain: float = 0.5, gamma: float = 1.0) -> float:
    """The variance b / (1 - a) that a deep stack ends at; inf where a is 1 or more and b is not 0.

    >>> round(fixed_point("P2"), 4)
    0.3333
    """
    a, b = recurrence(pattern, gain, gamma)
    if b == 0:
        return 0.0 if a < 1 else math.nan  # a = 1, b = 0: every variance stays
    return b / (1 - a) if a < 1 else math.inf


def variance_law(pattern: str, depth: int, v0: float, gain: float = 0.5, gamma: float = 1.0) -> Tensor:
    """Variance of the stream after 0, 1, ..., depth blocks, (depth + 1,), float64. v0: of the stem's output.

    >>> variance_law("P1", 4, 0.25).tolist()
    [0.25, 0.5, 0.75, 1.0, 1.25]
    """
    depth, v0 = arguments.positive_int("depth", depth), arguments.real("v0", v0, above=0)
    a, b = recurrence(pattern, gain, gamma)
    values = [v0]
    for _ in range(depth):
        values.append(a * values[-1] + b)
    return torch.tensor(values, dtype=torch.float64)


def memory_law(pattern: str, depth: int, v0: float, gain: float = 0.5, gamma: float = 1.0) -> Tensor:
    """Squared correlation of the stream with the stem's output, a^l v0 / v_l: the skip path's share, (depth + 1,).

    >>> [round(m, 2) for m in memory_law("P2", 2, 1.0).tolist()]
    [1.0, 0.5, 0.17]
    """
    kept, _ = recurrence(pattern, gain, gamma)
    variance = variance_law(pattern, depth, v0, gain, gamma)
    return kept ** torch.arange(depth + 1, dtype=torch.float64) * v0 / variance


def gradient_law(pattern: str, depth: int, v0: float, gain: float = 0.5, gamma: float = 1.0) -> Tensor:
    """Size of the loss's gradient at the input and after each block, over that at the end, (depth + 1,).

    Backwards through a block the squared gradient grows by a + b pi / ((pi - 1) v): a on the skip path, the rest
    through F, whose batch norm divides by the stream's standard deviation.

    >>> gradient_law("P2", 2, 1.0, gamma=0.0).tolist()
    [0.25, 0.5, 1.0]
    """
    a, b = recurrence(pattern, gain, gamma)
    steps = a + b * BRANCH_GRADIENT / variance_law(pattern, depth, v0, gain, gamma)[:-1]
    squared = torch.cat([steps, torch.ones(1, dtype=torch.float64)])
    return squared.flip(0).cumprod(0).flip(0).sqrt()
