"""residual_blocks.cancelled: what arrives when each branch has the slope -1."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Choice


def prediction():
    return "a"


EXERCISE = Exercise(
    id="residual_blocks.cancelled",
    kind="prediction",
    name="prediction",
    reference=prediction,
    probes=(Choice("abcd"),),
)

EXERCISE.wrong_values(
    skip_always_arrives="b",
    both_arrive="c",
    sign_forgotten="d",
    the_values=[1, 0],
    one_value=0,
    values_as_text="1, 0",
    hedged="ab",
    position=1,
    no_such_letter="e",
    word="plain",
)
EXERCISE.accepted_values(capital="A", with_blank=" a ")
