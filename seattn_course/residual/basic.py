"""The basic residual block (ResNet-18 and -34)."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.conv_blocks import activation
from seattn_course.attention.factory import Attention
from seattn_course.residual.shortcut import shortcut
from seattn_course.residual.slot import attention_slot
from seattn_course.residual.starts import zero_branch


class BasicBlock(nn.Module):
    """y = act(A(F(x)) + skip(x)) with F = BN2 W2 act BN1 W1: two 3x3 convolutions, the first with the stride.

    He et al., Deep Residual Learning (arXiv 1512.03385), figure 2 and eq. 1, 2; A at the end of F, before the
    sum, as in SE-ResNet (Hu et al., figure 3).

    Shapes: x (N, cin, H, W) -> y (N, cout, ceil(H / stride), ceil(W / stride)).
    cin, cout: channels in and out. stride: of the first convolution and of the skip's projection.
    attention: A for cout channels: None, a name ("se", "eca", ...), a factory or a module. reduction: its r.
    act: "relu", "silu" or None. zero_init: BN2's scale starts at 0, so that F = 0 and y = act(skip(x)); with
    ReLU that is x only where x >= 0 (erratum E14).

    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> BasicBlock(8, 16, stride=2, attention="se", reduction=4)(torch.rand(2, 8, 9, 7)).shape
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
        zero_init: bool = False,
    ):
        super().__init__()
        self.cin, self.cout = arguments.positive_int("cin", cin), arguments.positive_int("cout", cout)
        stride = arguments.positive_int("stride", stride)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False)  # W1
        self.bn1 = nn.BatchNorm2d(cout)
        self.act = activation(act)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)  # W2
        self.bn2 = nn.BatchNorm2d(cout)
        self.attn = attention_slot(attention, cout, reduction)  # A
        self.proj = shortcut(cin, cout, stride)
        self.out_act = activation(act)
        if arguments.flag("zero_init", zero_init):
            self.zero_init()

    def zero_init(self) -> None:
        """Makes the branch 0 for now; call it after any other initialization, which would undo it."""
        zero_branch(self.bn2)

    def branch(self, x: torch.Tensor) -> torch.Tensor:
        """A(F(x)), (N, cout, H', W'): what is added to the skip."""
        h = self.act(self.bn1(self.conv1(x)))  # (N, cin, H, W) -> (N, cout, H', W')
        return self.attn(self.bn2(self.conv2(h)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.cin)
        return self.out_act(self.branch(x) + self.proj(x))
