"""se_residual.why: where the parameters are that the two orders differ in."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import MappingOfNumbers


def _difference(cin, cout):
    """Of one block that projects: the projection's norm, and a first norm of cin channels instead of cout."""
    return 2 * cout + 2 * (cout - cin)


def why():
    return {
        "projection_norm": 2 * 64,
        "first_norm": 2 * (64 - 32),
        "stage3": _difference(64, 128),
        "network": _difference(32, 64) + _difference(64, 128),
        "wide_network": _difference(64, 128) + _difference(128, 256),
    }


EXERCISE = Exercise(
    id="se_residual.why",
    kind="mapping",
    name="why",
    reference=why,
    probes=(MappingOfNumbers(),),
)

_RIGHT = why()

EXERCISE.wrong_values(
    swapped=_RIGHT | {"projection_norm": 64, "first_norm": 128},
    one_number_a_channel={name: value // 2 for name, value in _RIGHT.items()},
    first_norm_counted_whole=_RIGHT | {"first_norm": 128, "network": 768, "stage3": 512, "wide_network": 1536},
    first_norm_of_the_input=_RIGHT | {"projection_norm": 64, "first_norm": 64},
    stage3_like_stage2=_RIGHT | {"stage3": 192, "network": 384, "wide_network": 768},
    stage2_forgotten=_RIGHT | {"network": 384, "wide_network": 768},
    projection_norms_only=_RIGHT | {"stage3": 256, "network": 128 + 256, "wide_network": 256 + 512},
    first_stage_counted=_RIGHT | {"network": 576 + 192, "wide_network": 1152 + 384},
    every_block=_RIGHT | {"network": 1152, "wide_network": 2304},
    head_subtracted=_RIGHT | {"network": 576 - 256, "wide_network": 1152 - 512},
    head_added=_RIGHT | {"network": 576 + 256, "wide_network": 1152 + 512},
    width_squared=_RIGHT | {"wide_network": 4 * 576},
    width_ignored=_RIGHT | {"wide_network": 576},
    three_times=_RIGHT | {"network": 3 * 192, "stage3": 192, "wide_network": 6 * 192},
    statistics_counted={name: 2 * value for name, value in _RIGHT.items()},
    minus={name: -value for name, value in _RIGHT.items()},
    halves={name: float(value) for name, value in _RIGHT.items()},
    totals=_RIGHT | {"network": 702_986 - 702_410 + 702_410},
    only_the_sum={"network": 576},
)
EXERCISE.accepted_values(
    other_order=dict(sorted(_RIGHT.items())),
    by_layers={
        "projection_norm": 64 + 64,
        "first_norm": 128 - 64,
        "stage3": 256 + 128,
        "network": sum((128, 64, 256, 128)),
        "wide_network": 2 * sum((128, 64, 256, 128)),
    },
)
