"""start_here.wrong_on_purpose: half of a tensor. The lesson asks for a wrong answer first."""

import torch

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def halve(x):
    return x / 2


def _one(generator):
    return [Case((torch.randn(4, 3, generator=generator),))]


def _cases(generator):
    return [
        Case((torch.randn(4, 3, generator=generator) * 5,)),
        Case((torch.randn(2, 3, 2, 5, generator=generator),)),
        Case((torch.randn((), generator=generator),)),
        Case((torch.randn(6, generator=generator, dtype=torch.float64),), note="double"),
    ]


EXERCISE = Exercise(
    id="start_here.wrong_on_purpose",
    kind="function",
    name="halve",
    reference=halve,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one)),
)


@EXERCISE.wrong("doubled")
def _doubled(x):
    return x * 2


@EXERCISE.wrong("unchanged")
def _unchanged(x):
    return x


@EXERCISE.wrong("floored")
def _floored(x):
    return x // 2


@EXERCISE.wrong("half_precision")
def _half_precision(x):
    return x.half()


@EXERCISE.wrong("first_half")
def _first_half(x):
    return x[: len(x) // 2]


@EXERCISE.wrong("root")
def _root(x):
    return x**0.5


@EXERCISE.wrong("subtracted")
def _subtracted(x):
    return x - 2


@EXERCISE.wrong("two_over_x")
def _two_over_x(x):
    return 2 / x


@EXERCISE.wrong("halved_sum")
def _halved_sum(x):
    return x.sum() / 2


@EXERCISE.wrong("single_precision")
def _single_precision(x):
    return x.float() / 2


@EXERCISE.wrong("in_place")
def _in_place(x):
    x /= 2
    return x


@EXERCISE.wrong("not_returned")
def _not_returned(x):
    x / 2


@EXERCISE.accepted
def times_half(x):
    return 0.5 * x


@EXERCISE.accepted
def copied_first(x):
    y = x.clone()
    y.div_(2)
    return y


@EXERCISE.accepted
def by_lerp(x):
    return torch.lerp(torch.zeros_like(x), x, 0.5)
