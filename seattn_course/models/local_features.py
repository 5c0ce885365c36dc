"""LocalFeatures: a bag of local features with a slot for attention, the network of the lab's experiments."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.factory import Attention
from seattn_course.attention.pooling import squeeze_mean
from seattn_course.residual.fusion import (
    ResidualAttentionP1,
    ResidualAttentionP2,
    ResidualAttentionP3,
    ResidualAttentionP4,
)
from seattn_course.residual.slot import refuse_shared

HEADS = ("linear", "mlp")
PATTERNS = {
    "P1": ResidualAttentionP1,
    "P2": ResidualAttentionP2,
    "P3": ResidualAttentionP3,
    "P4": ResidualAttentionP4,
}


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


def pointwise_branch(cin: int, cout: int, stride: int) -> nn.Sequential:
    """F = BN2 W2 SiLU BN1 W1 with 1x1 convolutions, (N, cin, H, W) -> (N, cout, H', W'): places do not mix."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(cin, cout, 1, stride=stride, bias=False),  # W1
            bn1=nn.BatchNorm2d(cout),
            act=nn.SiLU(),
            conv2=nn.Conv2d(cout, cout, 1, bias=False),  # W2
            bn2=nn.BatchNorm2d(cout),
        )
    )


class LocalFeatures(nn.Module):
    """stem -> blocks -> head -> fc: each place sees one 5x5 patch, and the mean over places decides.

    stem: conv5x5, stride 3, no padding. blocks: n of a fusion pattern with F of :func:`pointwise_branch`, nothing
    after the sum. head: BN - SiLU, then global average pooling. fc: linear, or with head="mlp" linear - SiLU -
    linear of the same width. Without attention no two places meet before the mean, and a linear fc cannot let what
    one place shows choose what is read at another: attention is the one part that can. After Brendel and Bethge,
    BagNets (arXiv 1904.00760).

    Shapes: x (N, in_ch, H, W), H and W of at least 5 -> logits (N, num_classes); the map is floor((H - 5) / 3) + 1
    high. in_ch, num_classes: channels in, classes out. width: C of all maps. n: blocks. attention: None, a name or
    a factory (:func:`make_attention`), for each block anew; one module in two blocks raises ValueError (erratum
    E20). reduction: r, for the names that have one. head: "linear" or "mlp". pattern: "P1" to "P4", P4 with an
    attention on each path. places: the blocks that get the attention, from 0; None for all. start, zero_init: how
    attention and branch begin (:func:`near_identity`, :func:`zero_branch`). Parameters at width 24: 4,444 plain;
    6,948 at width 32.

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
        places: Sequence[int] | None = None,
        start: str | None = None,
        zero_init: bool = False,
    ):
        super().__init__()
        self.in_ch = arguments.positive_int("in_ch", in_ch)
        num_classes = arguments.positive_int("num_classes", num_classes)
        width, n = arguments.positive_int("width", width), arguments.positive_int("n", n)
        head = arguments.choice("head", head, HEADS)
        self.stem = nn.Conv2d(in_ch, width, 5, stride=3, bias=False)
        block = PATTERNS[arguments.choice("pattern", pattern, PATTERNS)]
        slots = 2 if block is ResidualAttentionP4 else 1
        options = {"branch": pointwise_branch, "act": None, "zero_init": zero_init}
        chosen = range(n) if places is None else blocks_in("places", places, n)
        blocks = []
        for index in range(n):
            here, begins = (attention, start) if index in chosen else (None, None)
            blocks.append(block(width, *[here] * slots, reduction, start=begins, **options))
        self.blocks = nn.Sequential(*blocks)
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


def blocks_in(name: str, places: Sequence[int], n: int) -> tuple[int, ...]:
    """``places`` in order, without repetitions; TypeError or ValueError unless they are blocks 0 to n - 1."""
    if isinstance(places, (str, int)) or not isinstance(places, Sequence):
        raise TypeError(f"{name} must be None or a list of blocks from 0 to {n - 1}, got {places!r}")
    chosen = sorted({arguments.positive_int(name, place, at_least=0) for place in places})
    if chosen and chosen[-1] >= n:
        raise ValueError(f"{name} must be blocks from 0 to {n - 1}, got {places!r}")
    return tuple(chosen)
