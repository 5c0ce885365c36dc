"""se_plus_plus.switch_effect: measure how far each switch moves the gates of a finished block."""

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
from seattn_course.checks.probes.values import Values


def switch_effect(block, x):
    other = copy.deepcopy(block)
    effect = {}
    with torch.no_grad():
        before = block.gate(x)  # (N, C, 1, 1)

        other.use_avg = False
        effect["use_avg=False"] = (other.gate(x) - before).abs().max().item()
        other.use_avg, other.use_max = True, False
        effect["use_max=False"] = (other.gate(x) - before).abs().max().item()
        other.use_max, other.gate_fn = True, nn.Hardsigmoid()
        effect["gate='hardsigmoid'"] = (other.gate(x) - before).abs().max().item()
    return effect


def _block(generator, channels, reduction=16):
    block = attention.SEPlusPlus(channels, reduction)
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.copy_(0.7 * torch.randn(parameter.shape, generator=generator))
    return block


def _cases(generator):
    return [
        Case((_block(generator, 6, 2), feature_map(generator, 3, 6, 4, 5))),
        Case((_block(generator, 16), feature_map(generator, 1, 16, 3, 3)), note="one_image"),
        Case((_block(generator, 4), -2 - feature_map(generator, 2, 4, 5, 3).abs())),
    ]


def _one(generator):
    return [Case((_block(generator, 6, 2), feature_map(generator, 3, 6, 4, 5)))]


class LeftAsItWas(CaseProbe):
    """The block's switches, gate function, weights, mode and gradients after the measurement."""

    def __init__(self, cases):
        super().__init__("left_as_it_was", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        block, x = fresh_arguments(case)
        weights = copy.deepcopy(block.state_dict())
        result = bench.call(case, bench.subject, (block, x))
        if isinstance(result, Raised):
            return result
        return {
            "switches": [block.use_avg, block.use_max],
            "gate": type(block.gate_fn).__name__,
            "weights": all(torch.equal(weights[name], value) for name, value in block.state_dict().items()),
            "training": block.training,
        }

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        changed = [name for name in expected if found[name] != expected[name]]
        return own_finding(changed[0], bench, case, found=found[changed[0]]) if changed else None


EXERCISE = Exercise(
    id="se_plus_plus.switch_effect",
    kind="function",
    name="switch_effect",
    reference=switch_effect,
    may_use_course=True,
    probes=(Contract(_one), LeftAsItWas(_one), Values(_cases)),
)

KEYS = ("use_avg=False", "use_max=False", "gate='hardsigmoid'")


def _measured(block, x, measure, look=None):
    """The three effects, with ``measure(after, before)`` in place of the largest change."""
    look = look or (lambda block: block.gate(x))
    changes = ({"use_avg": False}, {"use_max": False}, {"gate_fn": nn.Hardsigmoid()})
    effect = {}
    with torch.no_grad():
        before = look(block)
        for key, change in zip(KEYS, changes):
            other = copy.deepcopy(block)
            for name, value in change.items():
                setattr(other, name, value)
            effect[key] = float(measure(look(other), before))
    return effect


def _largest(after, before):
    return (after - before).abs().max()


@EXERCISE.wrong("signed")
def _signed(block, x):
    return _measured(block, x, lambda after, before: (after - before).max())


@EXERCISE.wrong("mean_change")
def _mean_change(block, x):
    return _measured(block, x, lambda after, before: (after - before).abs().mean())


@EXERCISE.wrong("change_of_the_mean")
def _change_of_the_mean(block, x):
    return _measured(block, x, lambda after, before: (after.mean() - before.mean()).abs())


@EXERCISE.wrong("summed")
def _summed(block, x):
    return _measured(block, x, lambda after, before: (after - before).abs().sum())


@EXERCISE.wrong("squared")
def _squared(block, x):
    return _measured(block, x, lambda after, before: ((after - before) ** 2).max())


@EXERCISE.wrong("relative")
def _relative(block, x):
    return _measured(block, x, lambda after, before: ((after - before).abs() / before).max())


@EXERCISE.wrong("outputs_compared")
def _outputs_compared(block, x):
    return _measured(block, x, _largest, look=lambda block: block(x))


@EXERCISE.wrong("logits_compared")
def _logits_compared(block, x):
    return _measured(block, x, _largest, look=lambda block: block.fc2(block.act(block.fc1(block.squeeze(x)))))


@EXERCISE.wrong("descriptors_compared")
def _descriptors_compared(block, x):
    return _measured(block, x, _largest, look=lambda block: block.squeeze(x))


@EXERCISE.wrong("first_image")
def _first_image(block, x):
    return _measured(block, x, _largest, look=lambda block: block.gate(x[:1]))


@EXERCISE.wrong("changes_add_up")
def _changes_add_up(block, x):
    other = copy.deepcopy(block)
    with torch.no_grad():
        before = block.gate(x)
        other.use_avg = False
        without_mean = _largest(other.gate(x), before).item()
        other.gate_fn = nn.Hardsigmoid()
        hard = _largest(other.gate(x), before).item()
        other.use_avg, other.use_max = True, False
        without_maximum = _largest(other.gate(x), before).item()
    return dict(zip(KEYS, (without_mean, without_maximum, hard)))


@EXERCISE.wrong("gate_measured_last")
def _gate_measured_last(block, x):
    other = copy.deepcopy(block)
    effect = {}
    with torch.no_grad():
        before = block.gate(x)
        other.use_avg = False
        effect[KEYS[0]] = _largest(other.gate(x), before).item()
        other.use_avg, other.use_max = True, False
        effect[KEYS[1]] = _largest(other.gate(x), before).item()
        other.gate_fn = nn.Hardsigmoid()
        effect[KEYS[2]] = _largest(other.gate(x), before).item()
    return effect


@EXERCISE.wrong("keys_swapped")
def _keys_swapped(block, x):
    effect = switch_effect(block, x)
    return {**effect, KEYS[0]: effect[KEYS[1]], KEYS[1]: effect[KEYS[0]]}


@EXERCISE.wrong("names_only")
def _names_only(block, x):
    return dict(zip(("use_avg", "use_max", "gate"), switch_effect(block, x).values()))


@EXERCISE.wrong("listed")
def _listed(block, x):
    return list(switch_effect(block, x).values())


@EXERCISE.wrong("tensors")
def _tensors(block, x):
    return {key: torch.tensor(value) for key, value in switch_effect(block, x).items()}


@EXERCISE.wrong("rounded")
def _rounded(block, x):
    return {key: round(value, 2) for key, value in switch_effect(block, x).items()}


@EXERCISE.wrong("same_object")
def _same_object(block, x):
    other = block  # no copy: before and after are measured on one block
    other.use_max = False
    with torch.no_grad():
        return {key: _largest(other.gate(x), block.gate(x)).item() for key in KEYS}


@EXERCISE.wrong("switch_left_off")
def _switch_left_off(block, x):
    effect = switch_effect(block, x)
    block.use_max = False
    return effect


@EXERCISE.wrong("gate_left_hard")
def _gate_left_hard(block, x):
    effect = switch_effect(block, x)
    block.gate_fn = nn.Hardsigmoid()
    return effect


@EXERCISE.wrong("eval_left_on")
def _eval_left_on(block, x):
    return switch_effect(block.eval(), x)


@EXERCISE.accepted
def with_new_blocks(block, x):
    effect = {}
    settings = ({"use_avg": False}, {"use_max": False}, {"gate": "hardsigmoid"})
    for key, setting in zip(KEYS, settings):
        other = attention.SEPlusPlus(block.channels, block.channels, block.fc1.out_channels, **setting)
        other.load_state_dict(block.state_dict())
        effect[key] = torch.dist(other.gate(x), block.gate(x), float("inf")).item()
    return effect


@EXERCISE.accepted
def switched_and_back(block, x):
    kept, effect = block.gate_fn, {}
    try:
        with torch.inference_mode():
            before = block.gate(x)
            block.use_max = False
            effect[KEYS[1]] = float((before - block.gate(x)).abs().amax())
            block.use_max, block.use_avg = True, False
            effect[KEYS[0]] = float((before - block.gate(x)).abs().amax())
            block.use_avg, block.gate_fn = True, nn.Hardsigmoid()
            effect[KEYS[2]] = float((before - block.gate(x)).abs().amax())
    finally:
        block.use_avg, block.use_max, block.gate_fn = True, True, kept
    return effect
