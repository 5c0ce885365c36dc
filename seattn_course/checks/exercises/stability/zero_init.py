"""stability.zero_init: an identity start that survives the rest of the initialization."""

import copy
from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.residual import BasicBlock


def initialise(net):
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
        if isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
    for block in net:
        nn.init.zeros_(block.bn2.weight)
    return net


def _net(generator):
    """Three basic blocks, the middle one with a projection, and nothing at its right value yet."""
    net = nn.Sequential(BasicBlock(8, 8), BasicBlock(8, 12), BasicBlock(12, 12))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.rand(parameter.shape, generator=generator) + 2)
    return net


def _one(generator):
    return [Case((_net(generator),))]


def _word(tensor: torch.Tensor) -> str:
    for value, word in ((0.0, "0"), (1.0, "1")):
        if bool((tensor == value).all()):
            return word
    return "other"


def _layers(net: nn.Module) -> list:
    """The kind of every layer and the shapes of its parameters."""
    modules = list(net.modules())
    return [(type(module).__name__, [p.shape for p in module.parameters(recurse=False)]) for module in modules]


def _kaiming(weight: torch.Tensor) -> str:
    """Whether weights look as drawn from the Kaiming normal: fan_out or fan_in, both are in use."""
    if not weight.any():
        return "0"
    if weight.mean() > 1:
        return "kept"
    wanted = (2 / (weight.shape[0] * weight[0, 0].numel())) ** 0.5
    return "right" if 0.6 < weight.std() / wanted < 1.6 else "other"


class Start(CaseProbe):
    """Each layer's values, in words: what is zero, one, drawn anew or left as it was."""

    def __init__(self, cases):
        super().__init__("start", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        (net,) = fresh_arguments(case)
        bench._seed()
        result = bench.call(case, bench.subject, (net,))
        if isinstance(result, Raised):
            return result
        if _layers(result) != _layers(case.args[0]):
            return {"layers": [name for name, shapes in _layers(result)]}
        learns = all(parameter.requires_grad for parameter in result.parameters())
        blocks = [
            {
                "convs": [_kaiming(module.weight) for module in block.modules() if isinstance(module, nn.Conv2d)],
                "gamma": _word(block.bn2.weight),
                "bn1": _word(block.bn1.weight),
                "proj": _word(block.proj[1].weight) if len(list(block.proj.parameters())) else "1",
                "biases": [_word(m.bias) for m in block.modules() if isinstance(m, nn.BatchNorm2d)],
            }
            for block in result
        ]
        return {"learns": learns, "blocks": blocks, "in_place": all(a is b for a, b in zip(net, result))}

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if "layers" in found:
            return own_finding("rebuilt", bench, case)
        for number, (wanted, got) in enumerate(zip(expected["blocks"], found["blocks"], strict=True), start=1):
            for part in ("gamma", "bn1", "proj", "convs", "biases"):
                if got[part] != wanted[part]:
                    return own_finding(part, bench, case, block=number)
        if not found["learns"]:
            return own_finding("learns", bench, case)
        return None if found["in_place"] else own_finding("copied", bench, case)


EXERCISE = Exercise(
    id="stability.zero_init",
    kind="function",
    name="initialise",
    reference=initialise,
    may_use_course=True,
    equivalent_mutants={
        "`nn.init.kaiming_normal_(module.weight, mode='fan_out')` → `nn.init.kaiming_normal_(module.weight)`": (
            "fan_in is the other usual choice, and the task leaves it open"
        ),
    },
    probes=(Contract(_one), Start(_one)),
)


def _usual(net):
    """What every loop of the kind does: Kaiming for convolutions, 1 and 0 for norms."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
    return net


@EXERCISE.wrong("overwritten")
def _overwritten(net):
    for block in net:
        nn.init.zeros_(block.bn2.weight)
    return _usual(net)


@EXERCISE.wrong("convolution_zeroed")
def _convolution_zeroed(net):
    for block in _usual(net):
        nn.init.zeros_(block.conv2.weight)
    return net


@EXERCISE.wrong("both_zeroed")
def _both_zeroed(net):
    for block in initialise(net):
        nn.init.zeros_(block.conv2.weight)
    return net


@EXERCISE.wrong("shift_zeroed")
def _shift_zeroed(net):
    for block in _usual(net):
        nn.init.zeros_(block.bn2.bias)
        nn.init.constant_(block.bn2.weight, 0.1)
    return net


@EXERCISE.wrong("every_norm")
def _every_norm(net):
    for module in _usual(net).modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.zeros_(module.weight)
    return net


@EXERCISE.wrong("first_norm")
def _first_norm(net):
    for block in _usual(net):
        nn.init.zeros_(block.bn1.weight)
    return net


@EXERCISE.wrong("last_in_the_list")
def _last_in_the_list(net):
    for block in _usual(net):
        norms = [module for module in block.modules() if isinstance(module, nn.BatchNorm2d)]
        nn.init.zeros_(norms[-1].weight)
    return net


@EXERCISE.wrong("projection_too")
def _projection_too(net):
    for block in initialise(net):
        for module in block.proj.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.zeros_(module.weight)
    return net


@EXERCISE.wrong("last_block_only")
def _last_block_only(net):
    nn.init.zeros_(_usual(net)[-1].bn2.weight)
    return net


@EXERCISE.wrong("convolutions_left")
def _convolutions_left(net):
    for block in net:
        for module in block.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.zeros_(block.bn2.weight)
    return net


@EXERCISE.wrong("norms_left")
def _norms_left(net):
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    for block in net:
        nn.init.zeros_(block.bn2.weight)
    return net


@EXERCISE.wrong("nothing_returned")
def _nothing_returned(net):
    initialise(net)


@EXERCISE.wrong("frozen")
def _frozen(net):
    for block in initialise(net):
        block.bn2.weight.requires_grad_(False)
    return net


@EXERCISE.wrong("norm_replaced")
def _norm_replaced(net):
    for block in initialise(net):
        block.bn2 = nn.Identity()
    return net


@EXERCISE.wrong("on_a_copy")
def _on_a_copy(net):
    return initialise(copy.deepcopy(net))


@EXERCISE.accepted
def one_loop_by_name(net):
    for name, module in net.named_modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.constant_(module.weight, 0.0 if name.endswith("bn2") else 1.0)
            nn.init.constant_(module.bias, 0.0)
    return net


@EXERCISE.accepted
def by_parameters(net):
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if parameter.dim() == 4:
                fan = parameter[0].numel()
                parameter.copy_(torch.randn_like(parameter) * (2 / fan) ** 0.5)
            else:
                parameter.fill_(float(name.endswith("weight") and "bn2" not in name))
    return net
