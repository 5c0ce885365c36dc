"""The worked example of lesson 15: what its gates are, and that the two relatives differ where they should."""

import pytest
import torch
from torch import nn

from seattn_course.lab.which_where import OneSigmoid, WhichWhere
from seattn_course.models import LocalFeatures, count_params
from seattn_course.residual import near_identity

KINDS = [WhichWhere, OneSigmoid]


def logits(module: nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(N, C, 1, 1) and (N, 1, H, W), written out."""
    z = x.mean((2, 3))
    kernel = module.which.conv.weight
    padded = nn.functional.pad(z[:, None], (kernel.shape[-1] // 2,) * 2)
    channel = (padded.unfold(2, kernel.shape[-1], 1) * kernel[0, 0]).sum(-1)[:, 0, :, None, None]
    seen = torch.stack([x.mean(1), x.amax(1)], 1)
    return channel, nn.functional.conv2d(seen, module.where.conv.weight, padding=3)


@pytest.mark.parametrize("shape", [(3, 24, 7, 7), (2, 24, 5, 9), (1, 128, 1, 1)], ids=["7x7", "5x9", "1x1"])
def test_gates_are_those_of_the_equations(shape):
    torch.manual_seed(0)
    x = torch.randn(shape, dtype=torch.float64)
    product, one = WhichWhere(shape[1]).double(), OneSigmoid(shape[1]).double()
    one.load_state_dict(product.state_dict())
    channel, place = logits(product, x)
    torch.testing.assert_close(product.gate(x), channel.sigmoid() * place.sigmoid())
    torch.testing.assert_close(one.gate(x), (channel + place).sigmoid())
    assert all(torch.equal(module(x), x * module.gate(x)) for module in (product, one))


@pytest.mark.parametrize("kind", KINDS)
def test_weights(kind):
    assert count_params(kind(24)) == 3 + 98
    assert count_params(kind(128, kernel=3)) == 5 + 18
    assert count_params(LocalFeatures(attention=kind)) == 4444 + 2 * 101


@pytest.mark.parametrize("kind", KINDS)
def test_samples_are_independent_and_every_weight_learns(kind):
    torch.manual_seed(0)
    module, x = kind(24).double(), torch.randn(3, 24, 7, 7, dtype=torch.float64)
    changed = torch.cat([x[:1], 3 * x[1:] + 1])
    assert torch.equal(module(x)[0], module(changed)[0])
    module(x).square().sum().backward()
    assert all(parameter.grad.any() for parameter in module.parameters())


def test_fresh_gates_on_nothing():
    x = torch.zeros(1, 24, 5, 7)
    assert WhichWhere(24).gate(x).unique().item() == 0.25
    assert OneSigmoid(24).gate(x).unique().item() == 0.5
    assert near_identity(WhichWhere(24), "double").gate(torch.rand(1, 24, 5, 7)).unique().item() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_arguments_of_the_worked_example(kind):
    with pytest.raises(ValueError, match=r"channels must be .* got 0"):
        kind(0)
    with pytest.raises(ValueError, match="kernel must be an odd integer"):
        kind(24, kernel=4)
    with pytest.raises(ValueError, match="must have shape"):
        kind(24)(torch.rand(2, 8, 5, 5))
