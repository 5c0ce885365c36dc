"""Zero-init and near-identity starts: what is exactly the identity, and what can still learn (E05, E06)."""

from functools import partial

import pytest
import torch
from residual_cases import BLOCKS, PATTERNS, randn
from torch import nn

from seattn_course.attention import (
    CBAM,
    ECA,
    CoordinateAttention,
    SEBlock,
    SEBlockLinear,
    SEGated,
    SEPlusPlusV2,
    SEStable,
    SpatialAttention,
)
from seattn_course.residual import (
    BasicBlock,
    PreActBlock,
    ResidualAttentionP1,
    ResidualAttentionP2,
    near_identity,
    zero_branch,
)

DEPTH = 16


def chain(number, attention, zero_init=True, start=None, channels=32):
    slots = [attention] * (2 if number == 4 else 1)
    blocks = [PATTERNS[number](channels, *slots, zero_init=zero_init, start=start) for _ in range(DEPTH)]
    return nn.Sequential(*blocks)


def ratio(net, channels=32):
    """RMS out over RMS in, in training mode, of a map as ReLU leaves it."""
    x = randn(4, channels, 8, 8, dtype=torch.float32).relu()
    with torch.no_grad():
        return (net(x).square().mean() / x.square().mean()).sqrt().item()


@pytest.mark.parametrize("seed", range(5))
def test_a_plain_gate_on_the_identity_path_leaves_half_a_block(seed):
    """E06: 0.5^16 = 1.5e-5 after 16 blocks of P2 or P4; P1 and P3 keep everything (C28, C29)."""
    torch.manual_seed(seed)
    assert ratio(chain(1, "se")) == 1.0
    assert ratio(chain(3, "se")) == 1.0
    for number in (2, 4):
        assert 1.0e-5 < ratio(chain(number, "se")) < 3.0e-5


@pytest.mark.parametrize("attention", ["cbam", "coord"])
def test_two_gates_leave_a_quarter(attention):
    """E06: CBAM and coordinate attention multiply two gates of 1/2."""
    torch.manual_seed(0)
    x = randn(4, 32, 8, 8, dtype=torch.float32)
    with torch.no_grad():
        y = ResidualAttentionP2(32, attention, zero_init=True, act=None)(x)
    assert 0.15 < (y.square().mean() / x.square().mean()).sqrt().item() < 0.35


def test_open_bias_keeps_46_percent():
    torch.manual_seed(0)
    se = near_identity(SEBlock(32), "bias")
    nn.init.zeros_(se.fc2.weight)
    assert se.gate(torch.rand(1, 32, 4, 4)).mean().item() == pytest.approx(0.9526, abs=1e-4)
    assert ratio(chain(2, "se", start="bias")) == pytest.approx(0.46, abs=0.02)


@pytest.mark.parametrize("number", PATTERNS)
def test_double_gate_and_zero_init_are_the_exact_identity(number):
    x = randn(4, 32, 8, 8, dtype=torch.float32).relu()
    with torch.no_grad():
        assert torch.equal(chain(number, "se", start="double")(x), x)


def first_gradients(number, start):
    """Largest gradient at step 0 in each attention, and in its last layer, with zero-init."""
    torch.manual_seed(0)
    slots = ["se_stable"] * (2 if number == 4 else 1)  # SiLU: no dead hidden unit to take the blame
    block = PATTERNS[number](8, *slots, zero_init=True, start=start)
    x = torch.randn(4, 8, 6, 5)
    (block(x) * torch.randn(4, 8, 6, 5)).sum().backward()
    names = ("attn_skip", "attn_res") if number == 4 else ("attn",)
    return {
        name: {part: p.grad.abs().max().item() for part, p in getattr(block, name).named_parameters()}
        for name in names
    }


def test_who_gets_a_gradient_at_step_0():
    """E06: behind a dead branch SE gets exactly none (P1, P3, A_r); on the identity path it does (P2, A_s)."""
    for number, name in ((1, "attn"), (3, "attn"), (4, "attn_res")):
        assert set(first_gradients(number, None)[name].values()) == {0.0}
    for number, name in ((2, "attn"), (4, "attn_skip")):
        assert min(first_gradients(number, None)[name].values()) > 0


def test_the_doubled_gate_learns_at_once():
    """2 sigmoid with fc2 = 0: fc2 has a gradient in the first step, fc1 from the second on."""
    gradients = first_gradients(2, "double")["attn"]
    assert gradients["fc2.weight"] > 0
    assert gradients["fc2.bias"] > 0
    assert gradients["fc1.weight"] == 0


@pytest.mark.parametrize(
    "build",
    [
        partial(SEBlock, 8, 2),
        partial(SEBlockLinear, 8, 2),
        partial(SEStable, 8),
        partial(SEGated, 8, gate="hardsigmoid"),
        partial(SEPlusPlusV2, 8, temperature=0.5),
        partial(ECA, 8),
        partial(SpatialAttention, 8),
        partial(CBAM, 8),
        partial(CBAM, 8, mlp_bias=True, batch_norm=True),
        partial(CoordinateAttention, 8),
    ],
)
def test_double_makes_any_attention_the_identity(build):
    attention = near_identity(build(), "double")
    x = randn(2, 8, 5, 4, dtype=torch.float32)
    assert torch.equal(attention(x), x)
    assert torch.equal(attention.gate(x).unique(), torch.ones(1))
    (attention(x) * randn(2, 8, 5, 4, seed=2, dtype=torch.float32)).sum().backward()
    assert max(p.grad.abs().max() for p in attention.parameters() if p.grad is not None) > 0


def test_residual_gate():
    """E05: alpha = 1 starts at 1.5 a block, 657 after 16; alpha = 0 is the identity, and fc waits for alpha."""
    x = randn(2, 8, 5, 4, dtype=torch.float32)
    build = partial(SEPlusPlusV2, 8, residual=True, learnable_alpha=True)
    grown = x
    for _ in range(DEPTH):
        attention = build()
        nn.init.zeros_(attention.fc2.weight)
        nn.init.zeros_(attention.fc2.bias)
        grown = attention(grown)
    torch.testing.assert_close(grown, 1.5**16 * x)
    assert round(1.5**16) == 657

    attention = near_identity(build(), "alpha")
    assert torch.equal(attention(x), x)
    (attention(x) * randn(2, 8, 5, 4, seed=2, dtype=torch.float32)).sum().backward()
    assert attention.alpha.grad.abs() > 0
    assert attention.fc1.weight.grad.abs().max() == attention.fc2.weight.grad.abs().max() == 0


@pytest.mark.parametrize("name", BLOCKS)
def test_zero_init_kills_the_branch_and_lets_its_last_layer_learn(name):
    """The skip alone remains, and one layer gets a gradient: with all weights 0 none would."""
    torch.manual_seed(0)
    cout = 4  # the skip is x itself
    block = BLOCKS[name](4, cout, attention=None, zero_init=True).train()
    x = torch.randn(4, 4, 6, 5)
    y = block(x)
    activation = getattr(block, "out_act", getattr(block, "act", nn.Identity()))
    expected = x if name in ("pre_act", "wide", "se_pre") else activation(x)
    assert torch.equal(y, expected)
    (y * torch.randn_like(y)).sum().backward()
    moving = [n for n, p in block.named_parameters() if p.grad is not None and p.grad.abs().max() > 0]
    last = {
        "basic": ["bn2.weight", "bn2.bias"],
        "pre_act": ["conv2.weight"],
        "wide": ["conv2.weight"],
        "bottleneck": ["bn3.weight", "bn3.bias"],
        "resnext": ["bn3.weight", "bn3.bias"],
        "se_post": ["bn2.weight", "bn2.bias"],
        "se_pre": ["conv2.weight"],
    }.get(name, ["f.1.bn.weight", "f.1.bn.bias"])
    assert moving == last


def test_why_pre_activation_does_not_zero_its_last_norm():
    """Behind that scale stands a ReLU, with slope 0 at 0: the scale would never receive a gradient."""
    torch.manual_seed(0)
    block = PreActBlock(4, 4).train()
    nn.init.zeros_(block.bn2.weight)
    x = torch.randn(4, 4, 6, 5)
    (block(x) * torch.randn_like(x)).sum().backward()
    assert all(p.grad.abs().max() == 0 for p in block.parameters())


def test_zero_init_can_be_undone_by_a_later_loop_and_repeated():
    block = BasicBlock(4, 4, zero_init=True)
    nn.init.ones_(block.bn2.weight)
    assert block.bn2.weight.abs().max() == 1
    block.zero_init()
    assert block.bn2.weight.abs().max() == 0


def test_zero_branch_looks_at_the_last_layer_that_does_something():
    branch = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Identity())
    zero_branch(branch)
    assert branch(torch.rand(1, 4, 2, 2)).abs().max() == 0


def test_starts_leave_other_modules_alone():
    attention = SEBlock(8, 2)
    fc1 = attention.fc1.weight.detach().clone()
    assert near_identity(attention, "double") is attention
    assert torch.equal(attention.fc1.weight, fc1)
    assert list(SEBlock(8, 2).state_dict()) == list(attention.state_dict())
    assert ResidualAttentionP1(8, "se", start="double").attn.gate(torch.rand(1, 8, 2, 2)).unique().item() == 1
