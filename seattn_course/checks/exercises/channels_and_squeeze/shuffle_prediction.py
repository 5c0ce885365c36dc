"""channels_and_squeeze.shuffle_prediction: a mean does not ask where."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Choice


def prediction():
    return "a"


EXERCISE = Exercise(
    id="channels_and_squeeze.shuffle_prediction",
    kind="prediction",
    name="prediction",
    reference=prediction,
    probes=(Choice("abcd"),),
)

EXERCISE.wrong_values(
    edges="b",
    a_little="c",
    maximum="d",
    the_sentence="nothing",
    position=1,
    hedged="ab",
    no_such_letter="e",
    several=["a", "d"],
)
EXERCISE.accepted_values(capital="A", with_blank=" a ")
