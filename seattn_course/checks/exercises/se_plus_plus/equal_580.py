"""se_plus_plus.equal_580: how many parameters each setting of SEPlusPlus has."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import MappingOfNumbers


def counts():
    def block(channels, hidden):
        return 2 * channels * hidden + hidden + channels

    return {
        "default": block(64, hidden=4),
        "use_max=False": block(64, hidden=4),
        "gate='hardsigmoid'": block(64, hidden=4),
        "reduction=8": block(64, hidden=8),
        "channels=8": block(8, hidden=4),
    }


def _five(default, mean_only, hard, reduction_8, channels_8):
    return {
        "default": default,
        "use_max=False": mean_only,
        "gate='hardsigmoid'": hard,
        "reduction=8": reduction_8,
        "channels=8": channels_8,
    }


EXERCISE = Exercise(
    id="se_plus_plus.equal_580",
    kind="mapping",
    name="counts",
    reference=counts,
    probes=(MappingOfNumbers(),),
)

EXERCISE.wrong_values(
    no_bias=_five(512, 512, 512, 1024, 64),
    one_bias=_five(576, 576, 576, 1088, 72),
    first_bias_only=_five(516, 516, 516, 1032, 68),
    one_layer=_five(260, 260, 260, 520, 36),
    squeeze_counted=_five(580, 324, 580, 1096, 76),
    one_squeeze_halves=_five(580, 290, 580, 1096, 76),
    two_squeezes_double=_five(1160, 580, 1160, 2192, 152),
    last_without_first_bias=_five(580, 580, 580, 1096, 72),
    concatenated=_five(836, 580, 836, 1608, 108),
    switch_counted=_five(580, 579, 580, 1096, 76),
    gate_counted=_five(580, 580, 516, 1096, 76),
    doubled=_five(580, 580, 580, 1160, 76),
    halved=_five(580, 580, 580, 322, 76),
    reduction_ignored=_five(580, 580, 580, 580, 76),
    floor_one=_five(580, 580, 580, 1096, 25),
    floor_forgotten=_five(580, 580, 580, 1096, 8),
    same_for_all=_five(580, 580, 580, 580, 580),
    kernel_of_nine=_five(4676, 4676, 4676, 9288, 588),
    quoted=_five("580", "580", "580", "1096", "76"),
    listed=[580, 580, 580, 1096, 76],
)
EXERCISE.accepted_values(
    other_order=dict(reversed(_five(580, 580, 580, 1096, 76).items())),
    as_pairs=dict([*_five(580, 580, 580, 1096, 76).items()]),
)
