"""Parameter totals to the unit, counted on the meta device: no memory, no arithmetic."""

from functools import partial

import pytest
import torch
from torch import nn

from seattn_course.attention import ATTENTION_NAMES, CBAM, SEBlock
from seattn_course.models import (
    SEResNetTiny,
    count_params,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
    resnext50_32x4d,
    wide_resnet50_2,
)

timm_se = {"attention": "se", "hidden_rounding": 8}
paper_se = {"attention": "se", "bias": False}

TOTALS = [
    (resnet18, {}, 11_689_512),
    (resnet34, {}, 21_797_672),
    (resnet50, {}, 25_557_032),
    (resnet101, {}, 44_549_160),
    (resnet152, {}, 60_192_808),
    (resnext50_32x4d, {}, 25_028_904),
    (wide_resnet50_2, {}, 68_883_240),
    (resnet18, timm_se, 11_779_624),
    (resnet34, timm_se, 21_960_416),
    (resnet50, timm_se, 28_088_024),
    (resnet101, timm_se, 49_326_872),
    (resnet152, timm_se, 66_821_848),
    (resnext50_32x4d, timm_se, 27_559_896),
    (resnet50, {"attention": "se"}, 28_088_024),  # every width is a multiple of 8 * 16: rounding plays no part
    (resnet50, {**paper_se, "reduction": 2}, 45_676_584),
    (resnet50, {**paper_se, "reduction": 4}, 35_616_808),
    (resnet50, {**paper_se, "reduction": 8}, 30_586_920),
    (resnet50, {**paper_se, "reduction": 16}, 28_071_976),
    (resnet50, {**paper_se, "reduction": 32}, 26_814_504),
    (resnet50, {"attention": "se_linear"}, 28_071_976),
    (resnet50, {"attention": "se_linear", "bias": True}, 28_088_024),
    (resnet50, {**paper_se, "attention_after": "spatial"}, 25_714_216),  # C34: 25.71M
    (resnet50, {"attention": "eca"}, 25_557_032 + 86),
]


@pytest.mark.parametrize(("network", "options", "total"), TOTALS)
def test_total(network, options, total):
    with torch.device("meta"):
        assert count_params(network(**options)) == total


@pytest.mark.parametrize(
    ("preact", "attention", "total"),
    [
        (False, "se_stable", 702_986),
        (True, "se_stable", 702_410),
        (False, None, 696_874),
        (True, None, 696_298),
    ],
)
def test_total_of_the_tiny_network(preact, attention, total):
    assert count_params(SEResNetTiny(preact=preact, attention=attention)) == total


def test_se_in_the_tiny_network():
    net = SEResNetTiny()
    blocks = [*net.stage1, *net.stage2, *net.stage3]
    assert [block.se.fc1.out_channels for block in blocks] == [4, 4, 4, 4, 8, 8]
    assert sum(count_params(block.se) for block in blocks) == 6_112
    assert count_params(net.head) == 256  # E17: what the head repeats after post-activation blocks


@pytest.mark.parametrize("name", ATTENTION_NAMES)
def test_an_attention_adds_its_own_parameters_and_no_others(name):
    with torch.device("meta"):
        net = resnet50(attention=name)
    assert count_params(net) == 25_557_032 + sum(count_params(block.attn) for block in net.blocks())
    assert len({id(block.attn) for block in net.blocks()}) == 16


def test_where_the_weights_of_se_are():
    """C03: 9.84 % of ResNet-50 (without biases), 62.5 % of it in the last stage, 3.69 % without that stage."""
    with torch.device("meta"):
        net = resnet50(**paper_se)
    stages = (net.stage1, net.stage2, net.stage3, net.stage4)
    by_stage = [sum(count_params(block.attn) for block in stage) for stage in stages]
    plain = 25_557_032
    assert sum(by_stage) == 2_514_944
    assert round(100 * sum(by_stage) / plain, 2) == 9.84
    assert round(100 * by_stage[3] / sum(by_stage), 1) == 62.5
    assert round(100 * sum(by_stage[:3]) / plain, 2) == 3.69


def test_how_the_papers_totals_come_about():
    """The paper's 35.7M and 26.9M (r = 4, 32) fit when 53,120 BN statistics count; 30.7M (r = 8): biases too."""
    with torch.device("meta"):
        statistics = sum(b.numel() for b in resnet50().buffers() if b.is_floating_point())
        assert statistics == 53_120
        for options, published in (
            ({**paper_se, "reduction": 4}, 35.7),
            ({"attention": "se", "reduction": 8}, 30.7),
            ({**paper_se, "reduction": 32}, 26.9),
        ):
            assert round((count_params(resnet50(**options)) + statistics) / 1e6, 1) == published


def test_reduction_bias_and_rounding_reach_the_attention():
    with torch.device("meta"):
        assert [resnet18(attention=a, reduction=4).stage1[0].attn.fc1.out_channels for a in ("se", "se_v2")] == [
            16,
            16,
        ]
        se = resnet18(attention="SE", reduction=32, hidden_rounding=4, bias=False).stage1[0].attn
        cbam = resnet18(attention="cbam", bias=True, hidden_rounding=8).stage1[0].attn.channel
        coord = resnet18(attention="coord", bias=False).stage1[0].attn
        own = resnet18(attention=partial(SEBlock, hidden=5)).stage1[0].attn
        whole = resnet18(attention=partial(CBAM, kernel=3)).stage1[0].attn
    assert (se.fc1.out_channels, se.fc1.bias) == (4, None)
    assert (cbam.fc1.out_channels, cbam.fc1.bias is None) == (8, False)
    assert (coord.conv1.out_channels, coord.conv1.bias) == (8, None)
    assert own.fc1.out_channels == 5
    assert whole.spatial.conv.kernel_size == (3, 3)


def test_count_params_counts_what_is_trained_once():
    linear = nn.Linear(4, 3)
    assert count_params(nn.Sequential(linear, linear)) == 15
    linear.bias.requires_grad_(False)
    assert count_params(linear) == 12
    assert count_params(nn.BatchNorm2d(8)) == 16
