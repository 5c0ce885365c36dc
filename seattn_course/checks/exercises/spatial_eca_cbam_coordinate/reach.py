"""spatial_eca_cbam_coordinate.reach: measure which gates move when one value of the input changes."""

import copy
from typing import Any

import torch

from seattn_course import attention
from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def reach(block, x, place):
    channel, row, column = place
    mode = block.training
    block.eval()
    changed = x.clone()
    changed[0, channel, row, column] += 3
    with torch.no_grad():
        moved = (block.gate(changed) - block.gate(x)).abs() > 1e-6
    block.train(mode)
    moved = moved[0].expand(x.shape[1:])  # (C or 1, H or 1, W or 1) -> (C, H, W)
    return {
        "channels": moved.any(dim=2).any(dim=1).sum().item(),
        "places": moved.any(dim=0).sum().item(),
    }


def _block(generator, kind, *args, **kwargs):
    """A module in double precision, with weights and statistics that are no start values."""
    block = kind(*args, **kwargs).double()
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
        for name, parameter in block.named_parameters():
            if name.endswith("fc1.weight"):
                parameter.abs_()  # no hidden unit is off for every input
    return block.train()


def _map(generator, channels, height, width):
    """Positive here and exactly zero there, as after a ReLU."""
    return torch.randn(1, channels, height, width, generator=generator, dtype=torch.float64).relu() + 0.0


def _cases(generator):
    three = _map(generator, 8, 7, 9)
    three[0, 4, 2, 6] = 3  # whoever sets the value to 3 changes nothing here
    return [
        Case((_block(generator, attention.SEBlock, 6, 2), _map(generator, 6, 7, 9), (2, 3, 5))),
        Case((_block(generator, attention.ECA, 8), _map(generator, 8, 7, 9), (0, 1, 7))),
        Case((_block(generator, attention.SpatialAttention, kernel=3), _map(generator, 5, 7, 9), (4, 3, 6))),
        Case((_block(generator, attention.CoordinateAttention, 6), _map(generator, 6, 7, 9), (1, 5, 2))),
        Case((_block(generator, attention.ECA, 8), three, (4, 2, 6))),
    ]


def _one(generator):
    return [Case((_block(generator, attention.ECA, 8), _map(generator, 8, 7, 9), (3, 1, 7)))]


class ModeLeftAlone(CaseProbe):
    """The block is in the mode it was in: training for one, evaluation for the other."""

    def __init__(self):
        super().__init__("mode_left_alone", lambda generator: [
            Case((copy.deepcopy(_cases(generator)[3].args[0]).train(mode), *_cases(generator)[3].args[1:]))
            for mode in (True, False)
        ])  # fmt: skip

    def observe_case(self, bench: Bench, case: Case) -> Any:
        block, x, place = fresh_arguments(case)
        before = [part.training for part in block.modules()]
        result = bench.call(case, bench.subject, (block, x, place))
        return result if isinstance(result, Raised) else [part.training for part in block.modules()] == before

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        return None if found else own_finding("mode", bench, case)


EXERCISE = Exercise(
    id="spatial_eca_cbam_coordinate.reach",
    kind="function",
    name="reach",
    reference=reach,
    may_use_course=True,
    probes=(Contract(_one), InputLeftAlone(_cases), ModeLeftAlone(), Values(_cases)),
    equivalent_mutants={
        f"`changed[0, channel, row, column] += 3` → `changed[0, channel, row, column] {step}`": (
            "which gates move does not depend on the size of the step or on its sign"
        )
        for step in ("-= 3", "+= 4", "+= 2")
    }
    | {
        f"`moved = (block.gate(changed) - block.gate(x)).abs() > 1e-06` → `moved = (block.gate(changed) - block.gate(x)).abs() {end}`": (
            "a gate that does not move differs by exactly 0, and no other by so little"
        )
        for end in (">= 1e-06", "> 0.0")
    }
    | {
        "`return {'channels': moved.any(dim=2).any(dim=1).sum().item(), 'places': moved.any(dim=0).sum().item()}` → "
        "`return {'channels': moved.any(dim=1).any(dim=1).sum().item(), 'places': moved.any(dim=0).sum().item()}`": (
            "rows first or columns first: any over both is the same"
        )
    },
)


def _measured(block, x, place, *, change=None, look=None, moved=None, evaluate=True, restore=True):
    """The reference with one of its steps exchanged: how x is changed, what is looked at, what counts as moved."""
    mode = block.training
    if evaluate:
        block.eval()
    changed = x.clone()
    (change or (lambda values, c, i, j: values[0, c, i, j].add_(3)))(changed, *place)
    look = look or (lambda values: block.gate(values))
    with torch.no_grad():
        difference = look(changed) - look(x)
    if restore:
        block.train(mode)
    return (moved or (lambda d: d.abs() > 1e-6))(difference)[0]


def _counted(moved, x):
    moved = moved.expand(x.shape[1:])
    return {
        "channels": moved.any(dim=2).any(dim=1).sum().item(),
        "places": moved.any(dim=0).sum().item(),
    }


def _wrong(key, count=_counted, **steps):
    def answer(block, x, place):
        return count(_measured(block, x, place, **steps), x)

    answer.__name__ = "reach"
    EXERCISE.wrong(key)(answer)


_wrong("in_training", evaluate=False)
_wrong("left_in_evaluation", restore=False)
_wrong("rows_for_columns", change=lambda values, c, i, j: values[0, c, min(j, 6), i].add_(3))
_wrong("all_channels_changed", change=lambda values, c, i, j: values[0, :, i, j].add_(3))
_wrong("whole_channel_changed", change=lambda values, c, i, j: values[0, c].add_(3))
_wrong("nothing_changed", change=lambda values, c, i, j: None)
_wrong("value_set", change=lambda values, c, i, j: values[0, c, i, j].fill_(3))
_wrong("increases_only", moved=lambda d: d > 1e-6)
_wrong("coarse", moved=lambda d: d.abs() > 0.01)
_wrong("gate_as_it_is", count=lambda moved, x: {
    "channels": moved.any(dim=2).any(dim=1).sum().item(), "places": moved.any(dim=0).sum().item()})  # fmt: skip
_wrong("all_gates_counted", count=lambda moved, x: {
    "channels": moved.expand(x.shape[1:]).sum().item(), "places": moved.expand(x.shape[1:]).sum().item()})  # fmt: skip
_wrong("keys_exchanged", count=lambda moved, x: dict(zip(("places", "channels"), _counted(moved, x).values())))
_wrong("a_pair", count=lambda moved, x: tuple(_counted(moved, x).values()))
_wrong("tensors", count=lambda moved, x: {name: torch.tensor(value) for name, value in _counted(moved, x).items()})
_wrong("unmoved", count=lambda moved, x: _counted(~moved, x))


@EXERCISE.wrong("output_compared")
def _output_compared(block, x, place):
    return _counted(_measured(block, x, place, look=lambda values: block(values)), x)


@EXERCISE.wrong("in_place")
def _in_place(block, x, place):
    result = reach(block, x, place)
    x[(0, *place)] += 3
    return result


@EXERCISE.accepted
def one_place_after_the_other(block, x, place):
    """By loop, with another step: how far the value moves does not matter."""
    mode, (channel, row, column) = block.training, place
    block.eval()
    other = x.clone()
    other[0, channel, row, column] -= 2
    with torch.no_grad():
        gates = [block.gate(values)[0].expand(x.shape[1:]) for values in (x, other)]
    block.train(mode)
    channels, places = set(), set()
    for index in (gates[0] - gates[1]).abs().gt(1e-6).nonzero().tolist():
        channels.add(index[0])
        places.add(tuple(index[1:]))
    return {"channels": len(channels), "places": len(places)}


@EXERCISE.accepted
def on_a_copy(block, x, place):
    """A copy of the block needs no putting back; a gradient in place of a step would do as well."""
    block = copy.deepcopy(block).eval()
    step = torch.zeros_like(x)
    step[(0, *place)] = 5
    moved = ~torch.isclose(block.gate(x + step), block.gate(x), rtol=0, atol=1e-6)
    moved = torch.broadcast_to(moved[0], x.shape[1:])
    return {"channels": int(moved.flatten(1).any(1).sum()), "places": int(moved.any(0).sum())}
