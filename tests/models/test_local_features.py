"""LocalFeatures: parameters, what a place can see, and that only attention carries anything between places."""

import pytest
import torch

from seattn_course.attention import IdentityAttention, SEBlock
from seattn_course.models import ChannelScale, LocalFeatures


def count(**options):
    return sum(parameter.numel() for parameter in LocalFeatures(**options).parameters())

NAMES = ["plain", "scale", "se", "eca", "spatial", "cbam"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 4444),
        ({"width": 32}, 6948),
        ({"attention": ChannelScale}, 4444 + 2 * 24),
        ({"head": "mlp"}, 4444 + 24 * 24 + 24),
        ({"attention": "eca"}, 4444 + 2 * 3),
        ({"attention": "se_stable"}, 4444 + 2 * (2 * 24 * 4 + 4 + 24)),  # r = 8 would be 3, the safe minimum is 4
        ({"attention": "se", "reduction": 4}, 4444 + 2 * (2 * 24 * 6 + 6 + 24)),
    ],
    ids=["plain", "wider", "scale", "mlp", "eca", "se_stable", "se r=4"],
)
def test_parameters(options, expected):
    assert count(**options) == expected


def test_a_place_sees_one_patch():
    """The 24x24 image gives 7x7 places; a pixel of the patch at (r, c) covers rows and columns 3r to 3r + 4."""
    net = LocalFeatures().eval()
    x = torch.zeros(1, 3, 24, 24, requires_grad=True)
    maps = net.blocks(net.stem(x))
    assert maps.shape == (1, 24, 7, 7)
    maps[0, :, 2, 4].sum().backward()
    touched = x.grad.abs().sum((0, 1)).nonzero()
    assert touched.min(0).values.tolist() == [6, 12]
    assert touched.max(0).values.tolist() == [10, 16]


@pytest.mark.parametrize("attention", [None, ChannelScale, "se", "eca", "spatial", "cbam"], ids=NAMES)
def test_only_attention_carries_between_places(attention):
    """A change at one place changes the features at others with attention only."""
    torch.manual_seed(0)
    net = LocalFeatures(attention=attention).eval()
    stem = torch.randn(1, 24, 7, 7)
    changed = stem.clone()
    changed[:, :, 0, 0] += 3
    moved = (net.blocks(stem) != net.blocks(changed)).any(1)[0]
    elsewhere = moved.sum() - moved[0, 0].int()
    assert (elsewhere > 0) == (attention not in (None, ChannelScale))


PATTERN_SUMS = {
    "P1": lambda block, x: x + block.attn(block.f(x)),
    "P2": lambda block, x: block.attn(x + block.f(x)),
    "P3": lambda block, x: x + block.f(block.attn(x)),
    "P4": lambda block, x: block.attn_skip(x) + block.attn_res(block.f(x)),
}


@pytest.mark.parametrize("pattern", PATTERN_SUMS)
def test_the_blocks_follow_the_pattern_and_nothing_is_after_the_sum(pattern):
    torch.manual_seed(0)
    net = LocalFeatures(attention="se", pattern=pattern).eval()
    x = torch.randn(2, 24, 7, 7)
    for block in net.blocks:
        torch.testing.assert_close(block(x), PATTERN_SUMS[pattern](block, x))


def test_attention_stands_in_the_chosen_blocks_only():
    net = LocalFeatures(attention="eca", n=4, places=[2, 0, 2])
    assert [isinstance(block.attn, IdentityAttention) for block in net.blocks] == [False, True, False, True]
    assert count(attention="eca", n=4, places=()) == count(n=4)
    assert count(attention="se", pattern="P4", places=(1,)) == count() + 2 * (2 * 24 * 3 + 3 + 24)


@pytest.mark.parametrize("pattern", PATTERN_SUMS)
def test_the_identity_start_is_exact_in_every_pattern(pattern):
    torch.manual_seed(0)
    net = LocalFeatures(attention="se", pattern=pattern, n=16, start="double", zero_init=True).eval()
    x = torch.randn(2, 24, 7, 7)
    assert torch.equal(net.blocks(x), x)


def test_a_pattern_changes_nothing_without_attention():
    """The same seed gives the same network: the attention's weights are the last a block draws."""
    x = torch.rand(2, 3, 24, 24)
    outputs = []
    for pattern in PATTERN_SUMS:
        torch.manual_seed(0)
        outputs.append(LocalFeatures(pattern=pattern)(x))
    assert all(torch.equal(outputs[0], other) for other in outputs)


def test_the_fixed_scale_is_one_factor_a_channel():
    scale = ChannelScale(3)
    with torch.no_grad():
        scale.weight.copy_(torch.tensor([2.0, 0.5, -1.0]).view(1, 3, 1, 1))
    x = torch.randn(2, 3, 4, 5)
    assert torch.equal(scale(x)[:, 1], x[:, 1] * 0.5)
    assert torch.equal(scale(x), x * scale.gate(x))
    assert scale.gate(x).shape == (2, 3, 1, 1)


@pytest.mark.parametrize(
    ("call", "error", "content"),
    [
        (lambda: LocalFeatures(width=0), ValueError, ["width", "at least 1", "0"]),
        (lambda: LocalFeatures(n=1.5), TypeError, ["n must", "1.5"]),
        (lambda: LocalFeatures(head="deep"), ValueError, ["head", "'linear', 'mlp'", "'deep'"]),
        (lambda: LocalFeatures(pattern="P5"), ValueError, ["pattern", "'P1'", "'P5'"]),
        (lambda: LocalFeatures(places=[2]), ValueError, ["places", "from 0 to 1", "[2]"]),
        (lambda: LocalFeatures(places=1), TypeError, ["places", "from 0 to 1"]),
        (lambda: LocalFeatures(attention="se", start="wide"), ValueError, ["start", "'double'", "'wide'"]),
        (lambda: LocalFeatures(attention="nothing"), ValueError, ["attention", "'se'", "'nothing'"]),
        (lambda: LocalFeatures(attention=SEBlock(24)), ValueError, ["one module a block"]),
        (lambda: LocalFeatures(attention=lambda channels: SEBlock(32), n=1), ValueError, ["24 channels"]),
        (lambda: LocalFeatures()(torch.zeros(2, 1, 24, 24)), ValueError, ["x must have shape (N, 3, H, W)"]),
        (lambda: LocalFeatures()(torch.zeros(2, 3, 4, 24)), ValueError, ["H and W of at least 5", "3, 4, 24"]),
        (lambda: ChannelScale(-1), ValueError, ["channels", "-1"]),
        (lambda: ChannelScale(3)(torch.zeros(2, 4, 5, 5)), ValueError, ["x must have shape (N, 3, H, W)"]),
    ],
    ids=[
        "width", "n", "head", "pattern", "places", "no list", "start", "attention", "shared",
        "channels", "planes", "small", "scale", "scale x",
    ],
)  # fmt: skip
def test_wrong_arguments_of_local_features(call, error, content):
    with pytest.raises(error) as caught:
        call()
    assert all(part in str(caught.value) for part in content)
