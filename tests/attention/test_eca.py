"""ECA: the kernel's size, the order of the channels, the ends of the row."""

import pytest
import torch
from attention_cases import randomized

from seattn_course.attention import ECA, SEBlock, eca_kernel


def test_kernel_staircase():
    """3 to C = 64, 5 for 128 to 1024, 7 at 2048."""
    powers = [2**k for k in range(12)]
    assert [eca_kernel(C) for C in powers] == [3] * 7 + [5] * 4 + [7]
    assert all(eca_kernel(C) % 2 == 1 for C in range(1, 5000))


@pytest.mark.parametrize("kernel", [1, 3, 9])
def test_kernel_can_be_given(kernel):
    block = ECA(8, kernel)
    assert block.conv.weight.shape == (1, 1, kernel)
    assert block.conv.bias is None
    assert block(torch.rand(2, 8, 3, 4)).shape == (2, 8, 3, 4)


def test_a_channel_reaches_its_neighbours_only():
    block = ECA(9, 5)
    x = torch.zeros(1, 9, 2, 2)
    other = x.clone()
    other[:, 4] = 1
    changed = (block.gate(x) != block.gate(other)).flatten().nonzero().flatten()
    assert changed.tolist() == [2, 3, 4, 5, 6]


def test_eca_is_not_equivariant_to_a_permutation_of_the_channels():
    """Its weights know the order; SE's can be permuted along (see test_squeeze_excitation)."""
    order = torch.tensor([3, 1, 4, 0, 5, 2])
    x = torch.randn(1, 6, 3, 3)
    block = randomized(ECA(6))
    assert not torch.allclose(block(x[:, order]), block(x)[:, order], atol=1e-3)
    assert sum(p.numel() for p in block.parameters()) < sum(p.numel() for p in SEBlock(6).parameters())
