"""spatial_eca_cbam_coordinate.permute: an SE block that goes along with renumbered channels."""

import copy
from typing import Any

import torch

from seattn_course import attention
from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.compare import difference, observed
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone


def permute_channels(block, order):
    permuted = copy.deepcopy(block)
    with torch.no_grad():
        permuted.fc1.weight.copy_(block.fc1.weight[:, order])  # (h, C, 1, 1): its inputs
        permuted.fc2.weight.copy_(block.fc2.weight[order])  # (C, h, 1, 1): its outputs
        permuted.fc2.bias.copy_(block.fc2.bias[order])
    return permuted


def _block(generator, channels, reduction):
    block = attention.SEBlock(channels, reduction)
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.copy_(0.6 * torch.randn(parameter.shape, generator=generator))
        block.fc1.bias.copy_(torch.rand(block.fc1.bias.shape, generator=generator) + 0.5)  # few dead hidden units
    return block


def _order(generator, channels):
    """A permutation that is not its own inverse: cyclic over a shuffled list."""
    shuffled = torch.randperm(channels, generator=generator)
    order = torch.empty_like(shuffled)
    order[shuffled] = shuffled.roll(1)
    return order


def _cases(generator):
    return [
        Case((_block(generator, 6, 2), _order(generator, 6)), note="wide_hidden"),
        Case((_block(generator, 5, 1), _order(generator, 5))),
        Case((_block(generator, 16, 16), _order(generator, 16))),
    ]


def _one(generator):
    return [Case((_block(generator, 6, 2), _order(generator, 6)))]


class SameGates(CaseProbe):
    """The gates of the returned block on renumbered channels; whether it is new, and can learn."""

    def __init__(self, cases):
        super().__init__("same_gates", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        block, order = fresh_arguments(case)
        permuted = bench.call(case, bench.subject, (block, order))
        if isinstance(permuted, Raised):
            return permuted
        x = feature_map(bench.generator(), 3, len(order), 3, 4)
        gates = bench.guard.call(lambda: permuted.gate(x[:, order]))
        if isinstance(gates, Raised):
            return gates
        given = {id(parameter) for parameter in block.parameters()}
        return {
            "gates": observed(gates),
            "new": not any(id(parameter) in given for parameter in permuted.parameters()),
            "learns": all(parameter.requires_grad for parameter in permuted.parameters()),
        }

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if difference(bench, case, expected["gates"], found["gates"]) is not None:
            return own_finding("gates", bench, case)
        for side in ("new", "learns"):
            if not found[side]:
                return own_finding(side, bench, case)
        return None


EXERCISE = Exercise(
    id="spatial_eca_cbam_coordinate.permute",
    kind="function",
    name="permute_channels",
    reference=permute_channels,
    may_use_course=True,
    probes=(Contract(_one), InputLeftAlone(_cases), SameGates(_cases)),
)


def _permuted(block, inputs=None, outputs=None, bias=None, hidden=None):
    """A copy with fc1's inputs, fc2's outputs, fc2's bias and the hidden units in the given orders."""
    other = copy.deepcopy(block)
    with torch.no_grad():
        if inputs is not None:
            other.fc1.weight.copy_(block.fc1.weight[:, inputs])
        if outputs is not None:
            other.fc2.weight.copy_(block.fc2.weight[outputs])
        if bias is not None:
            other.fc2.bias.copy_(block.fc2.bias[bias])
        if hidden is not None:
            other.fc1.weight.copy_(other.fc1.weight[hidden])
    return other


def _wrong(key, answer):
    def function(block, order):
        return answer(block, order)

    function.__name__ = "permute_channels"
    EXERCISE.wrong(key)(function)


_wrong("only_copied", lambda block, order: copy.deepcopy(block))
_wrong("inputs_only", lambda block, order: _permuted(block, order))
_wrong("outputs_only", lambda block, order: _permuted(block, None, order, order))
_wrong("bias_forgotten", lambda block, order: _permuted(block, order, order))
_wrong("bias_only", lambda block, order: _permuted(block, order, None, order))
_wrong("inverse", lambda block, order: _permuted(block, *[order.argsort()] * 3))
_wrong("inverse_inputs", lambda block, order: _permuted(block, order.argsort(), order, order))
_wrong("inverse_outputs", lambda block, order: _permuted(block, order, order.argsort(), order.argsort()))
_wrong("reversed", lambda block, order: _permuted(block, *[order.flip(0)] * 3))
_wrong("hidden_too", lambda block, order: _permuted(
    block, order, order, order, torch.arange(block.fc1.out_channels).roll(1)))  # fmt: skip
_wrong("frozen", lambda block, order: permute_channels(block, order).requires_grad_(False))
_wrong("gates_returned", lambda block, order: block.fc2.weight[order])


@EXERCISE.wrong("in_place")
def _in_place(block, order):
    with torch.no_grad():
        block.fc1.weight.copy_(block.fc1.weight[:, order].clone())
        block.fc2.weight.copy_(block.fc2.weight[order].clone())
        block.fc2.bias.copy_(block.fc2.bias[order].clone())
    return block


@EXERCISE.wrong("shared_layer")
def _shared_layer(block, order):
    permuted = permute_channels(block, order)
    permuted.fc1.bias = block.fc1.bias  # nothing to permute, but another block's parameter
    return permuted


@EXERCISE.accepted
def through_the_state(block, order):
    permuted = copy.deepcopy(block)
    state = block.state_dict()
    state["fc1.weight"] = state["fc1.weight"].index_select(1, order)
    for name in ("fc2.weight", "fc2.bias"):
        state[name] = state[name].index_select(0, order)
    permuted.load_state_dict(state)
    return permuted


@EXERCISE.accepted
def hidden_units_in_another_order(block, order):
    """The hidden units may be renumbered too, if fc1's outputs and fc2's inputs agree."""
    permuted = permute_channels(block, order)
    hidden = torch.arange(block.fc1.out_channels).flip(0)
    with torch.no_grad():
        permuted.fc1.weight.copy_(permuted.fc1.weight[hidden].clone())
        permuted.fc1.bias.copy_(permuted.fc1.bias[hidden].clone())
        permuted.fc2.weight.copy_(permuted.fc2.weight[:, hidden].clone())
    return permuted
