"""se_in_networks.larger_image: which costs of SE grow when the image is twice as high and twice as wide."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Choice


def prediction():
    return "c"


EXERCISE = Exercise(
    id="se_in_networks.larger_image",
    kind="prediction",
    name="prediction",
    reference=prediction,
    probes=(Choice("abcd"),),
)

EXERCISE.wrong_values(
    everything="a",
    layers_too="b",
    doubled="d",
    the_factor=4,
    the_factors=[1, 1, 4],
    factors_as_text="1, 1, 4",
    hedged="bc",
    position=3,
    no_such_letter="e",
    names=("pool", "scale"),
)
EXERCISE.accepted_values(capital="C", with_blank=" c ")
