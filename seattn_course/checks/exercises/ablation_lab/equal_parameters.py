"""ablation_lab.equal_parameters: the narrowest plain network with at least as many parameters."""

import math

import numpy as np

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def control_width(parameters, target):
    width = 1
    while parameters(width) < target:
        width += 1
    return width


# A polynomial of NumPy's is callable, and is nobody's solution.
LOCAL_FEATURES = np.poly1d([4, 89, 4])
WIDE = np.poly1d([18, 30, 10])


def _cases(generator):
    return [
        Case((LOCAL_FEATURES, 4786)),
        Case((LOCAL_FEATURES, 5022)),  # exactly width 26
        Case((LOCAL_FEATURES, 5023)),
        Case((LOCAL_FEATURES, 500)),
        Case((WIDE, 400_000)),
        Case((WIDE, 5)),  # less than its biases: a width is at least 1
        Case((WIDE, 58)),
    ]


def _one(generator):
    return [Case((LOCAL_FEATURES, 4786))]


EXERCISE = Exercise(
    id="ablation_lab.equal_parameters",
    kind="function",
    name="control_width",
    reference=control_width,
    probes=(Contract(_one), Values(_cases)),
)


def _wrong(key, answer):
    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _nearest(parameters, target):
    width = control_width(parameters, target)
    return min((max(1, width - 1), width), key=lambda each: abs(parameters(each) - target))


def _from(start, step=1):
    def answer(parameters, target):
        width = start
        while parameters(width) < target:
            width += step
        return width

    return answer


def _doubling(parameters, target):
    width = 1
    while parameters(width) < target:
        width *= 2
    return width


def _strictly(parameters, target):
    width = 1
    while parameters(width) <= target:
        width += 1
    return width


_wrong("below_target", lambda parameters, target: max(1, control_width(parameters, target) - 1))
_wrong("one_less", lambda parameters, target: control_width(parameters, target) - 1)
_wrong("from_0", _from(0))
_wrong("from_2", _from(2))
_wrong("nearest", _nearest)
_wrong("strictly_more", _strictly)
_wrong("from_24", _from(24))
_wrong("steps_of_eight", _from(8, 8))
_wrong("even_only", _from(2, 2))
_wrong("doubling", _doubling)
_wrong("one_more", lambda parameters, target: control_width(parameters, target) + 1)
_wrong("count_returned", lambda parameters, target: int(parameters(control_width(parameters, target))))
_wrong("proportional", lambda parameters, target: math.ceil(24 * target / parameters(24)))
_wrong("square_root", lambda parameters, target: math.ceil(24 * math.sqrt(target / parameters(24))))
_wrong(
    "too_few_tried", lambda parameters, target: next((w for w in range(1, 101) if parameters(w) >= target), 100)
)
_wrong("both_returned", lambda parameters, target: (
    control_width(parameters, target), int(parameters(control_width(parameters, target)))
))  # fmt: skip


@EXERCISE.accepted
def by_count(parameters, target):
    from itertools import count

    return next(width for width in count(1) if parameters(width) >= target)


@EXERCISE.accepted
def by_halving(parameters, target):
    low, high = 0, 1
    while parameters(high) < target:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if parameters(middle) >= target else (middle, high)
    return high
