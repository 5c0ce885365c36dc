"""se_in_networks.stage_shares: how SE's weights are spread over the stages of a network."""

import numpy as np

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def se_shares(depths, widths, reduction=16):
    # Two layers each: the factor 2 of 2·C·h is in every stage, and so in no share.
    weights = [depth * width * max(1, width // reduction) for depth, width in zip(depths, widths)]
    total = sum(weights)
    return [count / total for count in weights]


def _cases(generator):
    return [
        Case(([3, 4, 6, 3], [256, 512, 1024, 2048]), note="default"),
        Case(([2, 2, 2, 2], [64, 128, 256, 512]), note="default"),
        Case(([1, 3, 2], [11, 23, 46], 4), note="not_divisible"),
        Case(([2, 1], [8, 48]), note="few_channels"),
        Case(([5], [240]), {"reduction": 8}),
    ]


def _one(generator):
    return [Case(([1, 2], [32, 64]), {"reduction": 8})]


EXERCISE = Exercise(
    id="se_in_networks.stage_shares",
    kind="function",
    name="se_shares",
    reference=se_shares,
    probes=(Contract(_one), Values(_cases, tolerance=(1e-6, 1e-9)), InputLeftAlone(_one)),
)


def _shares(amounts):
    return [amount / sum(amounts) for amount in amounts]


def _wrong(key, amount):
    """Registers shares of another amount of a stage: amount(depth, width, reduction)."""

    def answer(depths, widths, reduction=16):
        return _shares([amount(depth, width, reduction) for depth, width in zip(depths, widths)])

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _hidden(width, r):
    return max(1, width // r)


_wrong("blocks_not_counted", lambda depth, width, r: 2 * width * _hidden(width, r))
_wrong("linear_in_width", lambda depth, width, r: depth * width)
_wrong("of_the_convolutions", lambda depth, width, r: depth * 9 * (width // 4) ** 2)
_wrong("with_biases", lambda depth, width, r: depth * (2 * width * _hidden(width, r) + width + _hidden(width, r)))
_wrong("formula_squared", lambda depth, width, r: depth * width**2)
_wrong("rounded_width", lambda depth, width, r: depth * width * max(1, round(width / r)))
_wrong("unguarded_width", lambda depth, width, r: depth * width * (width // r))
_wrong("reduction_ignored", lambda depth, width, r: depth * width * _hidden(width, 16))
_wrong("narrow_width", lambda depth, width, r: depth * (width // 4) * _hidden(width // 4, r))


@EXERCISE.wrong("percent")
def _percent(depths, widths, reduction=16):
    return [100 * share for share in se_shares(depths, widths, reduction)]


@EXERCISE.wrong("rounded_result")
def _rounded_result(depths, widths, reduction=16):
    return [round(share, 3) for share in se_shares(depths, widths, reduction)]


@EXERCISE.wrong("weights_returned")
def _weights_returned(depths, widths, reduction=16):
    return [float(depth * 2 * width * _hidden(width, reduction)) for depth, width in zip(depths, widths)]


@EXERCISE.wrong("weights_in_whole_numbers")
def _weights_in_whole_numbers(depths, widths, reduction=16):
    return [depth * 2 * width * _hidden(width, reduction) for depth, width in zip(depths, widths)]


@EXERCISE.wrong("of_the_largest")
def _of_the_largest(depths, widths, reduction=16):
    shares = se_shares(depths, widths, reduction)
    return [share / max(shares) for share in shares]


@EXERCISE.wrong("last_only")
def _last_only(depths, widths, reduction=16):
    return se_shares(depths, widths, reduction)[-1]


@EXERCISE.wrong("cumulative")
def _cumulative(depths, widths, reduction=16):
    return np.cumsum(se_shares(depths, widths, reduction)).tolist()


@EXERCISE.wrong("list_emptied")
def _list_emptied(depths, widths, reduction=16):
    shares = se_shares(depths, widths, reduction)
    widths.clear()
    return shares


@EXERCISE.accepted
def with_numpy(depths, widths, reduction=16):
    widths = np.array(widths)
    weights = np.array(depths) * widths * np.maximum(1, widths // reduction)
    return (weights / weights.sum()).tolist()


@EXERCISE.accepted
def with_loop(depths, widths, reduction=16):
    counts = []
    for n, C in zip(depths, widths):
        counts.append(n * C * (C // reduction or 1))
    return [c / sum(counts) for c in counts]
