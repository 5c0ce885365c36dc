"""CBAM's two halves in other orders: with equal parameters, for the question whether the order matters."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.cbam import ChannelAttention
from seattn_course.attention.spatial import SpatialAttention


class _Halves(nn.Module):
    """Both halves as :class:`~seattn_course.attention.cbam.CBAM` has them, equal at the start."""

    def __init__(self, channels: int, reduction: int = 16, kernel: int = 7):
        super().__init__()
        self.channels = arguments.positive_int("channels", channels)
        self.channel = ChannelAttention(channels, reduction)
        self.spatial = SpatialAttention(channels, kernel)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)


class SpatialFirst(_Halves):
    """x' = Ms(x) * x, y = Mc(x') * x': the channel half sees the map that the spatial half has scaled.

    Shapes: x (N, C, H, W) -> same; ``gate(x)`` is Ms * Mc, (N, C, H, W). channels, reduction, kernel: as in CBAM.
    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> SpatialFirst(8)(torch.rand(2, 8, 5, 7)).shape
    torch.Size([2, 8, 5, 7])
    """

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """Ms * Mc, (N, C, H, W)."""
        ms = self.spatial.gate(x)  # (N, 1, H, W)
        return ms * self.channel.gate(x * ms)


class SideBySide(_Halves):
    """y = Mc(x) * Ms(x) * x: both halves see the same x.

    Shapes, arguments and errors as :class:`SpatialFirst`.

    >>> SideBySide(8)(torch.rand(2, 8, 5, 7)).shape
    torch.Size([2, 8, 5, 7])
    """

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """Mc * Ms, (N, C, H, W)."""
        return self.channel.gate(x) * self.spatial.gate(x)


ORDERS = {"cbam_spatial_first": SpatialFirst, "cbam_side_by_side": SideBySide}
