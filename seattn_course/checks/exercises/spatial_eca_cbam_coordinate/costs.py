"""spatial_eca_cbam_coordinate.costs: the parameters of five modules, counted without building them."""

import math

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def attention_parameters(channels, reduction=16):
    hidden = max(1, channels // reduction)
    se = 2 * channels * hidden
    t = int((math.log2(channels) + 1) / 2)
    spatial = 2 * 7 * 7
    middle = max(8, channels // 32)
    strips = 3 * channels * middle + middle + 2 * channels  # three layers with biases
    return {
        "SE": se,
        "ECA": max(3, t if t % 2 else t + 1),
        "spatial": spatial,
        "CBAM": se + spatial,
        "coordinate": strips + 2 * middle,  # batch norm: a weight and a bias
    }


def _one(generator):
    return [Case((64,), note="default")]


def _cases(generator):
    return [
        Case((64,), note="default"),
        Case((512,), note="default"),
        Case((128, 8)),
        Case((11,), {"reduction": 4}, note="not_divisible"),
        Case((8,), note="few_channels"),
        Case((4,), note="few_channels"),
        Case((2048,), note="default"),
    ]


EXERCISE = Exercise(
    id="spatial_eca_cbam_coordinate.costs",
    kind="function",
    name="attention_parameters",
    reference=attention_parameters,
    probes=(Contract(_one), Values(_cases)),
)


def _wrong(key, hidden=None, middle=None, **counts):
    """Registers a mistake in one width or in one of the five counts, given C, h, m and the right dict."""

    def answer(channels, reduction=16):
        right = attention_parameters(channels, reduction)
        h = (hidden or (lambda C, r: max(1, C // r)))(channels, reduction)
        m = (middle or (lambda C, r: max(8, C // 32)))(channels, reduction)
        right["SE"] = 2 * channels * h
        right["CBAM"] = right["SE"] + 98
        right["coordinate"] = 3 * channels * m + m + 2 * channels + 2 * m
        right |= {name: count(channels, h, m, dict(right)) for name, count in counts.items()}
        return right

    answer.__name__ = "attention_parameters"
    EXERCISE.wrong(key)(answer)


_wrong("se_one_layer", SE=lambda C, h, m, right: C * h)
_wrong("se_with_biases", SE=lambda C, h, m, right: 2 * C * h + h + C)
_wrong("unguarded_width", hidden=lambda C, r: C // r)
_wrong("rounded_width", hidden=lambda C, r: max(1, round(C / r)))
_wrong("reduction_ignored", hidden=lambda C, r: max(1, C // 16))
_wrong("eca_three", ECA=lambda C, h, m, right: 3)
_wrong("eca_per_channel", ECA=lambda C, h, m, right: C * right["ECA"])
_wrong("eca_with_bias", ECA=lambda C, h, m, right: right["ECA"] + 1)
_wrong("spatial_one_map", spatial=lambda C, h, m, right: 49, CBAM=lambda C, h, m, right: right["SE"] + 49)
_wrong("spatial_per_channel", spatial=lambda C, h, m, right: 98 * C)
_wrong("spatial_with_bias", spatial=lambda C, h, m, right: 99, CBAM=lambda C, h, m, right: right["SE"] + 99)
_wrong("cbam_two_mlps", CBAM=lambda C, h, m, right: 2 * right["SE"] + 98)
_wrong("cbam_channel_only", CBAM=lambda C, h, m, right: right["SE"])
_wrong("cbam_with_eca", CBAM=lambda C, h, m, right: right["ECA"] + 98)
_wrong("coordinate_two_layers", coordinate=lambda C, h, m, right: 2 * C * m + m + C + 2 * m)
_wrong("coordinate_no_bn", coordinate=lambda C, h, m, right: 3 * C * m + m + 2 * C)
_wrong("coordinate_no_bias", coordinate=lambda C, h, m, right: 3 * C * m + 2 * m)
_wrong("coordinate_statistics", coordinate=lambda C, h, m, right: right["coordinate"] + 2 * m)
_wrong("coordinate_no_floor", middle=lambda C, r: C // 32)
_wrong("coordinate_floor_of_one", middle=lambda C, r: max(1, C // 32))
_wrong("coordinate_always_eight", middle=lambda C, r: 8)
_wrong("coordinate_width_of_se", middle=lambda C, r: max(8, C // r))


@EXERCISE.wrong("formula_not_cut")
def _formula_not_cut(channels, reduction=16):
    right = attention_parameters(channels, reduction)
    se = 2 * channels**2 // reduction
    return right | {"SE": se, "CBAM": se + 98}


@EXERCISE.wrong("one_total")
def _one_total(channels, reduction=16):
    return sum(attention_parameters(channels, reduction).values())


@EXERCISE.accepted
def by_building(channels, reduction=16):
    """Shapes of the layers, multiplied out."""
    h, m = max(1, channels // reduction), max(8, channels // 32)
    layers = {
        "SE": [(channels, h), (h, channels)],
        "ECA": [(max(3, channels.bit_length() // 2 | 1),)],
        "spatial": [(1, 2, 7, 7)],
        "coordinate": [(channels, m), (m,), (m,), (m,), (m, channels), (channels,), (m, channels), (channels,)],
    }
    counts = {name: sum(map(math.prod, shapes)) for name, shapes in layers.items()}
    return counts | {"CBAM": counts["SE"] + counts["spatial"]}


@EXERCISE.accepted
def in_another_order(channels, reduction=16):
    return dict(reversed(attention_parameters(channels, reduction).items()))
