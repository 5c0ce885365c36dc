"""Blocks that reduce, convolve in the narrow part, and expand again (ResNet-50 and deeper, ResNeXt)."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.conv_blocks import activation
from seattn_course.attention.factory import Attention
from seattn_course.residual.shortcut import shortcut
from seattn_course.residual.slot import attention_slot
from seattn_course.residual.starts import zero_branch

PLACES = ("expand", "spatial")


class Bottleneck(nn.Module):
    """y = act(A(F(x)) + skip(x)), F = BN3 W3 act BN2 W2 act BN1 W1: 1x1 reduces, 3x3 convolves, 1x1 expands.

    He et al., Deep Residual Learning (arXiv 1512.03385), figure 5 right; the stride sits in the 3x3 convolution,
    as in torchvision and timm ("v1.5"). A after the expansion, where it is aligned with cout, as in SE-ResNet-50
    (Hu et al., table 1).

    Shapes: x (N, cin, H, W) -> y (N, cout, ceil(H / stride), ceil(W / stride)).
    cin, cout: channels in and out. stride: of W2 and of the projection.
    attention: A: None, a name, a factory or a module. reduction: its r.
    width: channels of the narrow part; None means cout // 4, and cout must then be divisible by 4.
    groups: groups of the 3x3 convolution; must divide width.
    attention_after: "expand" (A has cout channels) or "spatial", right after the 3x3 convolution's activation
    (A has width channels: 16 times fewer weights, E16 and C34).
    act: "relu", "silu" or None. zero_init: BN3's scale starts at 0, so that y = act(skip(x)).

    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> Bottleneck(64, 256, attention="se")(torch.rand(2, 64, 5, 7)).shape
    torch.Size([2, 256, 5, 7])
    """

    def __init__(
        self,
        cin: int,
        cout: int,
        stride: int = 1,
        attention: Attention = None,
        reduction: int = 16,
        *,
        width: int | None = None,
        groups: int = 1,
        attention_after: str = "expand",
        act: str | None = "relu",
        zero_init: bool = False,
    ):
        super().__init__()
        self.cin, self.cout = arguments.positive_int("cin", cin), arguments.positive_int("cout", cout)
        stride = arguments.positive_int("stride", stride)
        width = inner_width(cout, width, quotient=4)
        if width % arguments.positive_int("groups", groups):
            raise ValueError(f"groups must divide width={width}, got {groups}")
        self.attention_after = arguments.choice("attention_after", attention_after, PLACES)
        self.conv1 = nn.Conv2d(cin, width, 1, bias=False)  # W1, reduce
        self.bn1 = nn.BatchNorm2d(width)
        self.act1 = activation(act)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, groups=groups, bias=False)  # W2
        self.bn2 = nn.BatchNorm2d(width)
        self.act2 = activation(act)
        self.conv3 = nn.Conv2d(width, cout, 1, bias=False)  # W3, expand
        self.bn3 = nn.BatchNorm2d(cout)
        self.attn = attention_slot(attention, cout if self.attention_after == "expand" else width, reduction)
        self.proj = shortcut(cin, cout, stride)
        self.out_act = activation(act)
        if arguments.flag("zero_init", zero_init):
            self.zero_init()

    def zero_init(self) -> None:
        """Makes the branch 0 for now; call it after any other initialization, which would undo it."""
        zero_branch(self.bn3)

    def branch(self, x: torch.Tensor) -> torch.Tensor:
        """A(F(x)), (N, cout, H', W'): what is added to the skip; A where ``attention_after`` says."""
        h = self.act1(self.bn1(self.conv1(x)))  # (N, cin, H, W) -> (N, width, H, W)
        h = self.act2(self.bn2(self.conv2(h)))  # -> (N, width, H', W')
        if self.attention_after == "spatial":
            return self.bn3(self.conv3(self.attn(h)))
        return self.attn(self.bn3(self.conv3(h)))  # -> (N, cout, H', W')

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.cin)
        return self.out_act(self.branch(x) + self.proj(x))


class ResNeXtBlock(Bottleneck):
    """A bottleneck whose 3x3 convolution is split into ``cardinality`` groups that do not see each other.

    y = act(A(F(x)) + skip(x)), F as in :class:`Bottleneck`: Xie et al., Aggregated Residual Transformations
    (arXiv 1611.05431), figure 3c and table 1 ("32x4d": 32 groups of 4 channels for cout = 256).

    Shapes: x (N, cin, H, W) -> y (N, cout, ceil(H / stride), ceil(W / stride)).
    cardinality: number of groups; must divide width. width: all groups together; None means cout // 2.
    The other arguments and the errors are those of Bottleneck. A convolution in g groups has 1/g of the weights,
    so that A's share of the block grows with the cardinality (erratum E16).

    >>> ResNeXtBlock(64, 256, attention="se")(torch.rand(2, 64, 5, 7)).shape
    torch.Size([2, 256, 5, 7])
    """

    def __init__(
        self,
        cin: int,
        cout: int,
        stride: int = 1,
        attention: Attention = None,
        reduction: int = 16,
        *,
        cardinality: int = 32,
        width: int | None = None,
        attention_after: str = "expand",
        act: str | None = "relu",
        zero_init: bool = False,
    ):
        width = inner_width(arguments.positive_int("cout", cout), width, quotient=2)
        if width % arguments.positive_int("cardinality", cardinality):
            raise ValueError(f"cardinality must divide width={width}, got {cardinality}")
        super().__init__(
            cin,
            cout,
            stride,
            attention,
            reduction,
            width=width,
            groups=cardinality,
            attention_after=attention_after,
            act=act,
            zero_init=zero_init,
        )


def inner_width(cout: int, width: int | None, quotient: int) -> int:
    """``width``, or cout // quotient if it is None; ValueError where that would not come out even."""
    if width is not None:
        return arguments.positive_int("width", width)
    if cout % quotient:
        raise ValueError(f"cout must be divisible by {quotient} when width is None, got {cout}")
    return cout // quotient
