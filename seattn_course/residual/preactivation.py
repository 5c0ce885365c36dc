"""Blocks that normalize and activate before each convolution: the identity path stays free of both."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.conv_blocks import activation
from seattn_course.attention.factory import Attention
from seattn_course.residual.shortcut import shortcut
from seattn_course.residual.slot import attention_slot
from seattn_course.residual.starts import zero_branch


class PreActBlock(nn.Module):
    """y = A(F(x)) + skip, F = W2 act BN2 W1 act BN1: nothing follows the sum.

    He et al., Identity Mappings in Deep Residual Networks (arXiv 1603.05027), figure 4e and section 4.1.
    skip = x itself, or, where channels or size change, a bare 1x1 convolution of act(BN1(x)): ResNet v2 projects
    the pre-activated x, where :class:`SEResBlockPreAct` projects x as it comes (erratum E17).

    Shapes: x (N, cin, H, W) -> y (N, cout, ceil(H / stride), ceil(W / stride)).
    cin, cout: channels in and out. stride: of W1 and of the projection.
    attention: A for cout channels, at the end of F: None, a name, a factory or a module. reduction: its r.
    act: "relu", "silu" or None. dropout: probability of a zero before W2, in training.
    zero_init: W2 starts at 0, so that y = skip exactly. Not BN2's scale: ReLU has slope 0 at 0, and behind
    it that scale would never receive a gradient.

    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> PreActBlock(8, 16, stride=2, attention="eca")(torch.rand(2, 8, 9, 7)).shape
    torch.Size([2, 16, 5, 4])
    """

    def __init__(
        self,
        cin: int,
        cout: int,
        stride: int = 1,
        attention: Attention = None,
        reduction: int = 16,
        *,
        act: str | None = "relu",
        dropout: float = 0.0,
        zero_init: bool = False,
    ):
        super().__init__()
        self.cin, self.cout = arguments.positive_int("cin", cin), arguments.positive_int("cout", cout)
        stride = arguments.positive_int("stride", stride)
        self.bn1 = nn.BatchNorm2d(cin)
        self.act1 = activation(act)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False)  # W1
        self.bn2 = nn.BatchNorm2d(cout)
        self.act2 = activation(act)
        self.dropout = nn.Dropout(probability("dropout", dropout))
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)  # W2
        self.attn = attention_slot(attention, cout, reduction)  # A
        self.proj = shortcut(cin, cout, stride, norm=False)
        self.projects = stride != 1 or cin != cout
        if arguments.flag("zero_init", zero_init):
            self.zero_init()

    def zero_init(self) -> None:
        """Makes the branch 0 for now; call it after any other initialization, which would undo it."""
        zero_branch(self.conv2)

    def branch(self, h: torch.Tensor) -> torch.Tensor:
        """A(F(x)), (N, cout, H', W'), from h = act(BN1(x)): what is added to the skip."""
        h = self.act2(self.bn2(self.conv1(h)))  # (N, cin, H, W) -> (N, cout, H', W')
        return self.attn(self.conv2(self.dropout(h)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.cin)
        h = self.act1(self.bn1(x))
        skip = self.proj(h) if self.projects else x
        return self.branch(h) + skip


class WideBlock(PreActBlock):
    """A pre-activation block whose convolutions are ``widen`` times as wide: capacity from width, not depth.

    y = A(F(x)) + skip as in :class:`PreActBlock`, with cout = base * widen channels and dropout between the
    convolutions: Zagoruyko and Komodakis, Wide Residual Networks (arXiv 1605.07146), figure 1d, table 1.

    Shapes: x (N, cin, H, W) -> y (N, base * widen, ceil(H / stride), ceil(W / stride)).
    base: width before widening; widen: k of the paper (WRN-28-10: base 16, 32, 64, k = 10).
    The other arguments and the errors are those of PreActBlock.

    >>> WideBlock(16, 16, widen=4, dropout=0.3)(torch.rand(2, 16, 5, 7)).shape
    torch.Size([2, 64, 5, 7])
    """

    def __init__(
        self,
        cin: int,
        base: int,
        stride: int = 1,
        attention: Attention = None,
        reduction: int = 16,
        *,
        widen: int = 2,
        act: str | None = "relu",
        dropout: float = 0.0,
        zero_init: bool = False,
    ):
        cout = arguments.positive_int("base", base) * arguments.positive_int("widen", widen)
        super().__init__(cin, cout, stride, attention, reduction, act=act, dropout=dropout, zero_init=zero_init)


def probability(name: str, value: float) -> float:
    """``value`` as float; TypeError unless a number, ValueError unless 0 <= value < 1."""
    number = arguments.real(name, value)
    if not 0.0 <= number < 1.0:
        raise ValueError(f"{name} must be a probability from 0 up to, but not including, 1, got {value!r}")
    return number
