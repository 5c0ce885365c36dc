"""Basic, pre-activation, wide, bottleneck and ResNeXt blocks against loops, and what their docstrings promise."""

from functools import partial

import numpy as np
import pytest
import residual_oracles as oracle
import torch
from residual_cases import BLOCKS, randn, randomize
from torch import nn

from seattn_course.attention import SEBlock
from seattn_course.models import count_params
from seattn_course.residual import BasicBlock, Bottleneck, PreActBlock, ResNeXtBlock, WideBlock, make_stage

ORACLES = {
    "basic": oracle.basic,
    "pre_act": oracle.pre_activation,
    "wide": oracle.pre_activation,
    "bottleneck": oracle.bottleneck,
    "resnext": partial(oracle.bottleneck, groups=2),
    "se_post": oracle.se_post,
    "se_pre": oracle.se_pre,
}


@pytest.mark.parametrize("training", [False, True], ids=["eval", "training"])
@pytest.mark.parametrize("attention", [True, None], ids=["attention", "plain"])
@pytest.mark.parametrize(("cin", "cout", "stride"), [(4, 4, 1), (4, 8, 1), (4, 4, 2), (3, 8, 2)])
@pytest.mark.parametrize("name", ORACLES)
def test_block_equals_its_equation(name, cin, cout, stride, attention, training):
    options = {} if attention else {"attention": None}
    block = randomize(BLOCKS[name](cin, cout, stride, **options).double()).train(training)
    x = randn(2, cin, 5, 4)
    P = oracle.state(block)  # before the call, which moves the running statistics in training
    y = block(x).detach().numpy()
    np.testing.assert_allclose(y, ORACLES[name](x.numpy(), P, stride, training=training), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("block_cls", [Bottleneck, partial(ResNeXtBlock, cardinality=2)])
def test_bottleneck_attention_after_the_3x3_convolution(block_cls):
    block = randomize(block_cls(4, 8, 2, "se", 2, attention_after="spatial").double()).eval()
    x = randn(2, 4, 5, 4)
    groups = block.conv2.groups
    expected = oracle.bottleneck(x.numpy(), oracle.state(block), 2, groups=groups, spatial=True)
    np.testing.assert_allclose(block(x).detach().numpy(), expected, rtol=1e-10, atol=1e-10)
    assert block.attn.channels == block.conv2.out_channels


@pytest.mark.parametrize(
    ("block", "total"),
    [
        (partial(BasicBlock, 64, 64), 73_984),
        (partial(BasicBlock, 64, 128, 2), 230_144),
        (partial(PreActBlock, 64, 64), 73_984),
        (partial(Bottleneck, 64, 256), 75_008),
        (partial(Bottleneck, 256, 256), 70_400),
        (partial(ResNeXtBlock, 256, 256), 71_168),
        (partial(Bottleneck, 256, 256, attention="se"), 70_400 + 2 * 256 * 16 + 16 + 256),
    ],
)
def test_parameter_counts(block, total):
    with torch.device("meta"):
        assert count_params(block()) == total


def test_wrn_28_10_has_the_published_36_5_million_parameters():
    """Zagoruyko and Komodakis (arXiv 1605.07146): WRN-28-10 for CIFAR-10 has 36.5M."""
    stage = partial(make_stage, WideBlock, widen=10, n_blocks=4)
    with torch.device("meta"):
        net = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1, bias=False),
            stage(cin=16, cout=16),
            stage(cin=160, cout=32, first_stride=2),
            stage(cin=320, cout=64, first_stride=2),
            nn.BatchNorm2d(640),
            nn.Linear(640, 10),
        )
        assert count_params(net) == 36_479_194


def test_the_share_of_se_grows_with_the_cardinality():
    """E16: weights of SE over weights of the convolutions, inner width 128, output 256."""

    def share(**options):
        with torch.device("meta"):
            block = Bottleneck(256, 256, attention=partial(SEBlock, bias=False), **options)
        convolutions = sum(m.weight.numel() for m in (block.conv1, block.conv2, block.conv3))
        return 100 * count_params(block.attn) / convolutions

    assert round(share(width=128), 1) == 3.8
    assert round(share(width=128, groups=32), 1) == 11.7
    assert round(share(), 1) == 11.8  # equal operations: the plain bottleneck of the same output


def test_pre_activation_projects_what_is_activated():
    """E17: ResNet v2 projects act(BN(x)), the SE-residual block of the lessons projects x."""
    seen = []
    for name in ("pre_act", "se_pre"):
        block = BLOCKS[name](4, 8, 2).eval()
        block.proj.register_forward_pre_hook(lambda module, arguments: seen.append(arguments[0]))
        x = randn(1, 4, 4, 4, dtype=torch.float32)
        block(x)
    assert seen[0].min() >= 0
    assert torch.equal(seen[1], x)


@pytest.mark.parametrize("name", BLOCKS)
def test_no_activation_works_in_place(name):
    """E21: what a hook on a convolution saw must still be there after the forward pass; and x too."""
    block = BLOCKS[name](4, 8, 2).eval()
    seen = {}
    for module in block.modules():
        if isinstance(module, nn.Conv2d | nn.BatchNorm2d):
            module.register_forward_hook(lambda m, a, y: seen.update({m: (y, y.detach().clone())}))
    x = randn(2, 4, 5, 4, dtype=torch.float32)
    before = x.clone()
    with torch.no_grad():
        block(x)
    assert torch.equal(x, before)
    assert seen
    assert all(torch.equal(kept, copy) for kept, copy in seen.values())


def test_dropout_stands_between_the_convolutions_and_only_in_training():
    block = WideBlock(4, 4, dropout=0.9)
    x = randn(2, 4, 6, 6, dtype=torch.float32)
    assert torch.equal(block.eval()(x), block(x))
    block.train()
    torch.manual_seed(0)
    first = block(x)
    assert not torch.equal(first, block(x))
    assert block.dropout.p == 0.9
