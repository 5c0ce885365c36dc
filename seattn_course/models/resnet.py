"""ResNets in the shape used for ImageNet, with an attention in each block: their totals are the published ones.

He et al., Deep Residual Learning (arXiv 1512.03385), table 1; Xie et al., ResNeXt (arXiv 1611.05431), table 1;
Zagoruyko and Komodakis, Wide Residual Networks (arXiv 1605.07146). Attention at the end of each branch: SE-ResNet
(Hu et al., table 1).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.cbam import CBAM
from seattn_course.attention.conv_blocks import ConvBNAct
from seattn_course.attention.coordinate import CoordinateAttention
from seattn_course.attention.factory import Attention
from seattn_course.attention.pooling import squeeze_mean
from seattn_course.attention.squeeze_excitation import SEBlock, SEBlockLinear
from seattn_course.residual.basic import BasicBlock
from seattn_course.residual.bottleneck import Bottleneck, ResNeXtBlock
from seattn_course.residual.slot import refuse_shared
from seattn_course.residual.stage import make_stage

BASIC_WIDTHS = (64, 128, 256, 512)
BOTTLENECK_WIDTHS = (256, 512, 1024, 2048)


class ResNet(nn.Module):
    """stem -> stage1 to stage4 -> global average pooling -> fc, with blocks y = act(A(F(x)) + skip(x)).

    stem: conv7x7 stride 2 - BN - ReLU - maxpool 3x3 stride 2. Stages: ``depths`` blocks of ``widths`` output
    channels, strides 1, 2, 2, 2.

    Shapes: x (N, in_ch, H, W) -> logits (N, num_classes), for any H and W.
    block: a block class or factory (cin, cout, stride, ...). depths, widths: one number a stage.
    num_classes, in_ch: classes out, channels in.
    attention: A in each block: None, a name, or a factory (of a number of channels); one module for all blocks
    raises ValueError (erratum E20). reduction: r, for the names that have one.
    bias: biases in A's layers; hidden_rounding: round A's hidden width C / r to a multiple of this (timm: 8). None
    leaves A's default. Both only for "se", "se_linear", "cbam" and "coord", else ValueError.
    zero_init: each branch starts at 0. block_options: anything else for each block.

    Initialization: convolutions of stem and blocks He normal, fan out; norms 1 and 0; attentions keep their own,
    so that both forms of SE start alike; zero_init last, since a loop over all layers would undo it.

    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> with torch.device("meta"):
    ...     net = resnet50(attention="se")
    >>> sum(p.numel() for p in net.parameters())
    28088024
    """

    def __init__(
        self,
        block: Callable[..., nn.Module],
        depths: Sequence[int],
        widths: Sequence[int],
        num_classes: int = 1000,
        attention: Attention = None,
        reduction: int = 16,
        *,
        bias: bool | None = None,
        hidden_rounding: int | None = None,
        in_ch: int = 3,
        zero_init: bool = False,
        **block_options: Any,
    ):
        super().__init__()
        self.in_ch = arguments.positive_int("in_ch", in_ch)
        num_classes = arguments.positive_int("num_classes", num_classes)
        if len(depths) != 4 or len(widths) != 4:
            raise ValueError(
                f"depths and widths must have one number for each of 4 stages, got {depths}, {widths}"
            )
        attention = configured(attention, reduction, bias, hidden_rounding)
        options = {"reduction": reduction, "attention": attention, **block_options}
        self.stem = nn.Sequential(ConvBNAct(in_ch, 64, k=7, s=2), nn.MaxPool2d(3, stride=2, padding=1))
        self.stage1 = make_stage(block, 64, widths[0], depths[0], 1, **options)
        self.stage2 = make_stage(block, widths[0], widths[1], depths[1], 2, **options)
        self.stage3 = make_stage(block, widths[1], widths[2], depths[2], 2, **options)
        self.stage4 = make_stage(block, widths[2], widths[3], depths[3], 2, **options)
        self.fc = nn.Linear(widths[3], num_classes)
        refuse_shared(self)
        he_initialize(self)
        if arguments.flag("zero_init", zero_init):
            for residual in self.blocks():
                residual.zero_init()

    def blocks(self) -> list[nn.Module]:
        """The residual blocks, from input to output."""
        return [*self.stage1, *self.stage2, *self.stage3, *self.stage4]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.in_ch)
        x = self.stem(x)  # (N, in_ch, H, W) -> (N, 64, H / 4, W / 4), rounded up
        x = self.stage1(x)  # -> (N, widths[0], H / 4, W / 4)
        x = self.stage2(x)  # -> (N, widths[1], H / 8, W / 8)
        x = self.stage3(x)  # -> (N, widths[2], H / 16, W / 16)
        x = self.stage4(x)  # -> (N, widths[3], H / 32, W / 32)
        z = squeeze_mean(x).flatten(1)  # -> (N, widths[3])
        return self.fc(z)  # -> (N, num_classes)


def he_initialize(model: nn.Module) -> None:
    """He normal initialization, fan out (arXiv 1502.01852, eq. 14), of all 2D convolutions outside attentions.

    An attention is a module that has a method ``gate``. Left alone, SE made of 1x1 convolutions starts like SE
    made of linear layers; a loop over all Conv2d would change the one and not the other.

    >>> conv = nn.Conv2d(4, 4, 1, bias=False, device="meta")
    >>> he_initialize(conv)
    """
    if isinstance(model, nn.Conv2d):
        nn.init.kaiming_normal_(model.weight, mode="fan_out", nonlinearity="relu")
    for child in model.children():
        if not callable(getattr(child, "gate", None)):
            he_initialize(child)


# Attentions whose biases and hidden width can be chosen: class, its name for bias, whether r is the network's.
_CONFIGURABLE = {
    "se": (SEBlock, "bias", True),
    "se_linear": (SEBlockLinear, "bias", True),
    "cbam": (CBAM, "mlp_bias", True),
    "coord": (CoordinateAttention, "bias", False),
}


def configured(attention: Attention, reduction: int, bias: bool | None, hidden_rounding: int | None) -> Attention:
    """``attention``, or a factory that makes it with the biases and the rounding asked for.

    ValueError if either is not None and ``attention`` is none of "se", "se_linear", "cbam", "coord".
    """
    if bias is None and hidden_rounding is None:
        return attention
    name = attention.lower() if isinstance(attention, str) else attention
    if not isinstance(name, str) or name not in _CONFIGURABLE:
        listing = ", ".join(map(repr, _CONFIGURABLE))
        raise ValueError(f"bias and hidden_rounding must be None unless attention is {listing}, got {attention!r}")
    attention_cls, bias_name, reduced = _CONFIGURABLE[name]
    options: dict[str, Any] = {"hidden_rounding": hidden_rounding}
    if reduced:
        options["reduction"] = reduction
    if bias is not None:
        options[bias_name] = bias
    return partial(attention_cls, **options)


def resnet18(num_classes: int = 1000, attention: Attention = None, reduction: int = 16, **options: Any) -> ResNet:
    """ResNet-18, 11,689,512 parameters; arguments and errors as :class:`ResNet`."""
    return ResNet(BasicBlock, (2, 2, 2, 2), BASIC_WIDTHS, num_classes, attention, reduction, **options)


def resnet34(num_classes: int = 1000, attention: Attention = None, reduction: int = 16, **options: Any) -> ResNet:
    """ResNet-34, 21,797,672 parameters; arguments and errors as :class:`ResNet`."""
    return ResNet(BasicBlock, (3, 4, 6, 3), BASIC_WIDTHS, num_classes, attention, reduction, **options)


def resnet50(num_classes: int = 1000, attention: Attention = None, reduction: int = 16, **options: Any) -> ResNet:
    """ResNet-50, 25,557,032 parameters; with "se" 28,088,024; arguments and errors as :class:`ResNet`."""
    return ResNet(Bottleneck, (3, 4, 6, 3), BOTTLENECK_WIDTHS, num_classes, attention, reduction, **options)


def resnet101(num_classes: int = 1000, attention: Attention = None, reduction: int = 16, **options: Any) -> ResNet:
    """ResNet-101, 44,549,160 parameters; arguments and errors as :class:`ResNet`."""
    return ResNet(Bottleneck, (3, 4, 23, 3), BOTTLENECK_WIDTHS, num_classes, attention, reduction, **options)


def resnet152(num_classes: int = 1000, attention: Attention = None, reduction: int = 16, **options: Any) -> ResNet:
    """ResNet-152, 60,192,808 parameters; arguments and errors as :class:`ResNet`."""
    return ResNet(Bottleneck, (3, 8, 36, 3), BOTTLENECK_WIDTHS, num_classes, attention, reduction, **options)


def resnext50_32x4d(
    num_classes: int = 1000, attention: Attention = None, reduction: int = 16, **options: Any
) -> ResNet:
    """ResNeXt-50 with 32 groups of 4 channels, 25,028,904 parameters; arguments and errors as :class:`ResNet`."""
    return ResNet(ResNeXtBlock, (3, 4, 6, 3), BOTTLENECK_WIDTHS, num_classes, attention, reduction, **options)


def wide_resnet50_2(
    num_classes: int = 1000, attention: Attention = None, reduction: int = 16, **options: Any
) -> ResNet:
    """ResNet-50, 3x3 convolutions twice as wide, 68,883,240 parameters; arguments and errors as :class:`ResNet`.

    Its block is a ResNeXt block in a single group: width cout // 2 instead of cout // 4.
    """
    block = partial(ResNeXtBlock, cardinality=1)
    return ResNet(block, (3, 4, 6, 3), BOTTLENECK_WIDTHS, num_classes, attention, reduction, **options)
