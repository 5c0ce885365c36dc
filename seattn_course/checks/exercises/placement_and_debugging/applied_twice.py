"""placement_and_debugging.applied_twice: what a gate leaves that is applied twice in each block."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Choice


def prediction():
    return "c"


EXERCISE = Exercise(
    id="placement_and_debugging.applied_twice",
    kind="prediction",
    name="prediction",
    reference=prediction,
    probes=(Choice("abcd"),),
)

EXERCISE.wrong_values(
    once_in_each_block="b",
    one_block_only="a",
    like_relu="d",
    the_value=1 / 256,
    what_is_lost=255 / 256,
    as_text="1/256",
    hedged="bc",
    position=3,
    no_such_letter="e",
)
EXERCISE.accepted_values(capital="C", with_blank=" c ")
