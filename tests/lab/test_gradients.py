"""Signal and gradient per block: known values, the law of depth, and a model left as it was."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from seattn_course.lab.gradients import block_gradients
from seattn_course.models import SEResNetTiny
from seattn_course.residual import ResidualAttentionP1, ResidualAttentionP2


def chain(pattern, depth=16, **options):
    torch.manual_seed(0)
    return nn.Sequential(*(pattern(32, "se_stable", zero_init=True, **options) for _ in range(depth)))


def test_values_of_a_linear_layer():
    """loss = sum of y: dL/dy = 1 everywhere, dL/dW = sum over samples of x."""
    net = nn.Sequential(nn.Linear(3, 2, bias=False))
    x = torch.tensor([[1.0, 2.0, 2.0], [0.0, 0.0, 0.0]])
    (block,) = block_gradients(net, x, {"fc": net[0]}, loss=torch.sum)
    assert block.name == "fc"
    assert block.output_gradient == pytest.approx(2.0)  # sqrt(4 ones)
    assert block.parameter_gradient == pytest.approx((2 * 9) ** 0.5)
    with torch.no_grad():
        assert block.output_rms == pytest.approx(net(x).square().mean().sqrt().item())


def test_gradient_vanishes_on_a_gated_identity_path():
    """E06: with P2 half is lost in each block, forward and backward; with P1, or a doubled gate, nothing."""
    x = torch.randn(4, 32, 8, 8).relu()
    for pattern, options, lost in (
        (ResidualAttentionP1, {}, False),
        (ResidualAttentionP2, {}, True),
        (ResidualAttentionP2, {"start": "double"}, False),
    ):
        net = chain(pattern, **options)
        first, last = block_gradients(net, x, {"first": net[0], "last": net[-1]})
        signal, gradient = last.output_rms / first.output_rms, first.output_gradient / last.output_gradient
        for ratio in (signal, gradient):
            if lost:
                assert 1e-5 < ratio < 1e-4
            else:
                assert 0.5 < ratio < 1.0001


def test_attention_behind_a_dead_branch_has_no_gradient():
    """E06, as a measurement: exactly 0 for SE in P1, not in P2, and at once with the doubled gate."""
    x = torch.randn(4, 32, 8, 8)
    norms = {}
    for name, pattern, start in (
        ("P1", ResidualAttentionP1, None),
        ("P2", ResidualAttentionP2, None),
        ("P2 doubled", ResidualAttentionP2, "double"),
    ):
        net = chain(pattern, depth=2, start=start)
        norms[name] = block_gradients(net, x, {"attention": net[0].attn})[0].parameter_gradient
    assert norms["P1"] == 0.0
    assert norms["P2"] > 0
    assert norms["P2 doubled"] > 0


def test_a_mean_behind_a_batch_norm_has_no_gradient():
    """E18: why `y.mean().backward()` checks nothing; the default loss does."""
    torch.manual_seed(0)
    net = ResidualAttentionP1(8, act=None)
    x = torch.randn(4, 8, 6, 5)
    first = {"conv": net.f[0]}
    (mean,) = block_gradients(net, x, first, loss=torch.mean)
    (weighed,) = block_gradients(net, x, first)
    assert mean.parameter_gradient < 1e-6
    assert weighed.parameter_gradient > 1


def test_the_model_is_left_as_it_was():
    torch.manual_seed(0)
    net = SEResNetTiny(base=8, n=1).eval()
    net.fc.weight.grad = torch.ones_like(net.fc.weight)
    before = copy.deepcopy(net.state_dict())
    blocks = {name: getattr(net, name) for name in ("stage1", "stage2", "stage3")}
    x, labels = torch.rand(4, 3, 12, 12), torch.arange(4)
    random_state = torch.get_rng_state()
    measured = block_gradients(net, x, blocks, loss=lambda logits: F.cross_entropy(logits, labels))
    assert [block.name for block in measured] == list(blocks)
    assert all(block.output_gradient > 0 and block.parameter_gradient > 0 for block in measured)
    assert not net.training
    assert not net.stage1._forward_hooks
    assert torch.equal(net.fc.weight.grad, torch.ones_like(net.fc.weight))
    assert net.stem.conv.weight.grad is None
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random_state)
    again = block_gradients(net, x, blocks, loss=lambda logits: F.cross_entropy(logits, labels))
    assert again == measured


def test_wrong_arguments():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    x = torch.zeros(1, 2)
    with pytest.raises(
        ValueError, match=r"blocks\['other'\] must be a module inside model, got Linear from elsewhere"
    ):
        block_gradients(net, x, {"other": nn.Linear(2, 2)})
    with pytest.raises(TypeError, match=r"model must be an nn\.Module"):
        block_gradients(torch.relu, x, {})


def test_a_block_that_does_not_run():
    class Half(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.idle = nn.Linear(2, 2), nn.Linear(2, 2)

        def forward(self, x):
            return self.used(x)

    net = Half()
    with pytest.raises(ValueError, match=r"blocks must all take part in model\(x\), got \['idle'\]"):
        block_gradients(net, torch.zeros(1, 2), {"idle": net.idle, "used": net.used})
