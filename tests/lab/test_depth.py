"""The depth lab: laws with known values, measurements on top of them, any attention, models left as they were."""

import copy
import math
from functools import partial

import pytest
import torch
from torch import nn

from seattn_course.attention import ECA, SEBlock, SEPlusPlusV2
from seattn_course.lab import depth, depth_laws
from seattn_course.residual import ResidualAttentionP2, shared_modules

PATTERNS = depth_laws.PATTERNS
RESIDUAL_GATE = partial(SEPlusPlusV2, residual=True, learnable_alpha=True)
STARTS = {
    "fresh": ({}, 0.5, 1.0),
    "gamma 0": ({"zero_init": True}, 0.5, 0.0),
    "bias": ({"start": "bias"}, 0.9526, 1.0),
    "double": ({"start": "double"}, 1.0, 1.0),
    "double, gamma 0": ({"start": "double", "zero_init": True}, 1.0, 0.0),
    "alpha 0": ({"attention": RESIDUAL_GATE, "start": "alpha"}, 1.0, 1.0),
}


def stem_output(channels=8, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return 0.5 * torch.randn(8, channels, 6, 5, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(
    ("pattern", "ab"), [("P1", (1, 0.25)), ("P2", (0.25, 0.25)), ("P3", (1, 1)), ("P4", (0.25, 0.25))]
)
def test_recurrence_of_a_fresh_gate(pattern, ab):
    assert depth_laws.recurrence(pattern) == ab
    assert depth_laws.recurrence(pattern.lower()) == ab


@pytest.mark.parametrize(
    ("pattern", "options", "after_16"),
    [
        ("P1", {}, 0.23 + 16 / 4),
        ("P2", {}, 1 / 3),
        ("P3", {}, 16.23),
        ("P4", {}, 1 / 3),
        ("P2", {"gamma": 0.0}, 0.23 / 4**16),
        ("P2", {"gain": 0.9526}, 7.7),
        ("P2", {"gain": 1.0, "gamma": 0.0}, 0.23),
        ("P1", {"gain": 1.5}, 0.23 + 16 * 2.25),
    ],
)
def test_variance_law_has_the_known_values(pattern, options, after_16):
    law = depth_laws.variance_law(pattern, 16, 0.23, **options)
    assert law.shape == (17,)
    assert law[0] == 0.23
    assert law[-1].item() == pytest.approx(after_16, rel=0.02)


def test_fixed_points():
    assert depth_laws.fixed_point("P2") == pytest.approx(1 / 3)
    assert depth_laws.fixed_point("P4", gain=0.9526) == pytest.approx(9.8, rel=0.01)
    assert depth_laws.fixed_point("P2", gamma=0.0) == 0.0
    assert depth_laws.fixed_point("P1") == math.inf
    assert depth_laws.fixed_point("P2", gain=1.5) == math.inf
    assert math.isnan(depth_laws.fixed_point("P3", gamma=0.0))
    deep = depth_laws.variance_law("P2", 60, 5.0, 0.7, 1.3)[-1].item()
    assert deep == pytest.approx(depth_laws.fixed_point("P2", 0.7, 1.3))


def test_memory_is_the_skip_paths_share():
    assert depth_laws.memory_law("P1", 1, 0.23)[1].item() == pytest.approx(0.23 / 0.48)
    assert depth_laws.memory_law("P2", 2, 1.0)[2].item() == pytest.approx((1 / 16) / 0.375)
    assert torch.equal(depth_laws.memory_law("P1", 5, 0.23, gamma=0.0), torch.ones(6, dtype=torch.float64))


def test_gradient_law():
    assert pytest.approx(0.5 / (0.5 - 1 / (2 * math.pi))) == depth_laws.BRANCH_GRADIENT  # E[relu'^2] / Var relu
    assert depth_laws.gradient_law("P1", 7, 0.23, gamma=0.0).tolist() == [1.0] * 8
    assert depth_laws.gradient_law("P2", 16, 0.23, gamma=0.0)[0].item() == pytest.approx(0.5**16)
    one = depth_laws.gradient_law("P3", 1, 0.5)
    assert one[0].item() == pytest.approx((1 + depth_laws.BRANCH_GRADIENT / 0.5) ** 0.5)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_measured_variance_follows_the_law(pattern, start):
    options, gain, gamma = STARTS[start]
    profile = depth.seeded_profiles(pattern, range(2), **options)
    variance = profile.variance.mean(dim=0)
    law = depth_laws.variance_law(pattern, 16, variance[0].item(), gain, gamma)
    factor = variance / law
    assert factor.min() > 0.6
    # gates scatter around their mean, and in P2 and P4 sixteen of them multiply
    assert factor[:5].max() < 2
    assert factor.max() < 4


@pytest.mark.parametrize("pattern", PATTERNS)
def test_measured_memory_and_gradient_follow_the_law(pattern):
    profile = depth.seeded_profiles(pattern, range(3))
    v0 = profile.variance[:, 0].mean().item()
    memory, gradient = profile.memory.mean(dim=0), profile.gradient.mean(dim=0)
    assert torch.allclose(memory[:3], depth_laws.memory_law(pattern, 16, v0)[:3], rtol=0.5)
    assert torch.allclose(gradient, depth_laws.gradient_law(pattern, 16, v0), rtol=0.5)


def test_p2_and_p4_forget_the_stem_but_keep_a_signal():
    """The folklore corrected: RMS stays, memory goes (EXPERIMENTS: P1 .056, P2 .0005 at depth 16)."""
    p1, p2, p4 = (depth.seeded_profiles(pattern, range(3)) for pattern in ("P1", "P2", "P4"))
    for profile in (p2, p4):
        assert 0.25 < profile.variance[:, -1].mean() < 0.6
        assert profile.memory[:, -1].mean() < 0.002
    assert p1.memory[:, -1].mean() > 0.03


@pytest.mark.parametrize("pattern", PATTERNS)
def test_double_gate_and_zero_init_profile_is_the_identity(pattern):
    stack = depth.pattern_stack(pattern, 8, 5, zero_init=True, start="double").double()
    profile = depth.depth_profile(stack, stem_output())
    for values in (profile.rms / profile.rms[0], profile.memory, profile.gradient):
        assert torch.allclose(values, torch.ones(6, dtype=torch.float64))


def test_memory_by_hand():
    """A block that adds an uncorrelated map of the same power leaves a squared correlation of one half."""

    class Adds(nn.Module):
        def forward(self, x):
            return x + x.roll(1, dims=0)  # another image: independent noise

    x = stem_output(16)
    memory = depth.depth_profile(nn.Sequential(Adds()), x).memory
    assert memory[0].item() == pytest.approx(1.0)
    assert memory[1].item() == pytest.approx(0.5, abs=0.05)


def test_the_stack_is_left_as_it_was():
    stack = depth.pattern_stack("P2", 8, 2).double().eval()
    before, random_state, x = copy.deepcopy(stack.state_dict()), torch.get_rng_state(), stem_output()
    first = depth.depth_profile(stack, x)
    assert not stack.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in stack.state_dict().items())
    assert all(parameter.grad is None for parameter in stack.parameters())
    assert torch.equal(torch.get_rng_state(), random_state)
    assert torch.equal(depth.depth_profile(stack, x).gradient, first.gradient)


def test_seeds_leave_the_global_random_numbers_alone():
    state = torch.get_rng_state()
    first = depth.seeded_profiles("P1", [3], channels=4, depth=2, images=2)
    depth.attention_gain("se")
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(depth.seeded_profiles("P1", [3], channels=4, depth=2, images=2).rms, first.rms)
    assert first.rms.shape == (1, 3)


class Own(nn.Module):
    """An attention of the learner's own, without a gate that anybody could find."""

    def forward(self, x):
        return 0.25 * x


@pytest.mark.parametrize(
    "attention", [None, "eca", ECA, SEBlock(8), Own()], ids=["none", "name", "class", "module", "own"]
)
def test_any_attention_can_be_measured(attention):
    for pattern in PATTERNS:
        stack = depth.pattern_stack(pattern, 8, 3, attention)
        assert shared_modules(stack) == []
        profile = depth.depth_profile(stack.double(), stem_output())
        assert all(torch.isfinite(values).all() for values in (profile.rms, profile.memory, profile.gradient))


def test_gain_of_an_own_attention_predicts_its_depth():
    assert depth.attention_gain(Own()) == pytest.approx(0.25)
    assert depth.attention_gain(None) == 1.0
    assert depth.attention_gain("se", start="double") == pytest.approx(1.0)
    assert 0.15 < depth.attention_gain("cbam") < 0.35
    profile = depth.seeded_profiles("P2", [0], Own(), depth=4, zero_init=True)
    assert (profile.rms[0, -1] / profile.rms[0, 0]).item() == pytest.approx(0.25**4)


def test_p4_gets_the_attention_twice_and_each_place_its_own():
    (block,) = depth.pattern_stack("P4", 8, 1, SEBlock(8))
    assert block.attn_skip is not block.attn_res
    assert isinstance(block.attn_skip, SEBlock)
    assert isinstance(block.attn_res, SEBlock)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: depth_laws.recurrence("P5"), ValueError, ["pattern", "'P1'", "'P5'"]),
        (lambda: depth_laws.recurrence("P1", gain=-1.0), ValueError, ["gain", "at least 0", "-1.0"]),
        (lambda: depth_laws.variance_law("P1", 0, 1.0), ValueError, ["depth", "at least 1", "0"]),
        (lambda: depth_laws.variance_law("P1", 2, 0.0), ValueError, ["v0", "above 0", "0"]),
        (lambda: depth.pattern_stack("Q", 8, 2), ValueError, ["pattern", "'Q'"]),
        (lambda: depth.pattern_stack("P1", 8, 0), ValueError, ["depth", "at least 1"]),
        (lambda: depth.pattern_stack("P1", 8, 2, SEBlock(4)), ValueError, ["attention", "made for 4"]),
        (lambda: depth.depth_profile(nn.ReLU(), torch.rand(1, 2, 3, 3)), TypeError, ["stack", "nn.Sequential"]),
        (lambda: depth.depth_profile(nn.Sequential(), torch.rand(1, 2, 3, 3)), TypeError, ["at least one block"]),
        (lambda: depth.depth_profile(nn.Sequential(nn.ReLU()), torch.rand(2, 3)), ValueError, ["x", "(2, 3)"]),
        (
            lambda: depth.depth_profile(nn.Sequential(nn.AvgPool2d(2)), torch.rand(1, 2, 4, 4)),
            ValueError,
            ["stack", "keep the shape (1, 2, 4, 4)", "(1, 2, 2, 2) after block 1"],
        ),
        (lambda: depth.seeded_profiles("P1", []), ValueError, ["seeds", "at least one"]),
    ],
    ids=[
        "unknown pattern", "negative gain", "no depth", "no variance", "unknown stack", "empty stack",
        "other channels", "no sequence", "no block", "no map", "shape changes", "no seed",
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_block_of_the_course_and_a_stack_of_one_agree():
    torch.manual_seed(0)
    (stacked,) = depth.pattern_stack("P2", 8, 1, "se")
    torch.manual_seed(0)
    alone = ResidualAttentionP2(8, "se", act=None)
    x = stem_output().float()
    assert torch.equal(stacked(x), alone(x))
