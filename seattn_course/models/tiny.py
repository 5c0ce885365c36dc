"""SEResNetTiny: a three-stage network for 32x32 images, small enough for a CPU."""

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.conv_blocks import ConvBNAct
from seattn_course.attention.factory import Attention
from seattn_course.attention.pooling import squeeze_mean
from seattn_course.residual.se_residual import SEResBlockPostAct, SEResBlockPreAct
from seattn_course.residual.slot import refuse_shared
from seattn_course.residual.stage import make_stage


class SEResNetTiny(nn.Module):
    """stem -> stage1 -> stage2 -> stage3 -> head -> fc, with SE-residual blocks.

    Blocks y = act(SE(F(x)) + skip(x)) (He et al., arXiv 1512.03385, with SE of Hu et al., figure 3), or their
    pre-activation form. stem: conv3x3 - BN - SiLU. Stages: widths base * 1, 2, 4, strides 1, 2, 2.
    head: BN - SiLU, then global average pooling. After post-activation blocks the head repeats the BN and SiLU
    that end the last block (256 parameters at base 32), and pre-activation blocks repeat the stem's; both nets
    keep both, so that they differ in their blocks only (erratum E17).

    Shapes: x (N, in_ch, H, W) -> logits (N, num_classes), for any H and W.
    in_ch, num_classes: channels in, classes out. base: width of stem and first stage. n: blocks a stage.
    reduction: r of SE. preact: pre-activation blocks. attention: None, a name or a factory in SE's place; one
    module in all places raises ValueError (erratum E20). zero_init: each block's branch starts at 0.
    Parameters: 702,986 post, 702,410 pre; without SE 696,874 and 696,298.

    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> net = SEResNetTiny()
    >>> net(torch.rand(2, 3, 32, 32)).shape, sum(p.numel() for p in net.parameters())
    (torch.Size([2, 10]), 702986)
    """

    def __init__(
        self,
        in_ch: int = 3,
        num_classes: int = 10,
        base: int = 32,
        n: int = 2,
        reduction: int = 16,
        preact: bool = False,
        *,
        attention: Attention = "se_stable",
        zero_init: bool = False,
    ):
        super().__init__()
        self.in_ch = arguments.positive_int("in_ch", in_ch)
        num_classes = arguments.positive_int("num_classes", num_classes)
        base, n = arguments.positive_int("base", base), arguments.positive_int("n", n)
        block = SEResBlockPreAct if arguments.flag("preact", preact) else SEResBlockPostAct
        options = {"reduction": reduction, "attention": attention, "zero_init": zero_init}
        self.stem = ConvBNAct(in_ch, base, act="silu")
        self.stage1 = make_stage(block, base, base, n, 1, **options)
        self.stage2 = make_stage(block, base, 2 * base, n, 2, **options)
        self.stage3 = make_stage(block, 2 * base, 4 * base, n, 2, **options)
        self.head = nn.Sequential(nn.BatchNorm2d(4 * base), nn.SiLU())
        self.fc = nn.Linear(4 * base, num_classes)
        refuse_shared(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.in_ch)
        x = self.stem(x)  # (N, in_ch, H, W) -> (N, base, H, W)
        x = self.stage1(x)  # -> (N, base, H, W)
        x = self.stage2(x)  # -> (N, 2 base, H / 2, W / 2), rounded up
        x = self.stage3(x)  # -> (N, 4 base, H / 4, W / 4)
        z = squeeze_mean(self.head(x)).flatten(1)  # -> (N, 4 base)
        return self.fc(z)  # -> (N, num_classes)
