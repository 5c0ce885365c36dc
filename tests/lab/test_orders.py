"""CBAM's halves in other orders: equal weights, and each half sees what its order says."""

import doctest

import pytest
import torch

from seattn_course.attention import CBAM
from seattn_course.lab import orders
from seattn_course.lab.configuration import Configuration, build
from seattn_course.lab.orders import SideBySide, SpatialFirst


@pytest.fixture
def three():
    modules = []
    for kind in (CBAM, SpatialFirst, SideBySide):
        torch.manual_seed(0)
        modules.append(kind(8, 2))
    return modules


def test_the_orders_are_their_equations(three):
    x = torch.randn(3, 8, 6, 5, generator=torch.Generator().manual_seed(1))
    cbam, first, beside = three
    channel, spatial = cbam.channel, cbam.spatial
    torch.testing.assert_close(cbam(x), spatial(channel(x)))
    torch.testing.assert_close(first(x), channel(spatial(x)))
    torch.testing.assert_close(beside(x), x * channel.gate(x) * spatial.gate(x))
    assert not torch.allclose(first(x), cbam(x), atol=1e-4)
    assert not torch.allclose(beside(x), cbam(x), atol=1e-4)


def test_a_seed_gives_the_orders_the_same_network():
    names = ("cbam", *orders.ORDERS)
    networks = [build(Configuration(attention=name, reduction=4), 3) for name in names]
    for weights in zip(*(network.parameters() for network in networks), strict=True):
        assert all(torch.equal(each, weights[0]) for each in weights)
    assert networks[1].blocks[0].attn.channel.fc1.out_channels == 6


@pytest.mark.parametrize("kind", [SpatialFirst, SideBySide])
def test_orders_refuse_what_does_not_fit(kind):
    with pytest.raises(ValueError, match="channels"):
        kind(0)
    with pytest.raises(ValueError, match="x must have shape"):
        kind(8)(torch.rand(2, 4, 5, 5))


def test_examples_of_orders():
    result = doctest.testmod(orders)
    assert result.attempted > 0
    assert result.failed == 0
