"""ConvBNAct."""

import pytest
import torch
import torch.nn.functional as F

from seattn_course.attention import ConvBNAct

ACTIVATIONS = [("relu", F.relu), ("silu", F.silu), ("ReLU", F.relu), (None, lambda v: v)]


@pytest.mark.parametrize(("act", "function"), ACTIVATIONS)
def test_is_convolution_normalization_activation(act, function):
    block = ConvBNAct(6, 4, act=act).double()
    x = torch.randn(3, 6, 5, 7, dtype=torch.float64)
    u = F.conv2d(x, block.conv.weight, padding=1)
    normal = (u - u.mean((0, 2, 3), keepdim=True)) / (u.var((0, 2, 3), correction=0, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(block(x), function(normal))


@pytest.mark.parametrize("k", [1, 3, 5, 7])
def test_default_padding_keeps_the_size(k):
    """Erratum E19: p = 1 with k = 1 grew a map of 10 to 12."""
    assert ConvBNAct(2, 3, k)(torch.rand(2, 2, 10, 9)).shape == (2, 3, 10, 9)


def test_stride_and_given_padding():
    assert ConvBNAct(2, 3, 3, 2)(torch.rand(2, 2, 32, 30)).shape == (2, 3, 16, 15)
    assert ConvBNAct(2, 3, 2, 2, 0)(torch.rand(2, 2, 8, 6)).shape == (2, 3, 4, 3)
    assert ConvBNAct(2, 3, 1, p=1)(torch.rand(2, 2, 10, 10)).shape == (2, 3, 12, 12)


def test_groups_and_parameters():
    def count(module):
        return sum(parameter.numel() for parameter in module.parameters())

    assert count(ConvBNAct(64, 64)) == 9 * 64 * 64 + 128
    assert count(ConvBNAct(64, 64, groups=32)) == 9 * 64 * 2 + 128
    assert ConvBNAct(64, 64).conv.bias is None


def test_an_unknown_activation_is_refused():
    """Erratum E19: it must not silently mean ReLU."""
    with pytest.raises(ValueError, match=r"act must be one of 'relu', 'silu', got 'swish'"):
        ConvBNAct(2, 3, act="swish")


def test_the_activation_leaves_its_input_alone():
    """Erratum E21."""
    block, seen = ConvBNAct(2, 3), []
    block.bn.register_forward_hook(lambda part, inputs, output: seen.append(output))
    block(torch.randn(2, 2, 5, 5))
    assert (seen[0] < 0).any()
