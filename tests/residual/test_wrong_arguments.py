"""Wrong arguments and inputs: each is refused with the argument's name, the value, and what is allowed."""

from functools import partial

import pytest
import torch
from torch import nn

from seattn_course.attention import ECA, SEBlock, SEPlusPlusV2
from seattn_course.models import SEResNetTiny, count_params, resnet18, resnet50
from seattn_course.residual import (
    BasicBlock,
    Bottleneck,
    DoubleGate,
    PreActBlock,
    ResidualAttentionP1,
    ResidualAttentionP2,
    ResidualAttentionP3,
    ResidualAttentionP4,
    ResNeXtBlock,
    SEResBlockPostAct,
    SEResBlockPreAct,
    WideBlock,
    make_stage,
    near_identity,
    shortcut,
    zero_branch,
)

ONE = SEBlock(8)
CONV_RELU = nn.Sequential(nn.Conv2d(8, 8, 1), nn.ReLU())
x = torch.zeros

# (call, error, everything that the message must contain)
WRONG = {
    "channels 0": (lambda: BasicBlock(0, 8), ValueError, ["cin", "at least 1", "got 0"]),
    "channels float": (lambda: BasicBlock(8, 8.0), TypeError, ["cout", "integer", "8.0"]),
    "channels True": (lambda: PreActBlock(True, 8), TypeError, ["cin", "integer", "True"]),
    "stride 0": (lambda: SEResBlockPostAct(8, 8, 0), ValueError, ["stride", "at least 1", "got 0"]),
    "stride None": (lambda: SEResBlockPreAct(8, 8, None), TypeError, ["stride", "integer", "None"]),
    "stride pair": (lambda: Bottleneck(8, 8, (2, 2)), TypeError, ["stride", "integer", "(2, 2)"]),
    "reduction 0": (lambda: SEResBlockPostAct(8, 8, 1, 0), ValueError, ["reduction", "got 0"]),
    "reduction -2": (lambda: BasicBlock(8, 8, 1, "se", -2), ValueError, ["reduction", "got -2"]),
    "reduction float": (lambda: SEResBlockPreAct(8, 8, 1, 16.0), TypeError, ["reduction", "16.0"]),
    "reduction text": (lambda: ResidualAttentionP1(8, "se", "16"), TypeError, ["reduction", "'16'"]),
    "unknown attention": (lambda: BasicBlock(8, 8, 1, "squeeze"), ValueError, ["attention", "'eca'", "'squeeze'"]),
    "attention number": (lambda: BasicBlock(8, 8, 1, 16), TypeError, ["attention", "factory", "16"]),
    "attention of input width": (
        lambda: BasicBlock(8, 16, 1, ONE),
        ValueError,
        ["attention", "16 channels of its place", "SEBlock made for 8"],
    ),
    "attention for the inside": (
        lambda: Bottleneck(8, 32, 1, SEBlock(32), attention_after="spatial"),
        ValueError,
        ["attention", "8 channels", "made for 32"],
    ),
    "P3 attention of output width": (
        lambda: ResidualAttentionP3(8, ECA(16), cout=16),
        ValueError,
        ["attention", "8 channels", "ECA made for 16"],
    ),
    "factory without a module": (
        lambda: BasicBlock(8, 8, 1, lambda c: c),
        TypeError,
        ["attention", "module", "8"],
    ),
    "unknown act": (lambda: BasicBlock(8, 8, act="relu6"), ValueError, ["act", "'silu'", "'relu6'"]),
    "act a class": (lambda: PreActBlock(8, 8, act=nn.ReLU), TypeError, ["act", "'relu'", "ReLU"]),
    "zero_init 1": (lambda: BasicBlock(8, 8, zero_init=1), TypeError, ["zero_init", "True or False", "got 1"]),
    "out_act None": (
        lambda: SEResBlockPostAct(8, 8, out_act=None),
        TypeError,
        ["out_act", "True or False", "None"],
    ),
    "dropout 1": (lambda: WideBlock(8, 8, dropout=1.0), ValueError, ["dropout", "not including, 1", "1.0"]),
    "dropout negative": (lambda: PreActBlock(8, 8, dropout=-0.1), ValueError, ["dropout", "from 0", "-0.1"]),
    "dropout nan": (lambda: WideBlock(8, 8, dropout=float("nan")), ValueError, ["dropout", "nan"]),
    "dropout text": (lambda: WideBlock(8, 8, dropout="half"), TypeError, ["dropout", "'half'"]),
    "widen 0": (lambda: WideBlock(8, 8, widen=0), ValueError, ["widen", "at least 1", "got 0"]),
    "widen half": (lambda: WideBlock(8, 8, widen=1.5), TypeError, ["widen", "integer", "1.5"]),
    "base 0": (lambda: WideBlock(8, 0), ValueError, ["base", "at least 1", "got 0"]),
    "cout not by 4": (lambda: Bottleneck(8, 6), ValueError, ["cout", "divisible by 4", "got 6"]),
    "cout odd": (lambda: ResNeXtBlock(8, 7, cardinality=1), ValueError, ["cout", "divisible by 2", "got 7"]),
    "width 0": (lambda: Bottleneck(8, 8, width=0), ValueError, ["width", "at least 1", "got 0"]),
    "groups 3": (lambda: Bottleneck(8, 16, groups=3), ValueError, ["groups", "divide width=4", "got 3"]),
    "groups 0": (lambda: Bottleneck(8, 16, groups=0), ValueError, ["groups", "at least 1", "got 0"]),
    "cardinality 32 of 8": (lambda: ResNeXtBlock(8, 16), ValueError, ["cardinality", "divide width=8", "got 32"]),
    "attention_after": (
        lambda: Bottleneck(8, 8, attention_after="reduce"),
        ValueError,
        ["attention_after", "'expand', 'spatial'", "'reduce'"],
    ),
    "P4 shared": (
        lambda: ResidualAttentionP4(8, ONE, ONE),
        ValueError,
        ["attention_skip", "attention_res", "two modules", "SEBlock"],
    ),
    "start unknown": (
        lambda: ResidualAttentionP2(8, "se", start="zero"),
        ValueError,
        ["start", "'double', 'bias', 'alpha'", "'zero'"],
    ),
    "start True": (lambda: ResidualAttentionP2(8, "se", start=True), TypeError, ["start", "'double'", "True"]),
    "start without attention": (
        lambda: ResidualAttentionP2(8, start="double"),
        ValueError,
        ["start", "None without an attention", "'double'"],
    ),
    "P4 start without attention": (
        lambda: ResidualAttentionP4(8, start="bias"),
        ValueError,
        ["start", "None without an attention", "'bias'"],
    ),
    "start bias for ECA": (
        lambda: ResidualAttentionP2(8, "eca", start="bias"),
        ValueError,
        ["start='bias'", "needs a bias", "ECA"],
    ),
    "start alpha for SE": (
        lambda: ResidualAttentionP2(8, "se", start="alpha"),
        ValueError,
        ["start='alpha'", "learnable alpha", "SEBlock"],
    ),
    "start alpha, fixed": (
        lambda: near_identity(SEPlusPlusV2(8, residual=True), "alpha"),
        ValueError,
        ["start='alpha'", "learnable alpha", "SEPlusPlusV2"],
    ),
    "start double for a residual gate": (
        lambda: near_identity(SEPlusPlusV2(8, residual=True), "double"),
        ValueError,
        ["start='double'", "residual", "'alpha'"],
    ),
    "start double twice": (
        lambda: near_identity(near_identity(SEBlock(8), "double"), "double"),
        ValueError,
        ["start='double'", "as it was built", "SEBlock with a doubled gate"],
    ),
    "start double for a stranger": (
        lambda: near_identity(nn.Conv2d(8, 8, 1), "double"),
        ValueError,
        ["start='double'", "gate_fn", "Conv2d"],
    ),
    "near_identity of a name": (
        lambda: near_identity("se", "double"),
        TypeError,
        ["attention", "nn.Module", "'se'"],
    ),
    "gate function, no module": (
        lambda: DoubleGate(torch.sigmoid),
        TypeError,
        ["gate_fn", "nn.Module", "sigmoid"],
    ),
    "zero_branch of ReLU": (
        lambda: zero_branch(CONV_RELU),
        ValueError,
        ["branch", "end in a convolution", "ReLU"],
    ),
    "zero_branch of nothing": (lambda: zero_branch(nn.Identity()), ValueError, ["branch", "nothing"]),
    "zero_branch without scale": (
        lambda: zero_branch(nn.BatchNorm2d(8, affine=False)),
        ValueError,
        ["branch", "with a scale", "BatchNorm2d"],
    ),
    "zero_branch of a function": (lambda: zero_branch(torch.relu), TypeError, ["branch", "nn.Module"]),
    "zero_init of a custom branch": (
        lambda: ResidualAttentionP1(8, branch=CONV_RELU, zero_init=True),
        ValueError,
        ["branch", "ReLU"],
    ),
    "branch a number": (lambda: ResidualAttentionP1(8, branch=3), TypeError, ["branch", "factory", "3"]),
    "branch returns none": (
        lambda: ResidualAttentionP1(8, branch=lambda cin, cout, stride: None),
        TypeError,
        ["branch", "must return an nn.Module", "None"],
    ),
    "branch of another width": (
        lambda: ResidualAttentionP1(8, branch=nn.Conv2d(8, 4, 1))(x(2, 8, 5, 4)),
        ValueError,
        ["branch", "(2, 8, 5, 4)", "(2, 4, 5, 4)"],
    ),
    "branch that would be broadcast": (
        lambda: ResidualAttentionP2(8, branch=nn.AdaptiveAvgPool2d(1))(x(2, 8, 5, 4)),
        ValueError,
        ["branch", "(2, 8, 5, 4)", "(2, 8, 1, 1)"],
    ),
    "branch without the stride": (
        lambda: ResidualAttentionP4(8, stride=2, branch=nn.Conv2d(8, 8, 1))(x(2, 8, 5, 4)),
        ValueError,
        ["branch", "(2, 8, 3, 2)", "(2, 8, 5, 4)"],
    ),
    "fusion channels 0": (lambda: ResidualAttentionP1(0), ValueError, ["channels", "at least 1", "got 0"]),
    "fusion cout 0": (lambda: ResidualAttentionP3(8, cout=0), ValueError, ["cout", "at least 1", "got 0"]),
    "shortcut norm": (lambda: shortcut(8, 4, norm="bn"), TypeError, ["norm", "True or False", "'bn'"]),
    "shortcut stride": (lambda: shortcut(8, 8, -1), ValueError, ["stride", "at least 1", "-1"]),
    "stage of 0 blocks": (
        lambda: make_stage(BasicBlock, 8, 8, 0),
        ValueError,
        ["n_blocks", "at least 1", "got 0"],
    ),
    "stage of an instance": (
        lambda: make_stage("BasicBlock", 8, 8, 2),
        TypeError,
        ["block_cls", "class", "'BasicBlock'"],
    ),
    "stage with one attention": (
        lambda: make_stage(BasicBlock, 8, 8, 2, attention=ONE),
        ValueError,
        ["attention", "name or a factory", "0.attn = 1.attn"],
    ),
    "3-D input": (lambda: BasicBlock(8, 8)(x(8, 5, 4)), ValueError, ["x", "(N, 8, H, W)", "(8, 5, 4)"]),
    "wrong C": (lambda: SEResBlockPreAct(8, 8)(x(2, 4, 5, 4)), ValueError, ["x", "(N, 8, H, W)", "(2, 4, 5, 4)"]),
    "channels last by shape": (lambda: Bottleneck(8, 8)(x(2, 5, 4, 8)), ValueError, ["x", "(2, 5, 4, 8)"]),
    "integer input": (
        lambda: ResidualAttentionP4(8)(torch.zeros(2, 8, 5, 4, dtype=torch.long)),
        TypeError,
        ["x", "floating-point", "int64"],
    ),
    "list input": (lambda: PreActBlock(8, 8)([1.0]), TypeError, ["x", "tensor", "list"]),
    "empty map": (lambda: WideBlock(8, 8)(x(2, 8, 0, 4)), ValueError, ["x", "at least 1", "(2, 8, 0, 4)"]),
    "classes 0": (lambda: SEResNetTiny(num_classes=0), ValueError, ["num_classes", "at least 1", "got 0"]),
    "base float": (lambda: SEResNetTiny(base=32.0), TypeError, ["base", "integer", "32.0"]),
    "n 0": (lambda: SEResNetTiny(n=0), ValueError, ["n ", "at least 1", "got 0"]),
    "preact text": (lambda: SEResNetTiny(preact="pre"), TypeError, ["preact", "True or False", "'pre'"]),
    "in_ch None": (lambda: SEResNetTiny(in_ch=None), TypeError, ["in_ch", "integer", "None"]),
    "gray image for colour": (
        lambda: SEResNetTiny()(x(2, 1, 32, 32)),
        ValueError,
        ["x", "(N, 3, H, W)", "(2, 1, 32, 32)"],
    ),
    "one spatial attention for a network": (
        lambda: SEResNetTiny(n=1, attention=nn.Conv2d(8, 8, 1)),
        ValueError,
        ["attention", "shared", "stage1.0.se = stage2.0.se = stage3.0.se"],
    ),
    "bias of ECA": (
        lambda: resnet18(attention="eca", bias=False),
        ValueError,
        ["bias", "'se', 'se_linear', 'cbam', 'coord'", "'eca'"],
    ),
    "rounding of a factory": (
        lambda: resnet18(attention=partial(SEBlock, reduction=4), hidden_rounding=8),
        ValueError,
        ["hidden_rounding", "must be None unless", "SEBlock"],
    ),
    "rounding 0": (lambda: resnet18(attention="se", hidden_rounding=0), ValueError, ["hidden_rounding", "got 0"]),
    "bias text": (lambda: resnet50(attention="se", bias="no"), TypeError, ["bias", "True or False", "'no'"]),
    "count of a name": (lambda: count_params("resnet18"), TypeError, ["m ", "nn.Module", "'resnet18'"]),
}


@pytest.mark.parametrize(("call", "error", "content"), WRONG.values(), ids=WRONG)
def test_refused(call, error, content):
    with torch.device("meta"), pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    for part in content:
        assert part in str(caught.value)
