"""Gradients of every module, and the two things special about the squeezes' own backward pass."""

import pytest
import torch
from attention_cases import CASES, randomized
from torch.func import functional_call, grad, vmap

from seattn_course.attention import SEAvgMax
from seattn_course.attention.pooling import (
    channel_max,
    channel_mean,
    column_mean,
    row_mean,
    squeeze_max,
    squeeze_mean,
)

POOLINGS = {
    squeeze_mean: lambda x: x.mean((2, 3), keepdim=True),
    channel_mean: lambda x: x.mean(1, keepdim=True),
    row_mean: lambda x: x.mean(3, keepdim=True),
    column_mean: lambda x: x.mean(2, keepdim=True),
    squeeze_max: lambda x: x.amax((2, 3), keepdim=True),
    channel_max: lambda x: x.amax(1, keepdim=True),
}
BOTH = pytest.mark.parametrize(("pooling", "plain"), POOLINGS.items(), ids=[p.__name__ for p in POOLINGS])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradcheck_of_input_and_parameters(case):
    module = randomized(case.make(3)).double()
    names, parameters = zip(*module.named_parameters())
    x = torch.randn(2, 3, 3, 2, dtype=torch.float64, requires_grad=True)
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}

    def run(x, *values):
        return functional_call(module, {**dict(zip(names, values)), **buffers}, x)

    many = sum(parameter.numel() for parameter in parameters) > 60  # then along random directions, not one by one
    assert torch.autograd.gradcheck(run, (x, *parameters), atol=1e-6, fast_mode=many)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_parameter_learns(case):
    """Erratum E03: a parameter without a gradient is a parameter nobody uses."""
    torch.manual_seed(0)
    module = case.make(8)
    for name, tensor in module.named_parameters():
        if name.startswith("fc1.bias"):
            torch.nn.init.constant_(tensor, 1.0)  # ReLU units start alive
    module(torch.randn(4, 8, 5, 5)).square().sum().backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


@BOTH
def test_pooling_equals_torch_forwards_and_backwards(pooling, plain):
    for memory_format in (torch.contiguous_format, torch.channels_last):
        x = torch.randn(3, 4, 5, 6, dtype=torch.float64).to(memory_format=memory_format)
        ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
        weight = torch.randn_like(plain(x))
        (pooling(ours) * weight).sum().backward()
        (plain(theirs) * weight).sum().backward()
        torch.testing.assert_close(pooling(x), plain(x), rtol=0, atol=1e-15)
        torch.testing.assert_close(pooling(ours), plain(x), rtol=0, atol=1e-15)
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-14, atol=1e-16)


@BOTH
def test_pooling_can_be_differentiated_twice(pooling, plain):
    x = torch.randn(2, 3, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda x: pooling(x).sin(), (x,))


@BOTH
@pytest.mark.filterwarnings("ignore:There is a performance drop")  # eq_ runs sample by sample under vmap
def test_pooling_under_vmap(pooling, plain):
    x = torch.randn(4, 2, 3, 5, 5)
    pooled = vmap(pooling, in_dims=1)(x.transpose(0, 1).requires_grad_())
    torch.testing.assert_close(pooled, torch.stack([plain(sample) for sample in x]))
    gradients = vmap(grad(lambda x: pooling(x).square().sum()))(x)
    expected = torch.stack([grad(lambda x: plain(x).square().sum())(sample) for sample in x])
    torch.testing.assert_close(gradients, expected)


@pytest.mark.parametrize("pooling", [squeeze_max, channel_max])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_equal_maxima_share_the_gradient(pooling, dtype):
    """Channels that are all zero after a ReLU tie everywhere: each place gets its share, as with amax."""
    x = torch.zeros(1, 300, 17, 19, dtype=dtype, requires_grad=True)
    pooling(x).sum().backward()
    places = 17 * 19 if pooling is squeeze_max else 300
    torch.testing.assert_close(x.grad, torch.full_like(x, 1 / places))


def test_an_infinite_value_is_a_maximum_like_any_other():
    x = torch.tensor([[[[1.0, float("inf")], [-float("inf"), 2.0]]]], requires_grad=True)
    squeeze_max(x).backward()
    assert x.grad.flatten().tolist() == [0, 1, 0, 0]


def test_the_mean_of_large_half_precision_values_stays_finite():
    x = torch.full((1, 1, 64, 64), 1000.0, dtype=torch.float16, requires_grad=True)  # their sum is 4,096,000
    assert squeeze_mean(x).item() == 1000


def test_the_gradient_is_the_same_in_eager_mode_and_under_a_compiler():
    """Two ways to the same gradient, ties included."""
    module = randomized(SEAvgMax(6)).double()
    x = torch.randn(2, 6, 4, 5, dtype=torch.float64).relu()
    x[0, :2] = 0
    compiled = torch.compile(module, backend="aot_eager", fullgraph=True)
    gradients = []
    for run in (module, compiled):
        leaf = x.clone().requires_grad_()
        run(leaf).square().sum().backward()
        gradients.append(leaf.grad)
    torch.testing.assert_close(*gradients)
