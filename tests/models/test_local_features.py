"""LocalFeatures: parameters, what a place can see, and that only attention carries anything between places."""

import pytest
import torch

from seattn_course.attention import SEBlock
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
        ({"attention": "eca", "pattern": "P2"}, 4444 + 2 * 3),
        ({"attention": "eca", "pattern": "P3"}, 4444 + 2 * 3),
        ({"attention": "eca", "pattern": "P4"}, 4444 + 4 * 3),
        ({"attention": "eca", "places": "first"}, 4444 + 3),
        ({"attention": "eca", "places": "last"}, 4444 + 3),
        ({"n": 4}, 4444 + 2 * (2 * 24 * 24 + 4 * 24)),
    ],
    ids=["plain", "wider", "scale", "mlp", "eca", "se_stable", "se r=4", "P2", "P3", "P4", "first", "last", "n=4"],
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


@pytest.mark.parametrize("pattern", ["P1", "P2", "P3", "P4"])
def test_a_pattern_is_its_equation(pattern):
    """With A(v) = v / 2, a block is F and the identity in halves: F(x / 2) is F(x) up to batch norm's epsilon."""
    torch.manual_seed(0)
    block = LocalFeatures(attention=Half, pattern=pattern, n=1).blocks[0]
    x = torch.randn(8, 24, 7, 7)
    f = block.bn2(block.conv2(block.act(block.bn1(block.conv1(x))))) if pattern == "P1" else block.f(x)
    expected = {"P1": x + f / 2, "P2": (x + f) / 2, "P3": x + f, "P4": (x + f) / 2}[pattern]
    torch.testing.assert_close(block(x), expected, rtol=1e-3, atol=1e-3)


class Half(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()

    def forward(self, x):
        return x / 2


@pytest.mark.parametrize(("places", "expected"), [("all", [1, 1, 1]), ("first", [1, 0, 0]), ("last", [0, 0, 1])])
def test_attention_stands_where_places_says(places, expected):
    net = LocalFeatures(attention="se", n=3, places=places)
    assert [isinstance(block.attn, SEBlock) for block in net.blocks] == expected


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
        (lambda: LocalFeatures(pattern="P5"), ValueError, ["pattern", "'P4'", "'P5'"]),
        (lambda: LocalFeatures(places="middle"), ValueError, ["places", "'first', 'last'", "'middle'"]),
        (lambda: LocalFeatures(attention="nothing"), ValueError, ["attention", "'se'", "'nothing'"]),
        (lambda: LocalFeatures(attention=SEBlock(24)), ValueError, ["one module a block"]),
        (lambda: LocalFeatures(attention=lambda channels: SEBlock(32), n=1), ValueError, ["24 channels"]),
        (lambda: LocalFeatures()(torch.zeros(2, 1, 24, 24)), ValueError, ["x must have shape (N, 3, H, W)"]),
        (lambda: LocalFeatures()(torch.zeros(2, 3, 4, 24)), ValueError, ["H and W of at least 5", "3, 4, 24"]),
        (lambda: ChannelScale(-1), ValueError, ["channels", "-1"]),
        (lambda: ChannelScale(3)(torch.zeros(2, 4, 5, 5)), ValueError, ["x must have shape (N, 3, H, W)"]),
    ],
    ids=[
        "width", "n", "head", "pattern", "places", "attention", "shared", "channels", "planes", "small", "scale",
        "scale x",
    ],
)  # fmt: skip
def test_wrong_arguments_of_local_features(call, error, content):
    with pytest.raises(error) as caught:
        call()
    assert all(part in str(caught.value) for part in content)
