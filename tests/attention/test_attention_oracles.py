"""Every module against its equations, over shapes, memory layouts and dtypes."""

import numpy as np
import pytest
import torch
from attention_cases import CASES, as_arrays, randomized
from hypothesis import given, settings
from hypothesis import strategies as st

# Places as many as channels and samples, odd widths, one place, one sample, C < r, C = 1: where shape errors hide.
SHAPES = [(2, 12, 5, 7), (1, 8, 3, 2), (3, 11, 1, 1), (4, 4, 4, 4), (2, 3, 6, 1), (1, 1, 2, 3), (2, 24, 3, 3)]


def laid_out(x, layout):
    """``x`` with its values and shape, in another arrangement of memory."""
    if layout == "channels_last":
        return x.contiguous(memory_format=torch.channels_last)
    if layout == "transposed":
        return x.transpose(2, 3).contiguous().transpose(2, 3)
    if layout == "strided":
        wide = torch.zeros(*x.shape[:3], 2 * x.shape[3], dtype=x.dtype)
        wide[..., ::2] = x
        return wide[..., ::2]
    if layout == "expanded sample":
        return x[:1].expand(x.shape)
    return x


def has_batch_norm(case):
    return any(isinstance(part, torch.nn.BatchNorm2d) for part in case.make(8).modules())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_equals_its_equation_in_float64(case):
    for number, shape in enumerate(SHAPES):
        module = randomized(case.make(shape[1]), seed=number).double().eval()
        x = torch.randn(shape, generator=torch.Generator().manual_seed(number), dtype=torch.float64)
        before = x.clone()
        gate, y = case.expected(x.numpy(), as_arrays(module))
        np.testing.assert_allclose(module.gate(x).detach(), gate, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(module(x).detach(), y, rtol=1e-11, atol=1e-12)
        assert module.gate(x).shape == gate.shape
        assert torch.equal(x, before)


@pytest.mark.parametrize("case", [case for case in CASES if has_batch_norm(case)], ids=str)
def test_equals_its_equation_with_batch_statistics(case):
    module = randomized(case.make(12)).double().train()
    x = torch.randn(3, 12, 5, 4, dtype=torch.float64)
    state = as_arrays(module)  # before the forward pass moves the running statistics
    gate = case.gate(x.numpy(), state, training=True)
    np.testing.assert_allclose(module(x).detach(), gate * x.numpy(), rtol=1e-10, atol=1e-11)


TOLERANCE = {torch.float64: 1e-11, torch.float32: 2e-5, torch.bfloat16: 6e-2}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_any_shape_layout_and_dtype(case):
    layouts = ["contiguous", "channels_last", "transposed", "strided", "expanded sample"]

    @settings(max_examples=12, deadline=None, derandomize=True, database=None)
    @given(
        shape=st.tuples(st.integers(1, 3), st.integers(1, 20), st.integers(1, 6), st.integers(1, 6)),
        layout=st.sampled_from(layouts),
        dtype=st.sampled_from(list(TOLERANCE)),
        training=st.booleans(),
        seed=st.integers(0, 99),
    )
    def run(shape, layout, dtype, training, seed):
        # Small weights: with large ones a rounded bfloat16 logit moves the gate by more than any tolerance.
        module = randomized(case.make(shape[1]), seed)
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                if name.endswith(("weight", "bias")) and "bn" not in name:
                    parameter.mul_(0.3)
        module.to(dtype).eval()
        x = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(dtype)
        x = laid_out(x, layout).requires_grad_(training)  # with gradients the squeezes take another way
        _, expected = case.expected(x.detach().double().numpy(), as_arrays(module))
        y = module(x)
        assert y.dtype == dtype
        tolerance = TOLERANCE[dtype]
        np.testing.assert_allclose(y.detach().double(), expected, rtol=tolerance, atol=tolerance)

    run()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_samples_do_not_see_each_other(case):
    module = randomized(case.make(8)).double().eval()
    x = torch.randn(3, 8, 4, 5, dtype=torch.float64)
    other = x.clone()
    other[1:] += 5
    torch.testing.assert_close(module(x)[0], module(other)[0], rtol=0, atol=1e-12)
    torch.testing.assert_close(module(x)[2:], module(x[2:]), rtol=0, atol=1e-12)


def test_an_empty_batch_gives_an_empty_batch():
    for case in CASES:
        assert case.make(8).eval()(torch.zeros(0, 8, 3, 4)).shape == (0, 8, 3, 4), case.name


def test_a_nan_reaches_the_gate():
    for case in CASES:
        x = torch.zeros(1, 8, 5, 5)
        x[0, 3, 2, 2] = float("nan")
        assert case.make(8).eval().gate(x).isnan().any(), case.name
