"""LocalFeatures: a bag of local features with a slot for attention, the network of the lab's experiments."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.factory import Attention
from seattn_course.attention.pooling import squeeze_mean
from seattn_course.residual.fusion import ResidualAttentionP2, ResidualAttentionP3, ResidualAttentionP4
from seattn_course.residual.slot import attention_slot, refuse_shared

HEADS = ("linear", "mlp")
PATTERNS = ("P1", "P2", "P3", "P4")
PLACES = ("all", "first", "last")


class ChannelScale(nn.Module):
    """y_c = w_c x_c with a learned w that is the same for every image: the control for "SE only rescales".

    It has the freedom of a gate (Hu et al., arXiv 1709.01507, eq. 4), one factor a channel, but not its input.
    Shapes: x (N, C, H, W) -> same; ``gate(x)`` is (N, C, 1, 1). w starts at 1. TypeError or ValueError, naming the
    argument, for wrong arguments and a wrong x.

    >>> ChannelScale(4).gate(torch.rand(2, 4, 5, 5)).flatten(1).tolist()
    [[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]
    """

    def __init__(self, channels: int):
        super().__init__()
        self.channels = arguments.positive_int("channels", channels)
        self.weight = nn.Parameter(torch.ones(1, channels, 1, 1))

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """w for each image of the batch, (N, C, 1, 1)."""
        arguments.feature_map("x", x, self.channels)
        return self.weight.expand(len(x), -1, -1, -1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.channels)
        return x * self.weight


class LocalBlock(nn.Module):
    """y = x + A(F(x)), F = BN2 W2 SiLU BN1 W1 with 1x1 convolutions: places do not mix but through A.

    Shapes: x (N, C, H, W) -> same. channels: C. attention, reduction: as in :func:`attention_slot`.
    """

    def __init__(self, channels: int, attention: Attention = None, reduction: int = 8):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 1, bias=False)  # W1
        self.bn1 = nn.BatchNorm2d(channels)
        self.act = nn.SiLU()
        self.conv2 = nn.Conv2d(channels, channels, 1, bias=False)  # W2
        self.bn2 = nn.BatchNorm2d(channels)
        self.attn = attention_slot(attention, channels, reduction)  # A

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        f = self.bn2(self.conv2(self.act(self.bn1(self.conv1(x)))))
        return x + self.attn(f)


def _block(pattern: str, channels: int, attention: Attention, reduction: int) -> nn.Module:
    """A block with LocalBlock's F, and the attention where ``pattern`` has it."""
    if pattern == "P1":
        return LocalBlock(channels, attention, reduction)
    options = {"branch": lambda cin, cout, stride: _branch(channels), "act": None}
    if pattern == "P4":
        return ResidualAttentionP4(channels, attention, attention, reduction, **options)
    kind = ResidualAttentionP2 if pattern == "P2" else ResidualAttentionP3
    return kind(channels, attention, reduction, **options)


def _branch(channels: int) -> nn.Sequential:
    """F of LocalBlock as one module: (N, C, H, W) -> same."""
    first, second = (nn.Conv2d(channels, channels, 1, bias=False) for _ in range(2))
    return nn.Sequential(first, nn.BatchNorm2d(channels), nn.SiLU(), second, nn.BatchNorm2d(channels))


class LocalFeatures(nn.Module):
    """stem -> blocks -> head -> fc: each place sees one 5x5 patch, and the mean over places decides.

    stem: conv5x5, stride 3, no padding. blocks: n of :class:`LocalBlock`, all 1x1. head: BN - SiLU, then global
    average pooling. fc: linear, or with head="mlp" linear - SiLU - linear of the same width. Without attention no
    two places meet before the mean, and a linear fc cannot let what one place shows choose what is read at
    another: attention is the one part that can. After Brendel and Bethge, BagNets (arXiv 1904.00760).

    Shapes: x (N, in_ch, H, W), H and W of at least 5 -> logits (N, num_classes); the map is floor((H - 5) / 3) + 1
    high. in_ch, num_classes: channels in, classes out. width: C of all maps. n: blocks. attention: None, a name or
    a factory (:func:`make_attention`), for each block anew; one module in two blocks raises ValueError (erratum
    E20). reduction: r, for the names that have one. head: "linear" or "mlp". pattern: where in a block A stands,
    "P1" (y = x + A(F(x))), "P2", "P3" or "P4" (two modules), as in :mod:`seattn_course.residual.fusion` with a
    linear identity path. places: the blocks that have attention: "all", only the "first" or the "last".
    Parameters at width 24: 4,444 plain; 6,948 at width 32.

    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> net = LocalFeatures(attention="eca")
    >>> net(torch.rand(2, 3, 24, 24)).shape, sum(p.numel() for p in net.parameters())
    (torch.Size([2, 4]), 4450)
    """

    def __init__(
        self,
        in_ch: int = 3,
        num_classes: int = 4,
        width: int = 24,
        n: int = 2,
        attention: Attention = None,
        reduction: int = 8,
        *,
        head: str = "linear",
        pattern: str = "P1",
        places: str = "all",
    ):
        super().__init__()
        self.in_ch = arguments.positive_int("in_ch", in_ch)
        num_classes = arguments.positive_int("num_classes", num_classes)
        width, n = arguments.positive_int("width", width), arguments.positive_int("n", n)
        head = arguments.choice("head", head, HEADS)
        pattern = arguments.choice("pattern", pattern, PATTERNS)
        places = arguments.choice("places", places, PLACES)
        chosen = {"all": range(n), "first": (0,), "last": (n - 1,)}[places]
        self.stem = nn.Conv2d(in_ch, width, 5, stride=3, bias=False)
        self.blocks = nn.Sequential(
            *(_block(pattern, width, attention if place in chosen else None, reduction) for place in range(n))
        )
        self.head = nn.Sequential(nn.BatchNorm2d(width), nn.SiLU())
        hidden = (nn.Linear(width, width), nn.SiLU()) if head == "mlp" else ()
        self.fc = nn.Sequential(*hidden, nn.Linear(width, num_classes))
        refuse_shared(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.in_ch)
        if min(x.shape[2:]) < 5:
            raise ValueError(f"x must have H and W of at least 5, the patch of the stem, got {tuple(x.shape)}")
        x = self.stem(x)  # (N, in_ch, H, W) -> (N, width, H', W'), one 5x5 patch a place
        x = self.blocks(x)  # -> same
        z = squeeze_mean(self.head(x)).flatten(1)  # -> (N, width)
        return self.fc(z)  # -> (N, num_classes)
