"""Squeeze-and-Excitation: the block in its two forms, and the convolution block that carries it.

Hu, Shen, Albanie, Sun, Wu: Squeeze-and-Excitation Networks, TPAMI 2020 (arXiv 1709.01507), sections 3.1 and 3.2.
"""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.conv_blocks import ConvBNAct, DescriptorConv
from seattn_course.attention.pooling import squeeze_mean


def hidden_width(
    channels: int,
    reduction: int = 16,
    min_hidden: int = 1,
    hidden: int | None = None,
    hidden_rounding: int | None = None,
) -> int:
    """Width h of the bottleneck between W1 and W2, never below ``min_hidden``.

    channels, reduction: C and r of the paper; h = C // r.
    min_hidden: a floor under h. C // r alone is 0 for C < r, and a bottleneck of width 0 passes nothing (E09).
    hidden: h itself; ``reduction`` and ``min_hidden`` then play no part.
    hidden_rounding: round C / r to the nearest multiple of this, at least one of it: 8 is timm's rule.

    TypeError or ValueError, naming the argument, for what is no positive integer, and for ``hidden`` together
    with ``hidden_rounding``.

    >>> [hidden_width(C) for C in (8, 64, 256)], hidden_width(8, min_hidden=4), hidden_width(64, hidden_rounding=8)
    ([1, 4, 16], 4, 8)
    """
    channels = arguments.positive_int("channels", channels)
    reduction = arguments.positive_int("reduction", reduction)
    min_hidden = arguments.positive_int("min_hidden", min_hidden)
    if hidden is not None:
        if hidden_rounding is not None:
            raise ValueError(f"hidden_rounding must be None beside hidden={hidden!r}, got {hidden_rounding!r}")
        return arguments.positive_int("hidden", hidden)
    if hidden_rounding is None:
        return max(min_hidden, channels // reduction)
    step = arguments.positive_int("hidden_rounding", hidden_rounding)
    return max(min_hidden, step, int(channels / reduction + step / 2) // step * step)


class SEBlock(nn.Module):
    """Squeeze-and-Excitation: one gate for each channel, from the means of all channels.

    s = sigmoid(W2 relu(W1 z)), y_c = s_c * x_c, with z_c the mean of x_c (SENet, Hu et al., eq. 3; z is eq. 2,
    y is eq. 4). W1 and W2 are 1x1 convolutions, here with biases, which the paper's equation leaves out.

    Shapes: x (N, C, H, W) -> y (N, C, H, W), in x's dtype; ``gate(x)`` is s, (N, C, 1, 1), each in (0, 1).

    channels: C. reduction: r, so that ``fc1`` maps C -> h = max(min_hidden, C // r) and ``fc2`` h -> C.
    bias: biases in both layers (the released models and timm have them; the paper's tables have not).
    min_hidden, hidden, hidden_rounding: see :func:`hidden_width`; ``hidden_rounding=8`` is timm's width.
    Parameters: 2Ch, with biases + h + C.

    TypeError or ValueError, naming the argument, for wrong arguments and for an x that is no floating-point
    (N, C, H, W) tensor.

    >>> block = SEBlock(64)
    >>> sum(p.numel() for p in block.parameters()), block(torch.rand(2, 64, 20, 20)).shape
    (580, torch.Size([2, 64, 20, 20]))
    """

    def __init__(
        self,
        channels: int,
        reduction: int = 16,
        *,
        bias: bool = True,
        min_hidden: int = 1,
        hidden: int | None = None,
        hidden_rounding: int | None = None,
    ):
        super().__init__()
        width = hidden_width(channels, reduction, min_hidden, hidden, hidden_rounding)
        bias = arguments.flag("bias", bias)
        self.channels = channels
        self.fc1 = DescriptorConv(channels, width, bias)  # W1
        # Not in place: a hook on fc1 must still see what fc1 returned (erratum E21).
        self.act = nn.ReLU()  # delta
        self.fc2 = DescriptorConv(width, channels, bias)  # W2
        self.gate_fn = nn.Sigmoid()  # sigma

    def squeeze(self, x: torch.Tensor) -> torch.Tensor:
        """z, (N, C, 1, 1): what the block knows of each channel (eq. 2)."""
        return squeeze_mean(x)

    def excite(self, z: torch.Tensor) -> torch.Tensor:
        """s, (N, C, 1, 1), from z (eq. 3)."""
        h = self.act(self.fc1(z))  # (N, C, 1, 1) -> (N, h, 1, 1)
        u = self.fc2(h)  # -> (N, C, 1, 1), the logits
        return self.gate_fn(u)

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """s, (N, C, 1, 1): the factor each channel of x will be scaled by."""
        arguments.feature_map("x", x, self.channels)
        return self.excite(self.squeeze(x))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)  # eq. 4: (N, C, 1, 1) is broadcast over H and W


class SEBlockLinear(nn.Module):
    """:class:`SEBlock` with fully connected layers in place of the 1x1 convolutions, and by default no biases.

    s = sigmoid(W2 relu(W1 z)), y_c = s_c * x_c (SENet, Hu et al., eq. 3 and 4): exactly the paper's equation,
    and the same function as SEBlock, since a 1x1 convolution of a 1x1 map is a matrix product.

    Shapes and errors as SEBlock. Arguments as SEBlock but for ``bias=False``. Parameters: 2Ch (512 for C = 64).

    >>> block = SEBlockLinear(64)
    >>> sum(p.numel() for p in block.parameters()), block.gate(torch.rand(2, 64, 5, 7)).shape
    (512, torch.Size([2, 64, 1, 1]))
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
        self.fc1 = nn.Linear(channels, width, bias=bias)
        self.act = nn.ReLU()
        self.fc2 = nn.Linear(width, channels, bias=bias)
        self.gate_fn = nn.Sigmoid()

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """s, (N, C, 1, 1): the factor each channel of x will be scaled by."""
        arguments.feature_map("x", x, self.channels)
        z = squeeze_mean(x).flatten(1)  # (N, C, 1, 1) -> (N, C); .squeeze() would also drop a batch of 1
        h = self.act(self.fc1(z))  # -> (N, h)
        s = self.gate_fn(self.fc2(h))  # -> (N, C)
        return s[:, :, None, None]  # -> (N, C, 1, 1): as (N, C) it would line up with (H, W)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)


class ConvSEBlock(nn.Module):
    """A 3x3 convolution block whose output channels are gated: conv - BN - ReLU - SE.

    y = SE(relu(BN(W * x))), with SE of Hu et al., eq. 2 to 4.

    Shapes: x (N, cin, H, W) -> y (N, cout, H, W); ``gate(x)`` is (N, cout, 1, 1).
    cin, cout: channels in and out. reduction: r of the SE block, which gates cout channels.
    Parameters: 9 * cin * cout, 2 * cout in BN, and the SE block's: 76,168 for (64, 128).

    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> block = ConvSEBlock(64, 128)
    >>> sum(p.numel() for p in block.parameters()), block(torch.rand(2, 64, 8, 6)).shape
    (76168, torch.Size([2, 128, 8, 6]))
    """

    def __init__(self, cin: int, cout: int, reduction: int = 16):
        super().__init__()
        self.conv = ConvBNAct(cin, cout)
        self.se = SEBlock(cout, reduction)

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """s, (N, cout, 1, 1), of the convolved map."""
        return self.se.gate(self.conv(x))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.se(self.conv(x))  # (N, cin, H, W) -> (N, cout, H, W)
