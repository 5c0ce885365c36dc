"""Squeeze-and-Excitation changed one decision at a time: activation, width, squeeze, gate.

Each class differs from one before it by what its docstring names, and from :class:`SEBlock` by no more than that.
"""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.conv_blocks import activation
from seattn_course.attention.pooling import squeeze_max, squeeze_mean
from seattn_course.attention.squeeze_excitation import SEBlock

_GATES = {"sigmoid": nn.Sigmoid, "hardsigmoid": nn.Hardsigmoid}


def gate_function(name: str) -> nn.Module:
    """``nn.Sigmoid()`` or ``nn.Hardsigmoid()`` (relu6(u + 3) / 6), by name, whatever its case.

    TypeError or ValueError for anything else. The two differ by at most 0.0692; the hard one is exactly 0 or 1,
    with slope 0, from |u| = 3.
    """
    return _GATES[arguments.choice("gate", name, _GATES)]()


class SEv2(SEBlock):
    """:class:`SEBlock` with SiLU in place of ReLU: a hidden unit can no longer be dead for every input.

    s = sigmoid(W2 silu(W1 z)), y_c = s_c * x_c (SENet, Hu et al., eq. 3 and 4, with delta(v) = v * sigmoid(v)).

    Shapes, arguments, parameter count and errors as SEBlock.

    >>> SEv2(64).gate(torch.rand(2, 64, 5, 7)).shape
    torch.Size([2, 64, 1, 1])
    """

    def __init__(self, channels: int, reduction: int = 16):
        super().__init__(channels, reduction)
        self.act = nn.SiLU()


class SESafe(SEBlock):
    """:class:`SEBlock` whose bottleneck keeps at least ``min_hidden`` units, 4 by default.

    s = sigmoid(W2 relu(W1 z)) with h = max(min_hidden, C // r) (SENet, Hu et al., eq. 3, but for the floor).
    For a small C the floor decides, not r: at C = 32 h = 4 is r = 8 in effect, and at C = 3 h exceeds C (E09).

    Shapes and errors as SEBlock. channels, reduction: C and r. min_hidden: the floor under h.

    >>> [sum(p.numel() for p in SESafe(C).parameters()) for C in (64, 16, 8)]
    [580, 148, 76]
    """

    def __init__(self, channels: int, reduction: int = 16, min_hidden: int = 4):
        super().__init__(channels, reduction, min_hidden=min_hidden)


class SEStable(SESafe):
    """:class:`SESafe` with SiLU: the floor under h, and no dead units.

    s = sigmoid(W2 silu(W1 z)), h = max(min_hidden, C // r) (SENet, Hu et al., eq. 3, delta = SiLU).

    Shapes, arguments, parameter count and errors as SESafe.

    >>> SEStable(64)(torch.rand(2, 64, 5, 7)).shape
    torch.Size([2, 64, 5, 7])
    """

    def __init__(self, channels: int, reduction: int = 16, min_hidden: int = 4):
        super().__init__(channels, reduction, min_hidden)
        self.act = nn.SiLU()


class SEAvgMax(SESafe):
    """:class:`SEStable` that squeezes by mean plus maximum.

    s = sigmoid(W2 silu(W1 z)) with z_c = mean of x_c + max of x_c (SENet, Hu et al., eq. 3, but for the maximum).
    This is not CBAM, which adds after the layers, in eq. 2 there (erratum E07).

    Shapes, parameter count and errors as SESafe.
    channels, reduction, min_hidden: as SESafe. act: delta, "silu" or "relu". The first form in the lessons is
    ``SEAvgMax(C, min_hidden=1, act="relu")``.

    >>> SEAvgMax(64).gate(torch.rand(2, 64, 5, 7)).shape
    torch.Size([2, 64, 1, 1])
    """

    def __init__(self, channels: int, reduction: int = 16, min_hidden: int = 4, act: str = "silu"):
        super().__init__(channels, reduction, min_hidden)
        self.act = activation(arguments.choice("act", act, ("silu", "relu")))

    def squeeze(self, x: torch.Tensor) -> torch.Tensor:
        """z, (N, C, 1, 1): mean and maximum of each channel, added before the layers."""
        return squeeze_mean(x) + squeeze_max(x)


class SEGated(SEAvgMax):
    """:class:`SEAvgMax` with a choice of gate function.

    s = gate(W2 silu(W1 z)) with z_c = mean of x_c + max of x_c (SENet, Hu et al., eq. 3, with sigma = gate; the
    hard sigmoid is that of MobileNetV3, Howard et al. 2019, section 5.2).

    Shapes, parameter count and errors as SESafe; s lies in [0, 1] for the hard sigmoid.
    channels, reduction, min_hidden: as SESafe. gate: "sigmoid" or "hardsigmoid", in any case.

    >>> SEGated(64, gate="HardSigmoid").gate_fn
    Hardsigmoid()
    """

    def __init__(self, channels: int, reduction: int = 16, min_hidden: int = 4, gate: str = "sigmoid"):
        super().__init__(channels, reduction, min_hidden)
        self.gate_fn = gate_function(gate)
