"""se_block.small_channels: the hidden width, guarded against few channels and senseless arguments."""

import math

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Refusals, Values


def hidden_width(channels, reduction, min_hidden=1):
    if channels < 1 or reduction < 1:
        raise ValueError(f"channels and reduction must be at least 1, got {channels} and {reduction}")
    return max(min_hidden, channels // reduction)


def _cases(generator):
    return [
        Case((64, 16)),
        Case((11, 4), note="not_divisible"),
        Case((9, 4), note="not_divisible"),
        Case((9, 16), note="few_channels"),
        Case((3, 16), {"min_hidden": 4}, note="few_channels"),
        Case((64, 16, 4)),
        Case((64, 16, 8)),
        Case((128, 16), {"min_hidden": 4}),
        Case((5, 1)),
        Case((1, 1)),
    ]


def _senseless(generator):
    return [Case((0, 16)), Case((64, 0)), Case((-8, 4)), Case((64, -4)), Case((-64, -4)), Case((0, 0))]


def _one(generator):
    return [Case((64, 16)), Case((8, 2), {"min_hidden": 2})]


EXERCISE = Exercise(
    id="se_block.small_channels",
    kind="function",
    name="hidden_width",
    reference=hidden_width,
    probes=(Contract(_one), Values(_cases), Refusals(_senseless)),
)


def _refuse(channels, reduction):
    if channels < 1 or reduction < 1:
        raise ValueError


@EXERCISE.wrong("rounded")
def _rounded(channels, reduction, min_hidden=1):
    _refuse(channels, reduction)
    return max(min_hidden, round(channels / reduction))


@EXERCISE.wrong("rounded_up")
def _rounded_up(channels, reduction, min_hidden=1):
    _refuse(channels, reduction)
    return max(min_hidden, math.ceil(channels / reduction))


@EXERCISE.wrong("true_division")
def _true_division(channels, reduction, min_hidden=1):
    _refuse(channels, reduction)
    return max(min_hidden, channels / reduction)


@EXERCISE.wrong("unguarded")
def _unguarded(channels, reduction, min_hidden=1):
    _refuse(channels, reduction)
    return channels // reduction


@EXERCISE.wrong("always_one")
def _always_one(channels, reduction, min_hidden=1):
    _refuse(channels, reduction)
    return max(1, channels // reduction)


@EXERCISE.wrong("only_zero_replaced")
def _only_zero_replaced(channels, reduction, min_hidden=1):
    _refuse(channels, reduction)
    return channels // reduction or min_hidden


@EXERCISE.wrong("smaller_taken")
def _smaller_taken(channels, reduction, min_hidden=1):
    _refuse(channels, reduction)
    return min(min_hidden, channels // reduction)


@EXERCISE.wrong("added")
def _added(channels, reduction, min_hidden=1):
    _refuse(channels, reduction)
    return min_hidden + channels // reduction


@EXERCISE.wrong("upside_down")
def _upside_down(channels, reduction, min_hidden=1):
    _refuse(channels, reduction)
    return max(min_hidden, reduction // channels)


@EXERCISE.wrong("few_channels_refused")
def _few_channels_refused(channels, reduction, min_hidden=1):
    if channels < reduction or reduction < 1:
        raise ValueError
    return max(min_hidden, channels // reduction)


@EXERCISE.wrong("nothing_refused")
def _nothing_refused(channels, reduction, min_hidden=1):
    return max(min_hidden, channels // reduction)


@EXERCISE.wrong("channels_unchecked")
def _channels_unchecked(channels, reduction, min_hidden=1):
    if reduction < 1:
        raise ValueError
    return max(min_hidden, channels // reduction)


@EXERCISE.wrong("reduction_unchecked")
def _reduction_unchecked(channels, reduction, min_hidden=1):
    if channels < 1:
        raise ValueError
    return max(min_hidden, channels // reduction)


@EXERCISE.wrong("zero_let_through")
def _zero_let_through(channels, reduction, min_hidden=1):
    if channels < 0 or reduction < 0:
        raise ValueError
    return max(min_hidden, channels // reduction)


@EXERCISE.wrong("both_needed")
def _both_needed(channels, reduction, min_hidden=1):
    if channels < 1 and reduction < 1:
        raise ValueError
    return max(min_hidden, channels // reduction)


@EXERCISE.wrong("asserted")
def _asserted(channels, reduction, min_hidden=1):
    assert channels >= 1
    assert reduction >= 1
    return max(min_hidden, channels // reduction)


@EXERCISE.wrong("error_returned")
def _error_returned(channels, reduction, min_hidden=1):
    if channels < 1 or reduction < 1:
        return ValueError("channels and reduction must be at least 1")
    return max(min_hidden, channels // reduction)


@EXERCISE.accepted
def with_branches(channels, reduction, min_hidden=1):
    if min(channels, reduction) <= 0:
        raise ValueError("at least 1, please")
    width = int(channels / reduction)
    return width if width > min_hidden else min_hidden


@EXERCISE.accepted
def with_divmod(channels, reduction, min_hidden=1):
    for value in (channels, reduction):
        if not value >= 1:
            raise ValueError(value)
    return sorted((divmod(channels, reduction)[0], min_hidden))[-1]
