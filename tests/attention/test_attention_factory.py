"""make_attention: names, classes, functions, modules, nothing."""

from functools import partial

import pytest
import torch
from torch import nn

from seattn_course.attention import (
    ATTENTION_NAMES,
    CBAM,
    ECA,
    CoordinateAttention,
    IdentityAttention,
    SEBlock,
    SEStable,
    make_attention,
)


@pytest.mark.parametrize("name", ATTENTION_NAMES)
def test_every_name_makes_a_module_that_keeps_the_shape_and_shows_its_gate(name):
    module = make_attention(name, 16).eval()
    x = torch.rand(2, 16, 5, 4)
    assert module(x).shape == x.shape
    assert torch.broadcast_shapes(module.gate(x).shape, x.shape) == x.shape


def test_names_in_any_case():
    assert isinstance(make_attention("CBAM", 16), CBAM)
    assert isinstance(make_attention("SE", 16), SEBlock)


def test_reduction_goes_to_the_names_that_have_one():
    assert make_attention("se", 64, 4).fc1.out_channels == 16
    assert make_attention("cbam", 64, 4).channel.fc1.out_channels == 16
    assert make_attention("coord", 512, 4).conv1.out_channels == CoordinateAttention(512).conv1.out_channels == 16


def test_a_factory_is_called_with_the_channels_alone():
    assert make_attention(ECA, 128).conv.kernel_size == (5,)
    assert make_attention(partial(SEBlock, hidden_rounding=8), 64, 2).fc1.out_channels == 8
    assert isinstance(make_attention(lambda channels: SEStable(channels, 4), 8), SEStable)


def test_a_module_is_used_as_it_is():
    """Erratum E20: so two blocks given one module share its weights."""
    module = SEBlock(16)
    assert make_attention(module, 16) is module
    assert make_attention(module, 32) is module


def test_none_is_the_identity():
    module = make_attention(None, 16)
    assert isinstance(module, IdentityAttention)
    x = torch.rand(2, 16, 5, 4)
    assert module(x) is x
    assert module.gate(x).shape == (2, 16, 1, 1)
    assert (module.gate(x) == 1).all()
    assert not list(module.parameters())
    assert isinstance(module, nn.Module)
