"""spatial_eca_cbam_coordinate.order: what changes when the halves of CBAM change places."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Choice


def prediction():
    return "c"


EXERCISE = Exercise(
    id="spatial_eca_cbam_coordinate.order",
    kind="prediction",
    name="prediction",
    reference=prediction,
    probes=(Choice("abcd"),),
)

EXERCISE.wrong_values(
    channel_only="a",
    spatial_only="b",
    commutes="d",
    the_sentence="both",
    position=3,
    hedged="ab",
    no_such_letter="e",
    several=["a", "b"],
)
EXERCISE.accepted_values(capital="C", with_blank=" c ")
