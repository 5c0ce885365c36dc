"""Efficient channel attention (Wang, Wu, Zhu, Li, Zuo, Hu: ECA-Net, CVPR 2020, arXiv 1910.03151)."""

import math

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.pooling import squeeze_mean


def eca_kernel(channels: int) -> int:
    """k for C channels: t = int((log2 C + 1) / 2), then t if odd, else t + 1, and at least 3 (ECA-Net, eq. 12).

    "The nearest odd number" is ambiguous at an even quotient, such as C = 128; code in use rounds up, as here.

    >>> {C: eca_kernel(C) for C in (8, 64, 128, 1024, 2048)}
    {8: 3, 64: 3, 128: 5, 1024: 5, 2048: 7}
    """
    t = int((math.log2(arguments.positive_int("channels", channels)) + 1) / 2)
    return max(3, t if t % 2 else t + 1)


class ECA(nn.Module):
    """Efficient channel attention: a channel's gate comes from its own mean and those of its k - 1 neighbours.

    s = sigmoid(C1D_k(z)), y_c = s_c * x_c, with z_c the mean of x_c and C1D_k a convolution along the channels,
    one kernel for all, without bias (ECA-Net, Wang et al., eq. 9; figure 3 there leaves the sigmoid out).
    Neighbours are neighbours in the order of the channels, which carries no meaning unless training gives it one.

    Shapes: x (N, C, H, W) -> y (N, C, H, W); ``gate(x)`` is s, (N, C, 1, 1), each in (0, 1).
    channels: C. kernel: k, an odd integer, or None for :func:`eca_kernel`. Parameters: k.

    TypeError or ValueError, naming the argument, for wrong arguments (an even kernel) and for a wrong x.

    >>> block = ECA(64)
    >>> sum(p.numel() for p in block.parameters()), block.gate(torch.rand(2, 64, 5, 7)).shape
    (3, torch.Size([2, 64, 1, 1]))
    """

    def __init__(self, channels: int, kernel: int | None = None):
        super().__init__()
        self.channels = arguments.positive_int("channels", channels)
        kernel = eca_kernel(channels) if kernel is None else arguments.odd_int("kernel", kernel)
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)  # C1D_k
        self.gate_fn = nn.Sigmoid()

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """s, (N, C, 1, 1): the factor each channel of x will be scaled by."""
        arguments.feature_map("x", x, self.channels)
        z = squeeze_mean(x).flatten(1)  # (N, C, 1, 1) -> (N, C)
        u = self.conv(z[:, None, :])  # (N, 1, C) -> (N, 1, C): the channels are the convolution's positions
        return self.gate_fn(u).transpose(1, 2)[..., None]  # -> (N, C, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)
