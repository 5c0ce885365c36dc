"""se_plus_plus_v2.fold_temperature: a fixed temperature moved into the weights of the last layer."""

import copy
from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import difference, observed
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone


def fold_temperature(fc2, T):
    folded = copy.deepcopy(fc2)
    with torch.no_grad():
        for parameter in folded.parameters():  # weight and, where there is one, bias
            parameter /= T
    return folded


def _layer(generator, hidden, channels, bias=True, dtype=torch.float32):
    layer = nn.Conv2d(hidden, channels, 1, bias=bias, dtype=dtype)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return layer


def _one(generator):
    return [Case((_layer(generator, 3, 5), 2.0), note="with_bias")]


def _cases(generator):
    return [
        Case((_layer(generator, 3, 5), 2.0), note="with_bias"),
        Case((_layer(generator, 4, 6), 0.5), note="with_bias"),
        Case((_layer(generator, 4, 4, bias=False), 5.0), note="without_bias"),
        Case((_layer(generator, 2, 3, dtype=torch.float64), 3.0), note="double"),
        Case((_layer(generator, 2, 3), 1.0), note="with_bias"),
    ]


class SameLogits(CaseProbe):
    """The returned layer's output for random hidden values, whether it can learn, and whether it is a new one."""

    def __init__(self, cases):
        super().__init__("same_logits", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        args = copy.deepcopy(case.args)
        given = args[0]
        folded = bench.call(case, bench.subject, args)
        if isinstance(folded, Raised):
            return folded
        h = torch.randn(2, given.in_channels, 1, 1, generator=bench.generator(), dtype=given.weight.dtype)
        logits = bench.guard.call(folded, (h,))
        if isinstance(logits, Raised):
            return logits
        mine = {id(parameter) for parameter in given.parameters()}
        return {
            "logits": observed(logits),
            "learns": all(parameter.requires_grad for parameter in folded.parameters()),
            "new": not any(id(parameter) in mine for parameter in folded.parameters()),
            "biases": folded.bias is not None,
        }

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        wrong = difference(bench, case, expected["logits"], found["logits"])
        if wrong is not None:
            return own_finding("logits", bench, case)
        for side in ("learns", "new", "biases"):
            if found[side] != expected[side]:
                return own_finding(side, bench, case)
        return None


EXERCISE = Exercise(
    id="se_plus_plus_v2.fold_temperature",
    kind="function",
    name="fold_temperature",
    reference=fold_temperature,
    probes=(Contract(_one), InputLeftAlone(_cases), SameLogits(_cases)),
)


def _scaled(fc2, weight=1.0, bias=1.0):
    layer = copy.deepcopy(fc2)
    with torch.no_grad():
        layer.weight *= weight
        if layer.bias is not None:
            layer.bias *= bias
    return layer


@EXERCISE.wrong("bias_forgotten")
def _bias_forgotten(fc2, T):
    return _scaled(fc2, weight=1 / T)


@EXERCISE.wrong("weight_forgotten")
def _weight_forgotten(fc2, T):
    return _scaled(fc2, bias=1 / T)


@EXERCISE.wrong("multiplied")
def _multiplied(fc2, T):
    return _scaled(fc2, weight=T, bias=T)


@EXERCISE.wrong("squared")
def _squared(fc2, T):
    return _scaled(fc2, weight=1 / T**2, bias=1 / T**2)


@EXERCISE.wrong("root")
def _root(fc2, T):
    return _scaled(fc2, weight=T**-0.5, bias=T**-0.5)


@EXERCISE.wrong("bias_assumed")
def _bias_assumed(fc2, T):
    layer = copy.deepcopy(fc2)
    layer.weight.data /= T
    layer.bias.data /= T
    return layer


@EXERCISE.wrong("bias_dropped")
def _bias_dropped(fc2, T):
    layer = nn.Conv2d(fc2.in_channels, fc2.out_channels, 1, bias=False, dtype=fc2.weight.dtype)
    with torch.no_grad():
        layer.weight.copy_(fc2.weight / T)
    return layer


@EXERCISE.wrong("bias_invented")
def _bias_invented(fc2, T):
    layer = nn.Conv2d(fc2.in_channels, fc2.out_channels, 1, dtype=fc2.weight.dtype)
    with torch.no_grad():
        layer.weight.copy_(fc2.weight / T)
        layer.bias.copy_(torch.zeros_like(layer.bias) if fc2.bias is None else fc2.bias / T)
    return layer


@EXERCISE.wrong("in_place")
def _in_place(fc2, T):
    with torch.no_grad():
        for parameter in fc2.parameters():
            parameter /= T
    return fc2


@EXERCISE.wrong("only_copied")
def _only_copied(fc2, T):
    return copy.deepcopy(fc2)


@EXERCISE.wrong("weights_only")
def _weights_only(fc2, T):
    return fc2.weight / T


@EXERCISE.wrong("default_dtype")
def _default_dtype(fc2, T):
    return _scaled(fc2, weight=1 / T, bias=1 / T).float()


@EXERCISE.wrong("frozen")
def _frozen(fc2, T):
    return _scaled(fc2, weight=1 / T, bias=1 / T).requires_grad_(False)


@EXERCISE.wrong("layer_and_division")
def _layer_and_division(fc2, T):
    layer = copy.deepcopy(fc2)
    return lambda h: layer(h) / T


@EXERCISE.accepted
def from_scratch(fc2, T):
    layer = nn.Conv2d(fc2.in_channels, fc2.out_channels, kernel_size=1, bias=fc2.bias is not None)
    layer = layer.to(fc2.weight.dtype)
    layer.weight = nn.Parameter(fc2.weight.detach() / T)
    if fc2.bias is not None:
        layer.bias = nn.Parameter(fc2.bias.detach() / T)
    return layer


@EXERCISE.accepted
def through_the_state(fc2, T):
    layer = copy.deepcopy(fc2)
    layer.load_state_dict({name: tensor / T for name, tensor in fc2.state_dict().items()})
    return layer
