"""se_block.count: the number of parameters of an SE block, without building it."""

import torch
from torch import nn

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def se_parameters(channels, reduction=16, bias=False):
    hidden = max(1, channels // reduction)
    weights = 2 * channels * hidden
    return weights + hidden + channels if bias else weights


def _cases(generator):
    return [
        Case((64,), note="default"),
        Case((64, 16), {"bias": True}),
        Case((128, 4)),
        Case((11, 4), {"bias": True}, note="not_divisible"),
        Case((23,), {"reduction": 4}, note="not_divisible"),
        Case((8, 16, True), note="few_channels"),
        Case((8, 16), note="few_channels"),
        Case((240,), {"bias": True}, note="default"),  # another width for each of the defaults 15, 16 and 17
    ]


def _one(generator):
    return [Case((64,)), Case((32,), {"reduction": 8, "bias": True})]


EXERCISE = Exercise(
    id="se_block.count",
    kind="function",
    name="se_parameters",
    reference=se_parameters,
    probes=(Contract(_one), Values(_cases)),
)


@EXERCISE.wrong("true_division")
def _true_division(channels, reduction=16, bias=False):
    hidden = max(1, channels / reduction)
    return 2 * channels * hidden + (hidden + channels if bias else 0)


@EXERCISE.wrong("formula_rounded")
def _formula_rounded(channels, reduction=16, bias=False):
    return round(2 * channels**2 / reduction) + (round(channels / reduction) + channels if bias else 0)


@EXERCISE.wrong("formula_floored")
def _formula_floored(channels, reduction=16, bias=False):
    return 2 * channels**2 // reduction + (channels // reduction + channels if bias else 0)


@EXERCISE.wrong("rounded_width")
def _rounded_width(channels, reduction=16, bias=False):
    hidden = max(1, round(channels / reduction))
    return 2 * channels * hidden + (hidden + channels if bias else 0)


@EXERCISE.wrong("unguarded_width")
def _unguarded_width(channels, reduction=16, bias=False):
    hidden = channels // reduction
    return 2 * channels * hidden + (hidden + channels if bias else 0)


@EXERCISE.wrong("one_layer")
def _one_layer(channels, reduction=16, bias=False):
    hidden = max(1, channels // reduction)
    return channels * hidden + (hidden + channels if bias else 0)


@EXERCISE.wrong("bias_ignored")
def _bias_ignored(channels, reduction=16, bias=False):
    return 2 * channels * max(1, channels // reduction)


@EXERCISE.wrong("bias_always")
def _bias_always(channels, reduction=16, bias=False):
    hidden = max(1, channels // reduction)
    return 2 * channels * hidden + hidden + channels


@EXERCISE.wrong("first_bias_only")
def _first_bias_only(channels, reduction=16, bias=False):
    hidden = max(1, channels // reduction)
    return 2 * channels * hidden + (hidden if bias else 0)


@EXERCISE.wrong("second_bias_only")
def _second_bias_only(channels, reduction=16, bias=False):
    hidden = max(1, channels // reduction)
    return 2 * channels * hidden + (channels if bias else 0)


@EXERCISE.wrong("biases_wide")
def _biases_wide(channels, reduction=16, bias=False):
    hidden = max(1, channels // reduction)
    return 2 * channels * hidden + (2 * channels if bias else 0)


@EXERCISE.wrong("one_per_layer")
def _one_per_layer(channels, reduction=16, bias=False):
    hidden = max(1, channels // reduction)
    return 2 * channels * hidden + (2 if bias else 0)


@EXERCISE.wrong("kernel_of_nine")
def _kernel_of_nine(channels, reduction=16, bias=False):
    hidden = max(1, channels // reduction)
    return 2 * 9 * channels * hidden + (hidden + channels if bias else 0)


@EXERCISE.wrong("default_ignored")
def _default_ignored(channels, reduction=16, bias=False):
    hidden = max(1, channels // 16)
    return 2 * channels * hidden + (hidden + channels if bias else 0)


@EXERCISE.accepted
def by_building(channels, reduction=16, bias=False):
    hidden = max(1, channels // reduction)
    block = nn.Sequential(nn.Linear(channels, hidden, bias), nn.Linear(hidden, channels, bias))
    return sum(parameter.numel() for parameter in block.parameters())


@EXERCISE.accepted
def layer_by_layer(channels, reduction=16, bias=False):
    hidden = channels // reduction or 1
    return (channels + bias) * hidden + (hidden + bias) * channels


@EXERCISE.accepted
def with_tensor_shapes(channels, reduction=16, bias=False):
    hidden = max(channels // reduction, 1)
    total = torch.Size((hidden, channels)).numel() * 2
    return total + bias * (channels + hidden)
