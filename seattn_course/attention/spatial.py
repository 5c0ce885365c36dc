"""Spatial attention: one gate for each place, shared by all channels (the second half of CBAM)."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.pooling import channel_max, channel_mean

_ORDERS = ("mean_max", "max_mean")


class SpatialAttention(nn.Module):
    """A gate for each place, from the mean and the maximum over the channels there and around it.

    m = sigmoid(f([mean over C; max over C])), y = m * x, with f a k x k convolution without bias, 2 -> 1 channels
    (CBAM, Woo et al. 2018, eq. 3).

    Shapes: x (N, C, H, W) -> y (N, C, H, W); ``gate(x)`` is m, (N, 1, H, W), each in (0, 1).

    channels: C, or None for any: no weight depends on it, it only says what x must look like.
    kernel: k, odd. batch_norm: normalize f's output (the authors' code and timm do, the equation does not).
    bn_momentum: of that normalization; 0.01 in the authors' code, 0.1 in timm.
    order: which of the two maps comes first, "mean_max" (the equation, timm) or "max_mean" (the authors' code).
    Parameters: 2 k * k (98 for k = 7), and 2 more with ``batch_norm``.

    TypeError or ValueError, naming the argument, for wrong arguments and for a wrong x.

    >>> block = SpatialAttention()
    >>> sum(p.numel() for p in block.parameters()), block.gate(torch.rand(2, 64, 5, 7)).shape
    (98, torch.Size([2, 1, 5, 7]))
    """

    def __init__(
        self,
        channels: int | None = None,
        kernel: int = 7,
        *,
        batch_norm: bool = False,
        bn_momentum: float = 0.1,
        order: str = "mean_max",
    ):
        super().__init__()
        self.channels = None if channels is None else arguments.positive_int("channels", channels)
        kernel = arguments.odd_int("kernel", kernel)
        bn_momentum = arguments.real("bn_momentum", bn_momentum, above=0, below=1)
        self.order = arguments.choice("order", order, _ORDERS)
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)  # f
        if arguments.flag("batch_norm", batch_norm):
            self.bn = nn.BatchNorm2d(1, momentum=bn_momentum)
        else:
            self.bn = nn.Identity()
        self.gate_fn = nn.Sigmoid()

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """m, (N, 1, H, W): the factor every channel of x will be scaled by at each place."""
        arguments.feature_map("x", x, self.channels)
        mean, largest = channel_mean(x), channel_max(x)  # (N, C, H, W) -> (N, 1, H, W) each
        pair = (mean, largest) if self.order == "mean_max" else (largest, mean)
        u = self.bn(self.conv(torch.cat(pair, dim=1)))  # (N, 2, H, W) -> (N, 1, H, W)
        return self.gate_fn(u)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)  # (N, 1, H, W) is broadcast over the channels
