"""Attentions for an exercise that looks into them: each step over the map is a module, so that hooks see it.

Apart from the exercises: frames of theirs would be shown as the learner's own.
"""

from torch import nn


class Scale(nn.Module):
    """x * gate(x)."""

    def __init__(self, *gate: nn.Module):
        super().__init__()
        self.gate = nn.Sequential(*gate)

    def forward(self, x):
        return x * self.gate(x)


class TwoPools(nn.Module):
    """CBAM's channel half: both squeezes go through the same two layers, which are called twice.

    A layer that nobody calls stands beside them.
    """

    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.pools = nn.ModuleList([nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)])
        self.flat = nn.Flatten()
        self.mlp = nn.Sequential(nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels, bias=False))
        self.spare = nn.Linear(channels, 3)
        self.gate_fn = nn.Sigmoid()

    def forward(self, x):
        u = sum(self.mlp(self.flat(pool(x))) for pool in self.pools)
        return x * self.gate_fn(u)[:, :, None, None]


class Neighbours(nn.Module):
    """ECA: a convolution along the channels."""

    def __init__(self, kernel: int):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2)
        self.gate_fn = nn.Sigmoid()

    def forward(self, x):
        z = self.pool(x).flatten(1)[:, None]  # (N, 1, C)
        return x * self.gate_fn(self.conv(z)).transpose(1, 2)[..., None]


def squeezed(channels: int, hidden: int) -> Scale:
    """SE."""
    return Scale(
        nn.AdaptiveAvgPool2d(1),
        nn.Conv2d(channels, hidden, 1),
        nn.ReLU(),
        nn.Conv2d(hidden, channels, 1),
        nn.Sigmoid(),
    )


def everywhere(channels: int) -> Scale:
    """A gate for each place and channel: a 3x3 convolution with one group a channel."""
    return Scale(nn.Conv2d(channels, channels, 3, padding=1, groups=channels), nn.Sigmoid())


def pixelwise(channels: int, hidden: int) -> Scale:
    """SE without its pooling: both layers at every place."""
    frozen = nn.Conv2d(channels, hidden, 1, bias=False).requires_grad_(False)
    return Scale(nn.Sequential(frozen, nn.ReLU()), nn.Conv2d(hidden, channels, 1), nn.Hardsigmoid())
