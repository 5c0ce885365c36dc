"""se_plus_plus.reduce: a block of lesson 5 as a setting of SEPlusPlus, weights included."""

import copy
from typing import Any

import torch
from torch import nn

from seattn_course import attention
from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Refusals


def as_seplusplus(block):
    if not isinstance(block.act, nn.SiLU):
        raise ValueError(f"block must have SiLU, got {type(block.act).__name__}")
    setting = attention.SEPlusPlus(
        block.channels,
        reduction=block.channels,
        min_hidden=block.fc1.out_channels,
        gate="hardsigmoid" if isinstance(block.gate_fn, nn.Hardsigmoid) else "sigmoid",
        use_max=isinstance(block, attention.SEAvgMax),
    )
    setting.to(next(block.parameters()).dtype)
    setting.load_state_dict(block.state_dict())
    return setting


def _filled(generator, block):
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return block


def _cases(generator):
    blocks = (
        attention.SEStable(8),
        attention.SEAvgMax(8),
        attention.SEGated(8, gate="sigmoid"),
        attention.SEGated(8, gate="hardsigmoid"),
        attention.SEStable(12, 2),
        attention.SEGated(12, 4, 2, "hardsigmoid"),
        attention.SEv2(6, 3),
        attention.SEv2(6),
        attention.SEv2(64, 32),
        attention.SEAvgMax(8).double(),
    )
    return [Case((_filled(generator, block),)) for block in blocks]


def _one(generator):
    return [Case((_filled(generator, attention.SEStable(8)),))]


def _impossible(generator):
    blocks = (
        attention.SEBlock(8, min_hidden=4),
        attention.SESafe(8),
        attention.SEAvgMax(8, min_hidden=1, act="relu"),
    )
    return [Case((_filled(generator, block),)) for block in blocks]


class SameFunction(CaseProbe):
    """What comes back is a SEPlusPlus with the block's gates, on a random map, and in its dtype."""

    def __init__(self, cases):
        super().__init__("same_function", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        (block,) = fresh_arguments(case)
        setting = bench.call(case, bench.subject, (block,))
        if isinstance(setting, Raised):
            return setting
        if type(setting) is not attention.SEPlusPlus:
            return {"type": type(setting).__name__}
        weight = setting.fc1.weight
        given = {p.data_ptr() for p in block.parameters()}
        found = {"type": "SEPlusPlus", "dtype": str(weight.dtype), "width": list(weight.shape[:2])}
        found["squeezes"] = [setting.use_avg, setting.use_max]
        found["gate"] = type(setting.gate_fn).__name__
        found["shared"] = any(p.data_ptr() in given for p in setting.parameters())
        x = feature_map(bench.generator(), 2, setting.channels, 3, 5)
        # in float64, so that a copy in another precision shows under dtype and not here
        gates = bench.guard.call(lambda: copy.deepcopy(setting).double().gate(x.double()))
        found["gates"] = gates.detach() if isinstance(gates, torch.Tensor) else "none"
        return found

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found["type"] != "SEPlusPlus":
            return own_finding("type", bench, case, found=found["type"])
        for side in ("width", "squeezes", "gate", "dtype"):
            if found[side] != expected[side]:
                return own_finding(side, bench, case, expected=expected[side], found=found[side])
        gates, wanted = found["gates"], expected["gates"]
        if not isinstance(gates, torch.Tensor) or not torch.allclose(gates, wanted, rtol=1e-4, atol=1e-5):
            return own_finding("gates", bench, case)
        return own_finding("shared", bench, case) if found["shared"] else None


EXERCISE = Exercise(
    id="se_plus_plus.reduce",
    kind="function",
    name="as_seplusplus",
    reference=as_seplusplus,
    may_use_course=True,
    probes=(Contract(_one), SameFunction(_cases), Refusals(_impossible), InputLeftAlone(_cases)),
)


def _setting(block, load=True, **changed):
    """A SEPlusPlus for this block with some options changed."""
    options = {
        "channels": block.channels,
        "reduction": block.channels,
        "min_hidden": block.fc1.out_channels,
        "gate": "hardsigmoid" if isinstance(block.gate_fn, nn.Hardsigmoid) else "sigmoid",
        "use_max": isinstance(block, attention.SEAvgMax),
    }
    setting = attention.SEPlusPlus(**options | changed).to(block.fc1.weight.dtype)
    if load:
        setting.load_state_dict(block.state_dict())
    return setting


def _refuse(block):
    if not isinstance(block.act, nn.SiLU):
        raise ValueError("no SiLU")


def _zero(setting):
    with torch.no_grad():
        for parameter in setting.parameters():
            parameter.zero_()
    return setting


@EXERCISE.wrong("defaults")
def _defaults(block):
    _refuse(block)
    setting = attention.SEPlusPlus(block.channels)
    setting.load_state_dict(block.state_dict())
    return setting


@EXERCISE.wrong("width_guessed")
def _width_guessed(block):
    _refuse(block)
    return _zero(_setting(block, load=False, reduction=16, min_hidden=4))


@EXERCISE.wrong("width_left_out")
def _width_left_out(block):
    _refuse(block)
    gate, both = type(block.gate_fn).__name__, isinstance(block, attention.SEAvgMax)
    setting = attention.SEPlusPlus(block.channels, gate=gate, use_max=both)
    setting.load_state_dict(block.state_dict())
    return setting


@EXERCISE.wrong("layers_shared")
def _layers_shared(block):
    _refuse(block)
    setting = _setting(block)
    setting.fc1, setting.fc2 = block.fc1, block.fc2
    return setting


@EXERCISE.wrong("max_always_on")
def _max_always_on(block):
    _refuse(block)
    return _setting(block, use_max=True)


@EXERCISE.wrong("max_always_off")
def _max_always_off(block):
    _refuse(block)
    return _setting(block, use_max=False)


@EXERCISE.wrong("mean_off")
def _mean_off(block):
    _refuse(block)
    both = isinstance(block, attention.SEAvgMax)
    return _setting(block, use_max=True, use_avg=False) if both else _setting(block)


@EXERCISE.wrong("gated_only")
def _gated_only(block):
    _refuse(block)
    return _setting(block, use_max=isinstance(block, attention.SEGated))


@EXERCISE.wrong("gate_forgotten")
def _gate_forgotten(block):
    _refuse(block)
    return _setting(block, gate="sigmoid")


@EXERCISE.wrong("weights_forgotten")
def _weights_forgotten(block):
    _refuse(block)
    return _zero(_setting(block, load=False))


@EXERCISE.wrong("biases_forgotten")
def _biases_forgotten(block):
    _refuse(block)
    setting = _zero(_setting(block, load=False))
    setting.load_state_dict({k: v for k, v in block.state_dict().items() if "weight" in k}, strict=False)
    return setting


@EXERCISE.wrong("activation_unchecked")
def _activation_unchecked(block):
    return _setting(block)


@EXERCISE.wrong("avg_max_unchecked")
def _avg_max_unchecked(block):
    if type(block) in (attention.SEBlock, attention.SESafe):
        raise ValueError("no SiLU")
    return _setting(block)


@EXERCISE.wrong("other_error")
def _other_error(block):
    if not isinstance(block.act, nn.SiLU):
        raise TypeError("no SiLU")
    return _setting(block)


@EXERCISE.wrong("none_for_impossible")
def _none_for_impossible(block):
    return _setting(block) if isinstance(block.act, nn.SiLU) else None


@EXERCISE.wrong("block_returned")
def _block_returned(block):
    _refuse(block)
    return block


@EXERCISE.wrong("options_returned")
def _options_returned(block):
    _refuse(block)
    return {"gate": "sigmoid", "use_avg": True, "use_max": isinstance(block, attention.SEAvgMax)}


@EXERCISE.wrong("version_two")
def _version_two(block):
    _refuse(block)
    c, both = block.channels, isinstance(block, attention.SEAvgMax)
    return attention.SEPlusPlusV2(c, c, block.fc1.out_channels, use_max=both, fusion="sum")


@EXERCISE.wrong("single_precision")
def _single_precision(block):
    _refuse(block)
    return _setting(block).float()


@EXERCISE.wrong("block_converted")
def _block_converted(block):
    _refuse(block)
    setting = _setting(block)
    _zero(block)
    return setting


@EXERCISE.accepted
def layers_copied(block):
    if "SiLU" not in repr(block):
        raise ValueError("this block has no SiLU")
    gate, both = type(block.gate_fn).__name__, issubclass(type(block), attention.SEAvgMax)
    setting = attention.SEPlusPlus(block.channels, 1, block.fc1.out_channels, gate, use_max=both)
    if setting.fc1.out_channels != block.fc1.out_channels:
        setting = attention.SEPlusPlus(block.channels, 10**6, block.fc1.out_channels, gate, use_max=both)
    setting.fc1, setting.fc2 = copy.deepcopy(block.fc1), copy.deepcopy(block.fc2)
    return setting


@EXERCISE.accepted
def by_table(block):
    squeezes = {
        attention.SEv2: False, attention.SEStable: False, attention.SEAvgMax: True, attention.SEGated: True
    }  # fmt: skip
    if type(block) not in squeezes or type(block.act) is nn.ReLU:
        raise ValueError(f"no setting for {type(block).__name__}")
    hidden = block.fc1.weight.shape[0]
    names = {nn.Sigmoid: "sigmoid", nn.Hardsigmoid: "hardsigmoid"}
    new = attention.SEPlusPlus(
        block.fc2.out_channels, 999, hidden, names[type(block.gate_fn)], True, squeezes[type(block)]
    ).to(block.fc2.weight)
    with torch.no_grad():
        for mine, theirs in zip(new.parameters(), block.parameters()):
            mine.copy_(theirs)
    return new
