"""How a block starts: with a dead branch (zero-init), or with a gate that lets almost everything through.

A fresh sigmoid gate is about 1/2. On the identity path of L blocks that leaves 0.5^L of the skip's signal
(erratum E06), which the starts below prevent; lesson 12 measures them.
"""

import torch
from torch import nn

from seattn_course import arguments

STARTS = ("double", "bias", "alpha")
OPEN_LOGIT = 3.0  # sigmoid(3) = 0.953, and 0.46 after 16 blocks

_LINEAR = (nn.Conv1d, nn.Conv2d, nn.Linear)
_AFFINE = (*_LINEAR, nn.modules.batchnorm._BatchNorm, nn.GroupNorm)


def zero_branch(branch: nn.Module) -> None:
    """Sets scale and shift of the branch's last layer to 0, so that the branch returns 0 and still learns.

    The last layer is a norm (its scale gamma: Goyal et al., Accurate, Large Minibatch SGD, arXiv 1706.02677,
    section 5.1) or, in pre-activation blocks, a convolution. Only that layer learns in the first step; had all
    weights been 0, none ever would. Later initialization loops undo it, so call it last.

    TypeError if ``branch`` is no module; ValueError if its last layer is anything else, such as a ReLU, whose
    slope at 0 is 0: the layer behind it would never receive a gradient.

    >>> branch = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))
    >>> zero_branch(branch)
    >>> branch(torch.rand(2, 4, 3, 3)).abs().max().item()
    0.0
    """
    arguments.module("branch", branch)
    leaves = [m for m in branch.modules() if not any(True for _ in m.children())]
    working = [m for m in leaves if not isinstance(m, nn.Identity)]
    if not working or not isinstance(working[-1], _AFFINE) or working[-1].weight is None:
        last = type(working[-1]).__name__ if working else "nothing"
        raise ValueError(f"branch must end in a convolution or a norm with a scale to start at 0, got {last}")
    nn.init.zeros_(working[-1].weight)
    if working[-1].bias is not None:
        nn.init.zeros_(working[-1].bias)


class DoubleGate(nn.Module):
    """s = 2 g(u): twice a gate function with g(0) = 1/2, hence exactly 1 at u = 0, and in (0, 2) (erratum E06).

    Shapes: u -> s of the same shape. gate_fn: g, a module such as ``nn.Sigmoid()``; TypeError if it is none.

    >>> DoubleGate(nn.Sigmoid())(torch.zeros(2))
    tensor([1., 1.])
    """

    def __init__(self, gate_fn: nn.Module):
        super().__init__()
        arguments.module("gate_fn", gate_fn)
        self.gate_fn = gate_fn

    def forward(self, u: torch.Tensor) -> torch.Tensor:
        return 2 * self.gate_fn(u)


def near_identity(attention: nn.Module, start: str) -> nn.Module:
    """Changes how ``attention`` starts, in place, and returns it. The cures of erratum E06:

    "double": the last layer before each gate starts at 0 and the gate function g becomes 2g. The gate is exactly 1
        and A(x) = x; that last layer learns from the first step on. A gate can now also amplify, up to 2.
    "bias": that layer's bias starts at 3, so that each gate is about 0.95. Needs biases.
    "alpha": alpha of a residual gate x (1 + alpha s) starts at 0: A(x) = x; fc1 and fc2 wait until alpha has
        moved, so alpha must be learnable (erratum E05).

    TypeError if ``attention`` is no module. ValueError for an unknown start and for an attention that has no such
    gate, no bias or no learnable alpha.

    >>> from seattn_course.attention import SEBlock
    >>> near_identity(SEBlock(8), "double").gate(torch.rand(1, 8, 3, 3)).unique().item()
    1.0
    """
    arguments.module("attention", attention)
    start = arguments.choice("start", start, STARTS)
    kind = type(attention).__name__
    if start == "alpha":
        alpha = getattr(attention, "alpha", None)
        if not isinstance(alpha, nn.Parameter):
            raise ValueError(f"start='alpha' needs an attention with a learnable alpha, got {kind}")
        nn.init.zeros_(alpha)
        return attention
    if getattr(attention, "residual", False):
        raise ValueError(f"start={start!r} would not make a residual gate 1, got a residual {kind}: use 'alpha'")
    gates = [part for part in attention.modules() if hasattr(part, "gate_fn") and _logit_layers(part)]
    layers = [layer for part in gates for layer in _logit_layers(part)]
    if not gates:
        raise ValueError(f"start={start!r} needs an attention with gate_fn behind fc2 or conv, got {kind}")
    if any(isinstance(part.gate_fn, DoubleGate) for part in gates):
        raise ValueError(f"start={start!r} needs an attention as it was built, got {kind} with a doubled gate")
    if start == "bias" and any(layer.bias is None for layer in layers):
        raise ValueError(f"start='bias' needs a bias in the layer before each gate, got {kind} without")
    for layer in layers:
        if start == "double":
            zero_branch(layer)
        else:
            nn.init.constant_(layer.bias, OPEN_LOGIT)
    if start == "double":
        for part in gates:
            part.gate_fn = DoubleGate(part.gate_fn)
    return attention


def _logit_layers(part: nn.Module) -> list[nn.Module]:
    """The layers whose outputs ``part`` sends through its gate function, by their names in the attention room."""
    layers = [getattr(part, name, None) for name in ("fc2", "conv", "conv_h", "conv_w")]
    return [layer for layer in layers if isinstance(layer, _LINEAR)]
