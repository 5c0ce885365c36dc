"""Coordinate attention (Hou, Zhou, Feng: Coordinate Attention for Efficient Mobile Network Design, CVPR 2021)."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.pooling import column_mean, row_mean
from seattn_course.attention.squeeze_excitation import hidden_width


class CoordinateAttention(nn.Module):
    """For each channel, one gate a row and one gate a column: what, and where.

    y_c(i, j) = x_c(i, j) * g^h_c(i) * g^w_c(j), with g^h = sigmoid(F_h(f^h)), g^w = sigmoid(F_w(f^w)) and
    [f^h, f^w] = h_swish(BN(F_1([row means, column means]))) (Hou et al. 2021, eq. 9, from eq. 4 to 8). F_1, F_h
    and F_w are 1x1 convolutions: ``conv1``, ``conv_h``, ``conv_w``.

    Shapes: x (N, C, H, W) -> y (N, C, H, W); ``gate(x)`` is g^h * g^w, (N, C, H, W); ``gates(x)`` is the pair
    g^h (N, C, H, 1) and g^w (N, C, 1, W). The means of rows and columns run through one BN together.

    channels, reduction: C and r; the middle width is h = max(min_hidden, C // r), the authors' max(8, C // 32).
    bias: biases in the three convolutions (the authors' code has them, timm has not). min_hidden, hidden,
    hidden_rounding: see :func:`~seattn_course.attention.squeeze_excitation.hidden_width`.
    Parameters: 3Ch, with biases + h + 2C, and 2h in BN: 1,688 for C = 64.

    TypeError or ValueError, naming the argument, for wrong arguments and for a wrong x.

    >>> block = CoordinateAttention(64)
    >>> sum(p.numel() for p in block.parameters()), [tuple(g.shape) for g in block.gates(torch.rand(2, 64, 5, 7))]
    (1688, [(2, 64, 5, 1), (2, 64, 1, 7)])
    """

    def __init__(
        self,
        channels: int,
        reduction: int = 32,
        *,
        bias: bool = True,
        min_hidden: int = 8,
        hidden: int | None = None,
        hidden_rounding: int | None = None,
    ):
        super().__init__()
        width = hidden_width(channels, reduction, min_hidden, hidden, hidden_rounding)
        bias = arguments.flag("bias", bias)
        self.channels = channels
        self.conv1 = nn.Conv2d(channels, width, kernel_size=1, bias=bias)  # F_1
        self.bn1 = nn.BatchNorm2d(width)
        self.act = nn.Hardswish()
        self.conv_h = nn.Conv2d(width, channels, kernel_size=1, bias=bias)  # F_h
        self.conv_w = nn.Conv2d(width, channels, kernel_size=1, bias=bias)  # F_w
        self.gate_fn = nn.Sigmoid()

    def gates(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """g^h, (N, C, H, 1), and g^w, (N, C, 1, W)."""
        arguments.feature_map("x", x, self.channels)
        H, W = x.shape[2:]
        z_h = row_mean(x)  # (N, C, H, 1)
        z_w = column_mean(x).transpose(2, 3)  # (N, C, 1, W) -> (N, C, W, 1)
        z = torch.cat([z_h, z_w], dim=2)  # (N, C, H + W, 1)
        f = self.act(self.bn1(self.conv1(z)))  # -> (N, h, H + W, 1)
        f_h, f_w = f.split([H, W], dim=2)  # (N, h, H, 1) and (N, h, W, 1)
        g_h = self.gate_fn(self.conv_h(f_h))  # -> (N, C, H, 1)
        g_w = self.gate_fn(self.conv_w(f_w)).transpose(2, 3)  # -> (N, C, W, 1) -> (N, C, 1, W)
        return g_h, g_w

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """g^h * g^w, (N, C, H, W): the factor each value of x will be scaled by."""
        g_h, g_w = self.gates(x)
        return g_h * g_w

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        g_h, g_w = self.gates(x)
        return x * g_h * g_w
