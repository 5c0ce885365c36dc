"""What the SE blocks promise beyond their equation."""

import numpy as np
import pytest
import torch
from attention_cases import CASES, randomized
from torch import nn

from seattn_course.attention import (
    ConvSEBlock,
    DescriptorConv,
    SEAvgMax,
    SEBlock,
    SEBlockLinear,
    SEGated,
    SEPlusPlus,
    SEStable,
)


def test_hand_example():
    """4x4x3, r = 3: z, W1 and W2 from the lesson; gates and means computed there by hand."""
    block = SEBlockLinear(3, 3)
    with torch.no_grad():
        block.fc1.weight.copy_(torch.tensor([[0.2, 0.4, 0.1]]))
        block.fc2.weight.copy_(torch.tensor([[0.5], [1.0], [-0.5]]))
    z = torch.tensor([2.0, 0.5, 1.0])
    x = z.reshape(1, 3, 1, 1).expand(1, 3, 4, 4)
    np.testing.assert_allclose(block.gate(x).detach().flatten(), [0.586618, 0.668188, 0.413382], atol=5e-7)
    np.testing.assert_allclose(block(x).mean((2, 3)).detach().flatten(), [1.173235, 0.334094, 0.413382], atol=5e-7)


def test_both_forms_are_one_function():
    """Same seed, same start; same weights, same output to the last bit."""
    torch.manual_seed(7)
    convolutions = SEBlock(24, 4)
    torch.manual_seed(7)
    matrices = SEBlockLinear(24, 4, bias=True)
    x = torch.randn(2, 24, 5, 7)
    assert torch.equal(convolutions(x), matrices(x))


def test_a_descriptor_convolution_is_a_1x1_convolution():
    torch.manual_seed(7)
    ours = DescriptorConv(24, 6).double()
    torch.manual_seed(7)
    plain = nn.Conv2d(24, 6, 1).double()
    z = torch.randn(2, 24, 1, 1, dtype=torch.float64)
    assert isinstance(ours, nn.Conv2d)
    torch.testing.assert_close(ours(z), plain(z), rtol=0, atol=1e-14)
    with pytest.raises(RuntimeError):
        ours(torch.randn(2, 24, 2, 2, dtype=torch.float64))


def test_gates_do_not_compete():
    """C12: raising one logit leaves the other gates alone, and the gates do not sum to 1."""
    block = randomized(SEBlock(8, 4)).eval()
    x = torch.randn(2, 8, 4, 4)
    before = block.gate(x).detach()
    with torch.no_grad():
        block.fc2.bias[3] += 2
    after = block.gate(x).detach()
    others = [c for c in range(8) if c != 3]
    assert torch.equal(before[:, others], after[:, others])
    assert (after[:, 3] > before[:, 3]).all()
    assert not torch.allclose(after.sum(1), torch.ones(2, 1, 1))


def test_the_gate_is_one_number_a_channel_and_scales_its_mean():
    """C15: the map's pattern stays; its mean is scaled by s."""
    block = randomized(SEBlock(8, 4)).double()
    x = torch.randn(2, 8, 4, 6, dtype=torch.float64)
    s = block.gate(x)
    torch.testing.assert_close(block(x).mean((2, 3)), s[:, :, 0, 0] * x.mean((2, 3)))


def test_shuffling_the_places_keeps_mean_and_maximum():
    block = randomized(SEAvgMax(8, 4)).double()
    x = torch.randn(2, 8, 4, 6, dtype=torch.float64)
    shuffled = x.flatten(2)[:, :, torch.randperm(24)].unflatten(2, (4, 6))
    torch.testing.assert_close(block.gate(x), block.gate(shuffled))


def test_se_is_equivariant_to_a_permutation_of_the_channels():
    """With its weights permuted alike, SE gives the permuted output."""
    block, other = randomized(SEBlock(8, 4)).double(), SEBlock(8, 4).double()
    order = torch.randperm(8)
    state = block.state_dict()
    state["fc1.weight"] = state["fc1.weight"][:, order]
    state["fc2.weight"], state["fc2.bias"] = state["fc2.weight"][order], state["fc2.bias"][order]
    other.load_state_dict(state)
    x = torch.randn(2, 8, 3, 5, dtype=torch.float64)
    torch.testing.assert_close(other(x[:, order]), block(x)[:, order])


def test_se_plus_plus_reduces_to_the_blocks_before_it():
    x = torch.randn(2, 16, 5, 7)
    for switches, earlier in (
        ({"use_max": False}, SEStable(16)),
        ({}, SEAvgMax(16)),
        ({"gate": "hardsigmoid"}, SEGated(16, gate="hardsigmoid")),
    ):
        block = SEPlusPlus(16, **switches)
        block.load_state_dict(randomized(earlier).state_dict())
        assert torch.equal(block(x), earlier(x)), switches


def test_adding_before_the_layers_is_not_adding_after_them():
    """Erratum E07: SEAvgMax is not CBAM's channel attention, whatever the weights."""
    from seattn_course.attention import ChannelAttention

    before, after = SEAvgMax(16, 4, act="relu"), ChannelAttention(16, 4, bias=True)
    after.load_state_dict(randomized(before).state_dict())
    x = torch.randn(2, 16, 5, 7)
    assert (before.gate(x) - after.gate(x)).abs().max() > 0.01


def test_silu_units_of_a_narrow_bottleneck_are_never_dead():
    """C06: with h = 1 and ReLU the unit is off for all samples in about a third of the starts, with SiLU never."""
    x = torch.randn(64, 16, 8, 8, generator=torch.Generator().manual_seed(0)).relu()

    def dead(make):
        count = 0
        for seed in range(100):
            torch.manual_seed(seed)
            block = make()
            hidden = block.act(block.fc1(block.squeeze(x)))
            count += bool((hidden == 0).all(0).any())
        return count

    assert 15 <= dead(lambda: SEBlock(16)) <= 55
    assert dead(lambda: SEStable(16)) == 0


def test_gate_functions_by_name_in_any_case():
    u = torch.linspace(-6, 6, 1201, dtype=torch.float64)
    soft, hard = SEGated(8, gate="SIGMOID").gate_fn, SEGated(8, gate="HardSigmoid").gate_fn
    assert (soft(u) - hard(u)).abs().max() <= 0.0692
    assert hard(torch.tensor([-3.0, 3.0])).tolist() == [0, 1]
    edge = torch.tensor([-3.5, 3.5], requires_grad=True)
    hard(edge).sum().backward()
    assert edge.grad.tolist() == [0, 0]


def test_conv_se_block_is_its_parts():
    block = ConvSEBlock(6, 12, 4).eval()
    x = torch.randn(2, 6, 8, 5)
    convolved = block.conv(x)
    assert block(x).shape == (2, 12, 8, 5)
    assert torch.equal(block(x), convolved * block.gate(x))
    assert torch.equal(block.gate(x), block.se.gate(convolved))
    assert [name for name, _ in block.named_children()] == ["conv", "se"]


def test_a_disabled_squeeze_is_not_computed():
    """An infinite maximum would spoil the gate if the max squeeze ran at all."""
    x = torch.rand(1, 8, 3, 3)
    operations = []

    class Record(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            operations.append(function.overloadpacket.__name__)
            return function(*args, **(kwargs or {}))

    for switches, absent in (({"use_max": False}, "amax"), ({"use_avg": False}, "mean")):
        operations.clear()
        with Record(), torch.no_grad():
            SEPlusPlus(8, **switches).gate(x)
        assert absent not in operations
        assert {"amax", "mean"} - {absent} <= set(operations)


def test_every_module_keeps_gates_between_0_and_1():
    x = 3 * torch.randn(2, 8, 5, 7)
    for case in CASES:
        gate = case.make(8).gate(x)
        assert gate.min() >= 0, case.name
        assert gate.max() <= 1, case.name
