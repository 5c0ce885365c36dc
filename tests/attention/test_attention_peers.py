"""The same weights in timm's and torchvision's modules give the same output, forwards and backwards."""

import pytest
import torch
from attention_cases import randomized
from torch import nn

from seattn_course import attention
from seattn_course.attention import (
    CBAM,
    ECA,
    ChannelAttention,
    CoordinateAttention,
    SEAvgMax,
    SEBlock,
    SEBlockLinear,
    SpatialAttention,
    hidden_width,
)

pytestmark = pytest.mark.reference


def copy_weights(ours, theirs):
    """Our state into ``theirs``, entry by entry in order; a matrix becomes a 1x1 convolution."""
    pairs = zip(theirs.state_dict().items(), ours.state_dict().values(), strict=True)
    theirs.load_state_dict({name: value.reshape(tensor.shape) for (name, tensor), value in pairs})


def assert_same(ours, theirs, channels=64):
    """Equal in float64 with equal random weights: parameters, outputs and gradients, in both modes."""
    assert parameters(ours) == parameters(theirs)
    ours, theirs = randomized(ours).double(), theirs.double()
    copy_weights(ours, theirs)
    for training in (False, True):
        ours.train(training)
        theirs.train(training)
        x = torch.randn(3, channels, 9, 7, dtype=torch.float64)
        mine, other = x.clone().requires_grad_(), x.clone().requires_grad_()
        left, right = ours(mine), theirs(other)
        torch.testing.assert_close(left, right, rtol=1e-10, atol=1e-11)
        left.square().mean().backward()
        right.square().mean().backward()
        torch.testing.assert_close(mine.grad, other.grad, rtol=1e-8, atol=1e-13)


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("channels", [16, 64, 200, 256])
def test_se_is_timms(peers, channels):
    assert_same(SEBlock(channels, hidden_rounding=8), peers.timm.layers.SEModule(channels), channels=channels)


def test_timms_hidden_width_at_every_number_of_channels(peers):
    """Rounding to 8 (SE) and to 1 (CBAM)."""
    from timm.layers.helpers import make_divisible

    for channels in range(1, 2049):
        for step in (8, 1):
            theirs = make_divisible(channels / 16, step, round_limit=0.0)
            assert hidden_width(channels, hidden_rounding=step) == theirs, (channels, step)


@pytest.mark.parametrize("form", [SEBlock, SEBlockLinear])
def test_se_is_torchvisions(peers, form):
    theirs = peers.torchvision.ops.SqueezeExcitation(64, 4)
    assert_same(form(64, bias=True), theirs)


def test_se_gated_with_a_hard_gate_is_timms_pieces(peers):
    theirs = peers.timm.layers.SEModule(64, rd_channels=4, act_layer=nn.SiLU, gate_layer="hard_sigmoid")
    assert_same(attention.SEPlusPlus(64, gate="hardsigmoid", use_max=False), theirs)


def test_avg_max_is_twice_timms_average_of_both(peers):
    """timm takes the average of mean and maximum: the same function with W1 (not its bias) doubled."""
    ours = randomized(SEAvgMax(64, act="relu"))
    theirs = peers.timm.layers.SEModule(64, rd_channels=4, add_maxpool=True)
    copy_weights(ours, theirs)
    with torch.no_grad():
        theirs.fc1.weight.mul_(2)
    x = torch.randn(2, 64, 5, 7)
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("channels", [8, 64, 128, 2048])
def test_eca_is_timms(peers, channels):
    assert_same(ECA(channels), peers.timm.layers.EcaModule(channels), channels=channels)


def test_eca_kernel_is_timms_at_every_number_of_channels(peers):
    for channels in range(1, 4097):
        (theirs,) = peers.timm.layers.EcaModule(channels, device="meta").conv.kernel_size
        assert attention.eca_kernel(channels) == theirs, channels


def test_spatial_attention_is_timms(peers):
    assert_same(SpatialAttention(batch_norm=True), peers.timm.layers.cbam.SpatialAttn())


def test_channel_attention_is_timms(peers):
    assert_same(ChannelAttention(64), peers.timm.layers.cbam.ChannelAttn(64))


def test_cbam_is_timms(peers):
    ours, theirs = CBAM(256, hidden_rounding=1, batch_norm=True), peers.timm.layers.cbam.CbamModule(256)
    assert parameters(theirs) == 8292
    assert_same(ours, theirs, channels=256)


def test_cbam_concatenates_like_timm_once_the_two_maps_are_swapped(peers):
    """The authors' order (max, mean) is timm's with the two input channels of the convolution exchanged."""
    ours = randomized(CBAM(64, hidden_rounding=1, batch_norm=True, order="max_mean")).eval()
    theirs = peers.timm.layers.cbam.CbamModule(64).eval()
    copy_weights(ours, theirs)
    x = torch.randn(2, 64, 9, 7)
    assert not torch.allclose(ours(x), theirs(x), atol=1e-3)
    with torch.no_grad():
        theirs.spatial.conv.conv.weight.copy_(ours.spatial.conv.weight.flip(1))
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-4)


def test_coordinate_attention_is_timms(peers):
    theirs = peers.timm.layers.coord_attn.CoordAttn(256)
    assert parameters(theirs) == 6160
    ours = CoordinateAttention(256, bias=False)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert_same(ours, theirs, channels=256)
