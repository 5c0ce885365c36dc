"""Each instrument on networks small enough to know the answer beforehand."""

import pytest
import torch
from torch import nn

from seattn_course import residual
from seattn_course.attention import SEBlock
from seattn_course.lab import instruments
from seattn_course.lab.instruments import Call


def test_shape_trace_has_every_call_in_its_order():
    relu = nn.ReLU()
    net = nn.Sequential(nn.Conv2d(3, 4, 3), relu, nn.Sequential(nn.Conv2d(4, 2, 1), relu))
    calls = instruments.shape_trace(net, torch.rand(2, 3, 5, 6))
    assert calls[0] == Call("0", (2, 3, 5, 6), (2, 4, 3, 4))
    assert [call.name for call in calls] == ["0", "1", "2.0", "1"]  # the same ReLU runs twice
    assert calls[-1].after == (2, 2, 3, 4)


def test_gates_are_those_of_the_block():
    net = nn.Sequential(nn.Conv2d(3, 8, 1), SEBlock(8, 2))
    x = torch.rand(4, 3, 5, 6)
    seen = instruments.gates(net, x)
    assert list(seen) == ["1.gate_fn"]
    torch.testing.assert_close(seen["1.gate_fn"], net[1].gate(net[0](x)).detach().flatten(1))


def test_silent_parameters_are_those_without_and_with_zero_gradient():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.idle, self.cut = nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 3)
            self.frozen = nn.Parameter(torch.ones(3), requires_grad=False)

        def forward(self, x):
            return self.used(x) + self.cut(x) * 0 + self.frozen

    silent = instruments.silent_parameters(Net(), torch.rand(2, 3))
    assert silent == ["idle.weight", "idle.bias", "cut.weight", "cut.bias"]


def test_leak_is_zero_or_what_the_batch_moves():
    x = torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    norm = nn.BatchNorm2d(3, track_running_stats=False)
    moved = (norm(x)[0] - norm(torch.cat([x[:1], 1 - 2 * x[1:]]))[0]).abs().max().item()
    assert instruments.image_leak(norm, x) == pytest.approx(moved)
    assert instruments.image_leak(nn.BatchNorm2d(3), x) == 0


def test_overwritten_inputs_names_the_block_and_refuses_strangers():
    net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Sequential(nn.ReLU(inplace=True)), nn.Sequential(nn.ReLU()))
    x = torch.randn(2, 3, 4, 5)
    assert instruments.overwritten_inputs(net, x, {"a": net[1], "b": net[2]}) == ["a"]
    with pytest.raises(ValueError, match="blocks must be modules inside model, got ReLU from elsewhere"):
        instruments.overwritten_inputs(net, x, {"a": nn.ReLU()})


@pytest.mark.parametrize("stride", [1, 2])
def test_skip_and_branch_of_a_free_block(stride):
    torch.manual_seed(0)
    block, x = residual.PreActBlock(8, 8, stride, attention="se").double(), torch.randn(2, 8, 6, 6).double()
    assert instruments.skip_kept(block, x) == pytest.approx(1)
    assert 0.3 < instruments.lowered(block, x) < 0.7


def test_takes_says_no_to_errors_about_shapes_only():
    net = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    assert instruments.takes(net, torch.rand(2, 3, 2, 2))
    assert not instruments.takes(net, torch.rand(2, 3, 2, 3))
    with pytest.raises(TypeError, match="model"):
        instruments.takes("net", torch.rand(2, 3, 2, 2))
