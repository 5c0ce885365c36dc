"""Where else the modules must run: without data, compiled, exported, in mixed precision, from a checkpoint."""

import copy

import pytest
import torch
from attention_cases import CASES, randomized

from seattn_course import attention

ALL = pytest.mark.parametrize("case", CASES, ids=str)


@ALL
def test_meta_device(case):
    """Shapes without data: nothing in the module names a device or looks at a value."""
    with torch.device("meta"):
        module = case.make(8)
    x = torch.empty(2, 8, 5, 7, device="meta", requires_grad=True)
    y = module(x)
    assert y.shape == x.shape
    assert y.is_meta
    y.sum().backward()
    assert x.grad.shape == x.shape


@ALL
def test_state_dict_round_trip(case):
    saved, other = randomized(case.make(8), 1).eval(), randomized(case.make(8), 2).eval()
    assert list(saved.state_dict()) == list(other.state_dict())
    assert not any(torch.equal(*pair) for pair in zip(saved.parameters(), other.parameters()))
    other.load_state_dict(copy.deepcopy(saved.state_dict()))
    x = torch.randn(2, 8, 5, 7)
    assert torch.equal(saved(x), other(x))


@ALL
def test_compiles_as_one_graph(case):
    torch.compiler.reset()
    module = randomized(case.make(8)).eval()
    compiled = torch.compile(module, backend="eager", fullgraph=True)
    x = torch.randn(2, 8, 5, 7, requires_grad=True)
    torch.testing.assert_close(compiled(x), module(x))


@ALL
def test_exports(case):
    module = randomized(case.make(8)).eval()
    x = torch.randn(2, 8, 5, 7)
    program = torch.export.export(module, (x,))
    torch.testing.assert_close(program.module()(x), module(x))


@pytest.mark.parametrize("name", ["se", "v2 all learnable", "eca", "cbam", "coordinate"])
def test_exports_for_any_batch_and_size(name):
    module = randomized(next(case for case in CASES if case.name == name).make(8)).eval()
    free = torch.export.Dim.DYNAMIC
    program = torch.export.export(
        module, (torch.randn(2, 8, 5, 7),), dynamic_shapes=({0: free, 2: free, 3: free},)
    )
    x = torch.randn(3, 8, 9, 4)
    torch.testing.assert_close(program.module()(x), module(x))


@ALL
def test_bfloat16_autocast_is_finite_and_close(case):
    module = case.make(8).train()
    x = torch.randn(4, 8, 6, 5, requires_grad=True)
    plain = copy.deepcopy(module)(x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = module(x)
    assert y.isfinite().all()
    torch.testing.assert_close(y.float(), plain, rtol=0.05, atol=0.05)
    y.float().square().mean().backward()
    for parameter in (x, *module.parameters()):
        assert parameter.grad.isfinite().all()


@ALL
def test_input_is_left_alone_and_hooks_see_what_layers_returned(case):
    """Erratum E21: an activation in place would overwrite what a hook on the layer before it has seen."""
    module = randomized(case.make(8)).eval()
    seen = []
    for part in module.modules():
        if not list(part.children()):
            part.register_forward_hook(lambda part, inputs, output: seen.append((output, output.clone())))
    x = torch.randn(2, 8, 5, 7)
    before = x.clone()
    module(x)
    assert torch.equal(x, before)
    assert seen
    for output, copied in seen:
        assert torch.equal(output, copied)


def test_the_gate_function_can_be_hooked():
    """Erratum E21: it is a submodule of every attention module, called once for each gate."""
    gates = []
    for case in CASES:
        module = case.make(8).eval()
        for name, part in module.named_modules():
            if name.split(".")[-1] == "gate_fn":
                part.register_forward_hook(lambda part, inputs, output: gates.append(output))
        gates.clear()
        module(torch.randn(2, 8, 5, 7))
        two = isinstance(module, (attention.CBAM, attention.CoordinateAttention))
        assert len(gates) == 1 + two, case.name


def test_importing_the_package_stays_light():
    """``import seattn_course`` loads no torch; the attention room does."""
    import subprocess
    import sys

    code = "import sys, seattn_course, seattn_course.arguments; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
