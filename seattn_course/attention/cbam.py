"""CBAM: channel attention, then spatial attention (Woo, Park, Lee, Kweon: CBAM, ECCV 2018, arXiv 1807.06521)."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.conv_blocks import DescriptorConv
from seattn_course.attention.pooling import squeeze_max, squeeze_mean
from seattn_course.attention.spatial import SpatialAttention
from seattn_course.attention.squeeze_excitation import hidden_width


class ChannelAttention(nn.Module):
    """CBAM's first half: mean and maximum each go through the same two layers, and the logits are added.

    m = sigmoid(W1 relu(W0 avg) + W1 relu(W0 max)), y_c = m_c * x_c (CBAM, Woo et al., eq. 2). It is not the SE
    block, which has no maximum, nor ``SEAvgMax``, which adds before the layers (erratum E07).

    Shapes: x (N, C, H, W) -> y (N, C, H, W); ``gate(x)`` is m, (N, C, 1, 1).
    channels, reduction: C and r; W0 is ``fc1``, C -> h, and W1 is ``fc2``, h -> C.
    bias: biases in both layers (the authors' code has them; the equation and timm have not).
    min_hidden, hidden, hidden_rounding: see :func:`~seattn_course.attention.squeeze_excitation.hidden_width`.

    TypeError or ValueError, naming the argument, for wrong arguments and for a wrong x.

    >>> sum(p.numel() for p in ChannelAttention(64).parameters())
    512
    """

    def __init__(
        self,
        channels: int,
        reduction: int = 16,
        *,
        bias: bool = False,
        min_hidden: int = 1,
        hidden: int | None = None,
        hidden_rounding: int | None = None,
    ):
        super().__init__()
        width = hidden_width(channels, reduction, min_hidden, hidden, hidden_rounding)
        bias = arguments.flag("bias", bias)
        self.channels = channels
        self.fc1 = DescriptorConv(channels, width, bias)  # W0
        self.act = nn.ReLU()
        self.fc2 = DescriptorConv(width, channels, bias)  # W1
        self.gate_fn = nn.Sigmoid()

    def logits(self, z: torch.Tensor) -> torch.Tensor:
        """W1 relu(W0 z): (N, C, 1, 1) -> (N, h, 1, 1) -> (N, C, 1, 1)."""
        return self.fc2(self.act(self.fc1(z)))

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """m, (N, C, 1, 1): the factor each channel of x will be scaled by."""
        arguments.feature_map("x", x, self.channels)
        return self.gate_fn(self.logits(squeeze_mean(x)) + self.logits(squeeze_max(x)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)


class CBAM(nn.Module):
    """Convolutional Block Attention Module: which channels, and then where.

    x' = Mc(x) * x, y = Ms(x') * x' (CBAM, Woo et al., eq. 1), with Mc of :class:`ChannelAttention` (eq. 2) and Ms
    of :class:`~seattn_course.attention.spatial.SpatialAttention` (eq. 3).

    Shapes: x (N, C, H, W) -> y (N, C, H, W); ``gate(x)`` is Mc * Ms, (N, C, H, W), so that y = gate(x) * x.

    channels, reduction: C and r of the channel half. kernel: k of the spatial half, odd.
    The defaults are the paper's equations. The two layouts in use differ from them, and from each other: the
    authors' code is ``mlp_bias=True, batch_norm=True, bn_momentum=0.01, order="max_mean"`` (8,564 parameters
    at C = 256); timm is ``hidden_rounding=1, batch_norm=True`` (8,292).

    TypeError or ValueError, naming the argument, for wrong arguments and for a wrong x.

    >>> block = CBAM(256)
    >>> sum(p.numel() for p in block.parameters()), block(torch.rand(2, 256, 5, 7)).shape
    (8290, torch.Size([2, 256, 5, 7]))
    """

    def __init__(
        self,
        channels: int,
        reduction: int = 16,
        kernel: int = 7,
        *,
        mlp_bias: bool = False,
        min_hidden: int = 1,
        hidden: int | None = None,
        hidden_rounding: int | None = None,
        batch_norm: bool = False,
        bn_momentum: float = 0.1,
        order: str = "mean_max",
    ):
        super().__init__()
        self.channel = ChannelAttention(
            channels,
            reduction,
            bias=arguments.flag("mlp_bias", mlp_bias),
            min_hidden=min_hidden,
            hidden=hidden,
            hidden_rounding=hidden_rounding,
        )
        self.spatial = SpatialAttention(
            channels, kernel, batch_norm=batch_norm, bn_momentum=bn_momentum, order=order
        )

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """Mc * Ms, (N, C, H, W). The halves are ``channel.gate(x)`` and ``spatial.gate(channel(x))``."""
        mc = self.channel.gate(x)  # (N, C, 1, 1)
        ms = self.spatial.gate(x * mc)  # (N, 1, H, W): looks at the map that the first half has scaled
        return mc * ms

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.spatial(self.channel(x))
