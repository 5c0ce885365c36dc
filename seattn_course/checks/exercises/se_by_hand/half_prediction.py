"""se_by_hand.half_prediction: what the gates are when the hidden value is cut to 0."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Choice


def prediction():
    return "b"


EXERCISE = Exercise(
    id="se_by_hand.half_prediction",
    kind="prediction",
    name="prediction",
    reference=prediction,
    probes=(Choice("abcd"),),
)

EXERCISE.wrong_values(
    closed="a",
    open="c",
    depends_on_w2="d",
    the_number=0.5,
    position=2,
    hedged="ab",
    no_such_letter="e",
    the_sentence="all 0.5",
    several=["b", "d"],
    the_gates=[0.5, 0.5, 0.5],
)
EXERCISE.accepted_values(capital="B", with_blank=" b ")
