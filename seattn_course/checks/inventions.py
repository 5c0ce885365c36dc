"""Attentions and controls for the capstone's last exercise, as different from each other as can be.

Apart from the exercises: what comes from the course's rooms would be taken for an answer that uses the course.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Product(nn.Module):
    """x times the gate that ``gate(x)`` gives."""

    def __init__(self, channels: int):
        super().__init__()
        self.channels = channels

    def gate(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(x)


class Squeezed(Product):
    """SE, with a squeeze of one's own choice: (N, C, H, W) -> (N, C)."""

    def __init__(self, channels: int, squeeze: Callable[[Tensor], Tensor] = lambda x: x.mean((2, 3))):
        super().__init__(channels)
        self.squeeze = squeeze
        self.down, self.up = nn.Linear(channels, 3), nn.Linear(3, channels)

    def gate(self, x):
        return torch.sigmoid(self.up(torch.tanh(self.down(self.squeeze(x)))))[:, :, None, None]


class Unasked(Squeezed):
    """The layers of Squeezed, fed with a learned vector in place of the image: its control."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.z = nn.Parameter(torch.randn(channels))

    def gate(self, x):
        return torch.sigmoid(self.up(torch.tanh(self.down(self.z))))[:, None, None]


class Fixed(Product):
    """One learned factor a channel, the same for all images."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.scale = nn.Parameter(torch.zeros(channels))

    def gate(self, x):
        return torch.sigmoid(self.scale)[:, None, None]


class Places(Product):
    """A gate for each place, from mean and maximum over the channels and a kernel of 3x3."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.conv = nn.Conv2d(2, 1, 3, padding=1)

    def maps(self, x):
        return torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)

    def gate(self, x):
        return torch.sigmoid(self.conv(self.maps(x)))


class PlacesUnasked(Places):
    """The same convolution over two learned values, the same at every place."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.values = nn.Parameter(torch.randn(2))

    def maps(self, x):
        return self.values[:, None, None].expand(2, *x.shape[2:])


class Neighbours(Product):
    """ECA: a kernel of 3 along the channels."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)

    def gate(self, x):
        z = x.mean((2, 3))[:, None]  # (N, 1, C)
        return torch.sigmoid(self.conv(z)).mT[..., None]


class Strips(Product):
    """Rows and columns, with batch norm, and gates that may amplify: up to 2."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.mix, self.norm = nn.Conv1d(channels, 4, 1, bias=False), nn.BatchNorm1d(4)
        self.out = nn.Conv1d(4, channels, 3, padding=1)

    def strips(self, x):
        H, W = x.shape[2:]
        both = self.out(torch.relu(self.norm(self.mix(torch.cat([x.mean(3), x.mean(2)], dim=2)))))
        return both.split([H, W], dim=2)

    def gate(self, x):
        rows, columns = self.strips(x)  # (N, C, H), (N, C, W)
        return 1 + torch.tanh(rows[..., None] + columns[:, :, None])


class StripsUnasked(Strips):
    """The same layers, over learned means of the channels instead of the image's."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.means = nn.Parameter(torch.randn(channels))

    def strips(self, x):
        return super().strips(self.means[:, None, None].expand(x.shape))


class ContextPool(Product):
    """A learned map says which places the squeeze listens to."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.key = nn.Conv2d(channels, 1, 1, bias=False)
        self.down, self.up = nn.Linear(channels, 3), nn.Linear(3, channels)

    def gate(self, x):
        weights = self.key(x).flatten(2).softmax(-1)  # (N, 1, H * W)
        z = (x.flatten(2) * weights).sum(-1)  # (N, C)
        return torch.sigmoid(self.up(torch.tanh(self.down(z))))[:, :, None, None]


class Surprise(Product):
    """No parameters: a place counts for as much as it differs from its channel's mean, in that channel's units."""

    def gate(self, x):
        far = (x - x.mean((2, 3), keepdim=True)).square()
        return torch.sigmoid(far / (4 * far.mean((2, 3), keepdim=True) + 1e-6) - 0.5)
