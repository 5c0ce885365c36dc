"""se_residual.stages: blocks in a row, of which only the first changes channels and size."""

import copy
from typing import Any

from torch import nn

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.networks import Recorder
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract


def make_stage(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    blocks = [block_cls(cin, cout, first_stride, reduction)]
    for _ in range(n_blocks - 1):
        blocks.append(block_cls(cout, cout, 1, reduction))
    return nn.Sequential(*blocks)


def _one(generator):
    return [Case((Recorder, 32, 64, 3, 2, 8))]


def _cases(generator):
    return [
        *_one(generator),
        Case((Recorder, 16, 16, 1)),
        Case((Recorder, 12, 20, 2), {"first_stride": 3}),
        Case((Recorder, 64, 24, 4), {"reduction": 4}),
    ]


class Blocks(CaseProbe):
    """How many blocks there are, how each was made, and that each is a module of its own."""

    def __init__(self, cases):
        super().__init__("blocks", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        stage = bench.apply(case)
        if isinstance(stage, Raised):
            return stage
        if not isinstance(stage, nn.Sequential):
            return {"type": type(stage).__name__}
        blocks = list(stage)
        made = [getattr(block, "made", type(block).__name__) for block in blocks]
        copied = [
            number for number, block in enumerate(blocks, 1) if getattr(block, "made_as", id(block)) != id(block)
        ]
        return {"type": "Sequential", "made": made, "distinct": len(set(blocks)) == len(blocks), "copied": copied}

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found["type"] != "Sequential":
            return own_finding("type", bench, case, found=found["type"])
        if len(found["made"]) != len(expected["made"]):
            return own_finding("count", bench, case, expected=len(expected["made"]), found=len(found["made"]))
        if not found["distinct"]:
            return own_finding("shared", bench, case)
        if found["copied"]:
            return own_finding("copied", bench, case, number=found["copied"][0])
        for number, (wanted, got) in enumerate(zip(expected["made"], found["made"]), start=1):
            if wanted != got:
                return own_finding("made", bench, case, number=number, expected=_call(wanted), found=_call(got))
        return None


def _call(made: Any) -> str:
    return f"({', '.join(map(str, made))})" if isinstance(made, list) else str(made)


EXERCISE = Exercise(
    id="se_residual.stages",
    kind="function",
    name="make_stage",
    reference=make_stage,
    may_use_course=True,
    probes=(Contract(_one), Blocks(_cases)),
)


def _wrong(key, made):
    """Registers a stage whose i-th block is made with ``made(i, cin, cout, n_blocks, stride, reduction)``."""

    def answer(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
        arguments = [made(i, cin, cout, n_blocks, first_stride, reduction) for i in range(n_blocks)]
        return nn.Sequential(*(block_cls(*each) for each in arguments))

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


_wrong("stride_everywhere", lambda i, a, b, n, s, r: (b if i else a, b, s, r))
_wrong("stride_ignored", lambda i, a, b, n, s, r: (b if i else a, b, 1, r))
_wrong("stride_two_always", lambda i, a, b, n, s, r: (b if i else a, b, 1 if i else 2, r))
_wrong("stride_in_the_last", lambda i, a, b, n, s, r: (b if i else a, b, s if i == n - 1 else 1, r))
_wrong("stride_in_the_others", lambda i, a, b, n, s, r: (b if i else a, b, s if i else 1, r))
_wrong("cin_everywhere", lambda i, a, b, n, s, r: (a, b, 1 if i else s, r))
_wrong("cout_everywhere", lambda i, a, b, n, s, r: (b, b, 1 if i else s, r))
_wrong("channels_change_last", lambda i, a, b, n, s, r: (a, b if i == n - 1 else a, 1 if i else s, r))
_wrong("keeps_growing", lambda i, a, b, n, s, r: (a * (b // a) ** i, a * (b // a) ** (i + 1), 1 if i else s, r))
_wrong("reduction_forgotten", lambda i, a, b, n, s, r: (b if i else a, b, 1 if i else s))
_wrong("reduction_in_the_first_only", lambda i, a, b, n, s, r: (b if i else a, b, 1 if i else s, 16 if i else r))
_wrong("reduction_for_stride", lambda i, a, b, n, s, r: (b if i else a, b, r, 1 if i else s))


@EXERCISE.wrong("one_too_many")
def _one_too_many(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    return make_stage(block_cls, cin, cout, n_blocks + 1, first_stride, reduction)


@EXERCISE.wrong("first_only")
def _first_only(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    return make_stage(block_cls, cin, cout, 1, first_stride, reduction)


@EXERCISE.wrong("same_block_again")
def _same_block_again(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    first, again = block_cls(cin, cout, first_stride, reduction), block_cls(cout, cout, 1, reduction)
    return nn.Sequential(first, *[again] * (n_blocks - 1))


@EXERCISE.wrong("copies_of_the_second")
def _copies_of_the_second(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    first, again = block_cls(cin, cout, first_stride, reduction), block_cls(cout, cout, 1, reduction)
    return nn.Sequential(first, *(copy.deepcopy(again) for _ in range(n_blocks - 1)))


@EXERCISE.wrong("copies_of_the_first")
def _copies_of_the_first(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    first = block_cls(cin, cout, first_stride, reduction)
    return nn.Sequential(first, *(copy.deepcopy(first) for _ in range(n_blocks - 1)))


@EXERCISE.wrong("list_in_sequential")
def _list_in_sequential(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    return nn.Sequential(list(make_stage(block_cls, cin, cout, n_blocks, first_stride, reduction)))


@EXERCISE.wrong("as_list")
def _as_list(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    return list(make_stage(block_cls, cin, cout, n_blocks, first_stride, reduction))


@EXERCISE.wrong("module_list")
def _module_list(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    return nn.ModuleList(make_stage(block_cls, cin, cout, n_blocks, first_stride, reduction))


@EXERCISE.wrong("nothing_returned")
def _nothing_returned(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    make_stage(block_cls, cin, cout, n_blocks, first_stride, reduction)


@EXERCISE.accepted
def channels_move_on(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    stage = nn.Sequential()
    for number in range(n_blocks):
        stage.append(block_cls(cin, cout, stride=first_stride if number == 0 else 1, reduction=reduction))
        cin = cout
    return stage


@EXERCISE.accepted
def from_a_table(block_cls, cin, cout, n_blocks, first_stride=1, reduction=16):
    table = [(cin, cout, first_stride)] + [(cout, cout, 1)] * (n_blocks - 1)
    return nn.Sequential(*(block_cls(*row, reduction) for row in table))
