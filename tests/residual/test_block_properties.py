"""What every block of the room must do: any size, layout, precision and device; compile, export, save and load."""

import copy
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from residual_cases import BLOCKS, randn, randomize

ATTENTIONS = ("se", "eca", "cbam", "coord", None)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(BLOCKS)),
    attention=st.sampled_from(ATTENTIONS),
    batch=st.integers(1, 3),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    widths=st.sampled_from([(4, 4), (4, 8), (3, 8), (8, 4), (5, 12)]),
    stride=st.integers(1, 3),
)
def test_shape(name, attention, batch, height, width, widths, stride):
    """Odd sizes, H != W, 1x1 and batch 1 in eval; the size shrinks by the stride, rounded up."""
    cin, cout = widths
    block = BLOCKS[name](cin, cout, stride, attention).eval()
    y = block(randn(batch, cin, height, width, dtype=torch.float32))
    assert y.shape == (batch, cout, math.ceil(height / stride), math.ceil(width / stride))
    assert y.isfinite().all()


@pytest.mark.parametrize("name", BLOCKS)
def test_memory_layout_plays_no_part(name):
    block = randomize(BLOCKS[name](4, 8, 2).double()).eval()
    x = randn(2, 4, 5, 7)
    y = block(x)
    torch.testing.assert_close(block(x.contiguous(memory_format=torch.channels_last)), y)
    torch.testing.assert_close(block(randn(2, 4, 7, 5).copy_(x.mT).mT), y)
    torch.testing.assert_close(block(torch.stack([x, x], dim=-1)[..., 0]), y)


@pytest.mark.parametrize("name", BLOCKS)
def test_samples_do_not_mix_in_eval(name):
    block = randomize(BLOCKS[name](4, 8, 2).double()).eval()
    x = randn(3, 4, 5, 7)
    y = block(x)
    changed = x.clone()
    changed[1] += 1
    torch.testing.assert_close(block(changed)[[0, 2]], y[[0, 2]])
    torch.testing.assert_close(block(x[:1]), y[:1])


@pytest.mark.parametrize("name", BLOCKS)
def test_gradients(name):
    smooth = {} if name.startswith("se_") else {"act": "silu"}  # a dead ReLU has no gradient to look at
    block = randomize(BLOCKS[name](4, 4, 1, attention="se_stable", **smooth).double()).eval()
    x = randn(2, 4, 3, 2).requires_grad_()
    assert torch.autograd.gradcheck(block, (x,))
    block.zero_grad()
    block(x).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in block.parameters())
    assert all(p.grad.abs().max() > 0 for p in block.parameters())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", BLOCKS)
def test_precision(name, dtype):
    block = randomize(BLOCKS[name](4, 8, 2).double()).eval()
    x = randn(2, 4, 5, 7)
    expected = block(x)
    y = copy.deepcopy(block).to(dtype)(x.to(dtype))
    assert y.dtype is dtype
    tolerance = {torch.float64: 1e-12, torch.float32: 1e-5, torch.bfloat16: 5e-2}[dtype]
    assert (y.double() - expected).abs().max() < tolerance * expected.abs().max()


@pytest.mark.parametrize("name", BLOCKS)
def test_autocast_is_finite(name):
    block = BLOCKS[name](4, 8, 2).train()
    x = (100 * randn(2, 4, 5, 7, dtype=torch.float32)).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        y = block(x)
    y.float().square().mean().backward()
    assert y.isfinite().all()
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("name", BLOCKS)
def test_meta_device(name):
    with torch.device("meta"):
        block = BLOCKS[name](4, 8, 2)
        y = block(torch.empty(2, 4, 5, 7))
    assert y.device.type == "meta"
    assert y.shape == (2, 8, 3, 4)


@pytest.mark.parametrize("name", BLOCKS)
def test_state_dict_round_trip(name, tmp_path):
    block = randomize(BLOCKS[name](4, 8, 2)).eval()
    torch.save(block.state_dict(), tmp_path / "block.pt")
    other = BLOCKS[name](4, 8, 2).eval()
    assert other.load_state_dict(torch.load(tmp_path / "block.pt", weights_only=True)).missing_keys == []
    x = randn(2, 4, 5, 7, dtype=torch.float32)
    assert torch.equal(other(x), block(x))


@pytest.mark.parametrize("name", BLOCKS)
def test_compile_without_graph_breaks(name):
    torch.compiler.reset()
    block = randomize(BLOCKS[name](4, 8, 2)).eval()
    x = randn(2, 4, 5, 7, dtype=torch.float32)
    compiled = torch.compile(block, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(x), block(x))


@pytest.mark.parametrize("name", BLOCKS)
def test_export_for_any_batch(name):
    block = randomize(BLOCKS[name](4, 8, 2)).eval()
    x = randn(2, 4, 5, 7, dtype=torch.float32)
    program = torch.export.export(block, (x,), dynamic_shapes=({0: torch.export.Dim("batch", min=1)},))
    other = randn(5, 4, 5, 7, seed=3, dtype=torch.float32)
    torch.testing.assert_close(program.module()(other), block(other))
