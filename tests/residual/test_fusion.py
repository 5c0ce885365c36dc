"""The fusion patterns against their equations: values, dead branch, gate 0, gate 1, and the errata about them."""

from functools import partial

import numpy as np
import pytest
import residual_oracles as oracle
import torch
from residual_cases import PATTERNS, randn, randomize
from torch import nn
from torch.nn.functional import relu

from seattn_course.attention import ECA, SEBlock
from seattn_course.models import count_params
from seattn_course.residual import (
    BasicBlock,
    ResidualAttentionP1,
    ResidualAttentionP2,
    ResidualAttentionP3,
    ResidualAttentionP4,
    shared_modules,
    zero_branch,
)


class Gate(nn.Module):
    """A constant gate: A(v) = value * v."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def forward(self, v):
        return self.value * v


def patterns(attention=lambda: None, **options):
    """Each pattern with ``attention()`` in each of its places, 4 -> 4 channels unless told."""
    for number, pattern in PATTERNS.items():
        slots = [attention() for _ in range(2 if number == 4 else 1)]
        yield number, pattern(4, *slots, **options)


@pytest.mark.parametrize("training", [False, True], ids=["eval", "training"])
@pytest.mark.parametrize(("cout", "stride"), [(4, 1), (6, 1), (4, 2), (6, 2)])
@pytest.mark.parametrize("attention", ["se", None])
@pytest.mark.parametrize("number", PATTERNS)
def test_pattern_equals_its_equation(number, attention, cout, stride, training):
    slots = [attention] * (2 if number == 4 else 1)
    block = PATTERNS[number](4, *slots, reduction=2, cout=cout, stride=stride)
    block = randomize(block.double()).train(training)
    x, P = randn(2, 4, 5, 3), oracle.state(block)
    y = block(x).detach().numpy()
    expected = oracle.fusion(number, x.numpy(), P, stride, training)
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-10)


def test_the_four_equations_differ():
    """On the same weights no two patterns agree: what the tests below tell apart is there to be told apart."""
    results = []
    for number in PATTERNS:
        block = PATTERNS[number](4, *(["se"] * (2 if number == 4 else 1)), reduction=2)
        results.append(randomize(block.double()).eval()(randn(1, 4, 5, 3)))
    for i in range(4):
        for j in range(i):
            assert not torch.allclose(results[i], results[j], atol=1e-3)


def test_dead_branch():
    """F = 0: P1 and P3 leave ReLU(skip) (E14: ReLU(x), not x), P2 and P4 a gated skip."""
    x = randn(2, 4, 5, 3, dtype=torch.float32)
    expected = {1: relu(x), 2: relu(0.25 * x), 3: relu(x), 4: relu(0.25 * x)}
    for number, block in patterns(lambda: Gate(0.25)):
        zero_branch(block.f)
        assert torch.equal(block(x), expected[number])
        assert not torch.equal(block(x), x)
    for number, block in patterns(lambda: Gate(0.25), act=None):
        zero_branch(block.f)
        assert torch.equal(block(x), {1: x, 2: 0.25 * x, 3: x, 4: 0.25 * x}[number])


def test_gate_zero():
    """A = 0: P1 leaves skip, P2 and P4 nothing at all, P3 skip + F(0), which is not 0 (BN's shift)."""
    x = randn(2, 4, 5, 3)
    for number, block in patterns(lambda: Gate(0.0), act=None):
        randomize(block.double()).eval()
        zero = torch.zeros_like(x)
        expected = {1: x, 2: zero, 3: x + block.f(zero), 4: zero}[number]
        assert torch.equal(block(x), expected)
        assert block.f(zero).abs().max() > 0.1


def test_gate_one_and_no_attention_are_the_plain_block():
    x = randn(2, 4, 5, 3)
    for build in (partial(Gate, 1.0), lambda: None):
        for _, block in patterns(build):
            randomize(block.double()).eval()
            assert torch.equal(block(x), relu(block.f(x) + x))


def test_p4_has_two_places():
    x = randn(2, 4, 5, 3)
    block = randomize(ResidualAttentionP4(4, Gate(0.5), Gate(3.0)).double()).eval()
    assert torch.equal(block(x), relu(0.5 * x + 3.0 * block.f(x)))
    identity = randomize(
        ResidualAttentionP4(4, "se", None, 2).double()
    ).eval()  # "Identity" of Hu et al., table 14
    torch.testing.assert_close(identity(x), relu(identity.attn_skip(x) + identity.f(x)), rtol=0, atol=0)


def test_attention_fits_the_map_it_stands_on():
    """E14: output channels in P1, P2 and P4, and x's own in P3; another width is refused when built."""
    for number, block in patterns(lambda: "se", cout=6, stride=2):
        slots = [block.attn_skip, block.attn_res] if number == 4 else [block.attn]
        assert {slot.channels for slot in slots} == {4 if number == 3 else 6}
        assert block(randn(2, 4, 5, 3, dtype=torch.float32)).shape == (2, 6, 3, 2)
    with pytest.raises(ValueError, match="made for the 6 channels of its place, got SEBlock made for 4"):
        ResidualAttentionP1(4, SEBlock(4), cout=6)
    with pytest.raises(ValueError, match="made for the 4 channels of its place, got ECA made for 6"):
        ResidualAttentionP3(4, ECA(6), cout=6)


@pytest.mark.parametrize(
    ("build", "total"),
    [
        (lambda: ResidualAttentionP1(64), 73_984),
        (lambda: ResidualAttentionP1(64, SEBlock(64)), 74_564),
        (lambda: ResidualAttentionP2(64, SEBlock), 74_564),
        (lambda: ResidualAttentionP3(64, "se"), 74_564),
        (lambda: ResidualAttentionP4(64), 73_984),
        (lambda: ResidualAttentionP4(64, "se", "se"), 75_144),
        (lambda: ResidualAttentionP1(64, cout=128, stride=2), 230_144),
    ],
)
def test_parameter_counts(build, total):
    assert count_params(build()) == total


def test_one_attention_in_four_blocks_shares_its_weights():
    """E20: legal in PyTorch, so the count and `shared_modules` must tell."""
    one = SEBlock(64)
    shared = nn.Sequential(*(ResidualAttentionP1(64, one) for _ in range(4)))
    own = nn.Sequential(*(ResidualAttentionP1(64, SEBlock(64)) for _ in range(4)))
    assert (count_params(shared), count_params(own)) == (296_516, 298_256)
    assert shared_modules(shared) == [("0.attn", "1.attn", "2.attn", "3.attn")]
    assert shared_modules(own) == []


def test_p4_refuses_one_module_for_both_places():
    one = SEBlock(4)
    with pytest.raises(ValueError, match="attention_skip and attention_res must be two modules"):
        ResidualAttentionP4(4, one, one)
    assert count_params(ResidualAttentionP4(4, SEBlock, SEBlock)) == count_params(ResidualAttentionP4(4)) + 2 * 13


@pytest.mark.parametrize("number", PATTERNS)
def test_any_branch(number):
    """A module as it is, or a factory of (cin, cout, stride)."""
    slots = [None] * (2 if number == 4 else 1)
    x = randn(2, 4, 5, 3, dtype=torch.float32)
    module = nn.Conv2d(4, 4, 1)
    block = PATTERNS[number](4, *slots, branch=module, act=None)
    assert block.f is module
    assert torch.equal(block(x), x + module(x))
    made = PATTERNS[number](4, *slots, cout=6, stride=2, branch=partial(BasicBlock, attention="eca"))
    assert isinstance(made.f, BasicBlock)
    assert made(x).shape == (2, 6, 3, 2)


def test_a_uniform_gate_before_a_normalized_branch_changes_nothing_in_training():
    """E15: conv - BN divides a common factor out again, but for eps; with running statistics it does not."""
    torch.manual_seed(0)
    x = torch.randn(8, 16, 12, 12)
    plain = ResidualAttentionP3(16, act=None)
    gated = ResidualAttentionP3(16, Gate(0.5), act=None)
    gated.load_state_dict(plain.state_dict())
    with torch.no_grad():
        in_training = (plain.train()(x) - gated.train()(x)).abs().max()
        gated.load_state_dict(plain.state_dict())  # the statistics that the ungated branch has seen
        in_eval = (plain.eval()(x) - gated.eval()(x)).abs().max()
    assert 0 < in_training < 1e-3
    assert in_eval > 0.1


def test_p1_squeezes_a_batch_mean_of_zero_at_the_start():
    """E15: F ends in BN, so the squeezed z averages to 0 over the batch, channel by channel."""
    torch.manual_seed(0)
    block = ResidualAttentionP1(8, "se").train()
    seen = []
    block.attn.register_forward_hook(lambda module, arguments, y: seen.append(arguments[0].mean((0, 2, 3))))
    block(torch.randn(4, 8, 6, 5))
    assert seen[0].abs().max() < 1e-6
