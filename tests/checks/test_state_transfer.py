"""State transfer: whichever layers and names hold the parameters, each gets the values meant for it."""

import pytest
import torch
from torch import nn

from seattn_course.checks import state
from seattn_course.checks.engine import examine
from seattn_course.checks.exercise import load


class Two(nn.Module):
    """fc1 from 5 to 2 and fc2 from 2 to 5, with or without biases."""

    def __init__(self, bias=True):
        super().__init__()
        self.fc1 = nn.Linear(5, 2, bias)
        self.fc2 = nn.Linear(2, 5, bias)


class TwoConvolutions(nn.Module):
    def __init__(self, bias=True):
        super().__init__()
        self.narrow = nn.Conv2d(5, 2, 1, bias=bias)
        self.widen = nn.Conv2d(2, 5, 1, bias=bias)


class Reversed(nn.Module):
    def __init__(self, bias=True):
        super().__init__()
        self.widen = nn.Linear(2, 5, bias)
        self.narrow = nn.Linear(5, 2, bias)


class Bare(nn.Module):
    def __init__(self):
        super().__init__()
        self.narrow = nn.Parameter(torch.zeros(5, 2))  # for x @ W: transposed
        self.widen = nn.Parameter(torch.zeros(2, 5))


def theirs(model):
    return {
        name: state.random_like(tensor, 0, f"{index}", False).float()
        for index, (name, tensor) in enumerate(state.tensors(model).items())
    }


@pytest.mark.parametrize("bias", [True, False])
def test_linear_and_convolution_are_interchangeable(bias):
    values = theirs(Two(bias))
    module = TwoConvolutions(bias)
    (assignment, *_) = state.assignments(state.tensors(module), values)
    assert state.carry(assignment, module, values)
    assert torch.equal(module.narrow.weight.flatten(1), values["fc1.weight"])
    assert torch.equal(module.widen.weight.flatten(1), values["fc2.weight"])
    if bias:
        assert torch.equal(module.widen.bias, values["fc2.bias"])


def test_an_order_that_needs_no_transpose_is_preferred():
    values = theirs(Two())
    module = Reversed()
    assert state.carry(state.assignments(state.tensors(module), values)[0], module, values)
    assert torch.equal(module.narrow.weight, values["fc1.weight"])
    assert torch.equal(module.widen.bias, values["fc2.bias"])


def test_transposed_storage_is_among_the_assignments():
    values = theirs(Two(bias=False))
    module = Bare()
    found = []
    for assignment in state.assignments(state.tensors(module), values):
        state.carry(assignment, module, values)
        found.append(torch.equal(module.narrow, values["fc1.weight"].T))
    assert True in found
    assert False in found


def test_equal_names_are_carried_by_name():
    values = theirs(Two())
    (assignment, *_) = state.assignments(state.tensors(Two()), values)
    assert assignment == {name: name for name in values}


@pytest.mark.parametrize("module", [Two(bias=False), nn.Linear(5, 2), nn.Sequential()])
def test_what_does_not_fit_is_not_assigned(module):
    assert state.assignments(state.tensors(module), theirs(Two())) == []


def test_a_configuration_that_does_not_fit_is_left_alone():
    values = theirs(Two())
    module = Two()
    before = module.fc1.weight.clone()
    wider = {name: torch.zeros(7, 7) for name in values}
    assert not state.carry({name: name for name in values}, module, wider)
    assert torch.equal(module.fc1.weight, before)


def test_buffers_are_randomised_too_and_a_variance_stays_positive():
    module = nn.BatchNorm1d(50)
    state.randomise(module, 3)
    assert module.running_var.min() >= 0.5
    assert module.running_mean.std() > 0.1
    assert module.weight.std() > 0.3
    assert module.num_batches_tracked == 0


def test_the_same_seed_gives_the_same_values_whatever_the_layer():
    linear, convolution = Two(), TwoConvolutions()
    state.randomise(linear, 4)
    state.randomise(convolution, 4)
    assert torch.equal(linear.fc2.weight.flatten(), convolution.widen.weight.flatten())
    state.randomise(convolution, 5)
    assert not torch.equal(linear.fc2.weight.flatten(), convolution.widen.weight.flatten())


def test_many_equal_shapes_do_not_explode():
    module = nn.ModuleList(nn.Linear(3, 3, bias=False) for _ in range(9))  # 9! orders
    found = state.assignments(state.tensors(module), theirs(module))
    assert 1 <= len(found) <= state.MOST_ASSIGNMENTS + 2


class Residual(nn.Module):
    """Two norms in the branch and one in the skip, all of one shape."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(4)
        self.proj = nn.Sequential(nn.Conv2d(4, 4, 1, bias=False), nn.BatchNorm2d(4))


class SkipFirst(nn.Module):
    """The same layers under other names, the skip before the branch."""

    def __init__(self):
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm2d(4) for _ in range(3))
        self.skip = nn.Conv2d(4, 4, 1, bias=False)
        self.convolutions = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1, bias=False) for _ in range(2))


def test_layers_are_carried_whole_in_whichever_order_they_were_made():
    values = theirs(Residual())
    parts = {"norms.0": "proj.1", "norms.1": "bn1", "norms.2": "bn2", "skip": "proj.0"}
    found = state.assignments(state.tensors(SkipFirst()), values)
    assert any(
        all(assignment[name] == name.replace(mine, their) for mine, their in parts.items() for name in assignment
            if name.startswith(f"{mine}."))
        for assignment in found
    )  # fmt: skip


def test_many_tensors_of_one_shape_take_no_time_and_no_memory():
    many = nn.ModuleList(nn.BatchNorm2d(4) for _ in range(12))
    assert 1 <= len(state.assignments(state.tensors(many), theirs(many))) <= 2 + 2 * state.MOST_ASSIGNMENTS


def test_a_layer_that_only_some_configurations_have_may_stand_anywhere():
    """A projection: absent in one case, in another order than the reference's in the next."""
    exercise = load("residual_blocks.preact")

    class PreActBlock(nn.Module):
        def __init__(self, cin, cout, stride=1):
            super().__init__()
            self.mix = None if stride == 1 and cin == cout else nn.Conv2d(cin, cout, 1, stride, bias=False)
            self.norms = nn.ModuleList([nn.BatchNorm2d(cin), nn.BatchNorm2d(cout)])
            self.first = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
            self.second = nn.Conv2d(cout, cout, 3, padding=1, bias=False)

        def forward(self, x):
            h = self.norms[0](x).relu()
            y = self.second(self.norms[1](self.first(h)).relu())
            return y + (x if self.mix is None else self.mix(h))

    result = examine(exercise, PreActBlock)
    assert result.passed, result
