"""The attention that lesson 15 invents, and the relative it is compared with: its worked example of a decision."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.eca import ECA
from seattn_course.attention.spatial import SpatialAttention


class WhichWhere(nn.Module):
    """A gate for each channel times a gate for each place, both read from x itself.

    s = g(f1 * mean over H, W) g(f2 * [mean over C; max over C]), y = s * x: the gates of :class:`ECA` (Wang et
    al., arXiv 1910.03151, eq. 9) and :class:`SpatialAttention` (Woo et al., arXiv 1807.06521, eq. 3). Unlike CBAM
    it has no maximum over places and no hidden layer, and its place gate reads x before any channel is scaled.

    Shapes: x (N, C, H, W) -> y (N, C, H, W); ``gate(x)`` is s, (N, C, H, W), each in (0, 1).
    channels: C. kernel: of f2, odd. f1's is ECA's, 3 up to C = 64. Parameters for 24 channels: 3 + 98 = 101.

    TypeError or ValueError, naming the argument, for wrong arguments and for a wrong x.

    >>> WhichWhere(24).gate(torch.rand(2, 24, 5, 7)).shape
    torch.Size([2, 24, 5, 7])
    """

    def __init__(self, channels: int, kernel: int = 7):
        super().__init__()
        self.channels = arguments.positive_int("channels", channels)
        self.which = ECA(channels)
        self.where = SpatialAttention(channels, kernel)

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """s, (N, C, H, W): (N, C, 1, 1) times (N, 1, H, W)."""
        return self.which.gate(x) * self.where.gate(x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)


class OneSigmoid(WhichWhere):
    """The same weights and one sigmoid: s = g(f1 ... + f2 ...), so that a fresh gate is 1/2, not 1/4.

    Shapes, arguments and errors as :class:`WhichWhere`.

    >>> OneSigmoid(24).gate(torch.zeros(1, 24, 5, 7)).unique()
    tensor([0.5000], grad_fn=<Unique2Backward0>)
    """

    def __init__(self, channels: int, kernel: int = 7):
        super().__init__(channels, kernel)
        self.which.gate_fn, self.where.gate_fn = nn.Identity(), nn.Identity()  # both give logits
        self.gate_fn = nn.Sigmoid()

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """s, (N, C, H, W): the logits (N, C, 1, 1) and (N, 1, H, W) are added."""
        return self.gate_fn(self.which.gate(x) + self.where.gate(x))
