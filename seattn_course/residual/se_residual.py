"""SE inside a residual block, after and before activation: SE alone is no residual block, and F alone no SE."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.factory import Attention
from seattn_course.residual.shortcut import shortcut
from seattn_course.residual.slot import attention_slot
from seattn_course.residual.starts import zero_branch


class SEResBlockPostAct(nn.Module):
    """y = silu(SE(F(x)) + skip(x)), F = BN2 W2 silu BN1 W1 with 3x3 convolutions; SE last before the sum.

    He et al. (arXiv 1512.03385), eq. 1 and 2, with SE as in SE-ResNet (Hu et al., figure 3) and SiLU for ReLU.

    Shapes: x (N, cin, H, W) -> y (N, cout, ceil(H / stride), ceil(W / stride)).
    cin, cout: channels in and out. stride: of W1 and of the skip's projection. reduction: r of SE.
    attention: what stands in SE's place: a name, a factory, a module, or None for the block without SE. The
    default is SE with SiLU and at least 4 hidden units; another floor: ``partial(SEStable, min_hidden=8)`` (E09).
    out_act: whether silu follows the sum. zero_init: BN2's scale starts at 0.
    Parameters: (32, 32) 18,852; (32, 64, stride=2) 58,308.

    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> SEResBlockPostAct(32, 64, stride=2)(torch.rand(2, 32, 32, 32)).shape
    torch.Size([2, 64, 16, 16])
    """

    def __init__(
        self,
        cin: int,
        cout: int,
        stride: int = 1,
        reduction: int = 16,
        *,
        attention: Attention = "se_stable",
        out_act: bool = True,
        zero_init: bool = False,
    ):
        super().__init__()
        self.cin, self.cout = arguments.positive_int("cin", cin), arguments.positive_int("cout", cout)
        stride = arguments.positive_int("stride", stride)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False)  # W1
        self.bn1 = nn.BatchNorm2d(cout)
        self.act = nn.SiLU()
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)  # W2
        self.bn2 = nn.BatchNorm2d(cout)
        self.se = attention_slot(attention, cout, reduction)
        self.proj = shortcut(cin, cout, stride)
        self.out_act = nn.SiLU() if arguments.flag("out_act", out_act) else nn.Identity()
        if arguments.flag("zero_init", zero_init):
            self.zero_init()

    def zero_init(self) -> None:
        """Makes the branch 0 for now; call it after any other initialization, which would undo it."""
        zero_branch(self.bn2)

    def branch(self, x: torch.Tensor) -> torch.Tensor:
        """SE(F(x)), (N, cout, H', W'): what is added to the skip."""
        h = self.act(self.bn1(self.conv1(x)))  # (N, cin, H, W) -> (N, cout, H', W')
        return self.se(self.bn2(self.conv2(h)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.cin)
        return self.out_act(self.branch(x) + self.proj(x))


class SEResBlockPreAct(nn.Module):
    """y = SE(F(x)) + skip(x), F = W2 silu BN2 W1 silu BN1 with 3x3 convolutions; nothing follows the sum.

    He et al. (arXiv 1603.05027), figure 4e, with SE at the end of F. Its projection is a bare 1x1 convolution of x
    as it comes; ResNet v2, and :class:`PreActBlock`, project the pre-activated x (erratum E17).

    Shapes: x (N, cin, H, W) -> y (N, cout, ceil(H / stride), ceil(W / stride)).
    cin, cout, stride, reduction, attention: as :class:`SEResBlockPostAct`.
    zero_init: W2 starts at 0, so that y = skip(x) exactly.
    Parameters: (32, 32) 18,852; (32, 64, stride=2) 58,116, which is 192 fewer than post-activation: no norm in the
    projection (128), and BN1 of 32 channels, not 64 (64).

    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> SEResBlockPreAct(32, 64, stride=2)(torch.rand(2, 32, 32, 32)).shape
    torch.Size([2, 64, 16, 16])
    """

    def __init__(
        self,
        cin: int,
        cout: int,
        stride: int = 1,
        reduction: int = 16,
        *,
        attention: Attention = "se_stable",
        zero_init: bool = False,
    ):
        super().__init__()
        self.cin, self.cout = arguments.positive_int("cin", cin), arguments.positive_int("cout", cout)
        stride = arguments.positive_int("stride", stride)
        self.bn1 = nn.BatchNorm2d(cin)
        self.act1 = nn.SiLU()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False)  # W1
        self.bn2 = nn.BatchNorm2d(cout)
        self.act2 = nn.SiLU()
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)  # W2
        self.se = attention_slot(attention, cout, reduction)
        self.proj = shortcut(cin, cout, stride, norm=False)
        if arguments.flag("zero_init", zero_init):
            self.zero_init()

    def zero_init(self) -> None:
        """Makes the branch 0 for now; call it after any other initialization, which would undo it."""
        zero_branch(self.conv2)

    def branch(self, x: torch.Tensor) -> torch.Tensor:
        """SE(F(x)), (N, cout, H', W'): what is added to the skip."""
        h = self.conv1(self.act1(self.bn1(x)))  # (N, cin, H, W) -> (N, cout, H', W')
        h = self.conv2(self.act2(self.bn2(h)))
        return self.se(h)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.cin)
        return self.branch(x) + self.proj(x)
