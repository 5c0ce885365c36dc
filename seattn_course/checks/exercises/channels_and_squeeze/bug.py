"""channels_and_squeeze.bug: the squeeze that averages over the batch too."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Choice


def diagnosis():
    return "b"


EXERCISE = Exercise(
    id="channels_and_squeeze.bug",
    kind="prediction",
    name="diagnosis",
    reference=diagnosis,
    probes=(Choice("abcd"),),
)

EXERCISE.wrong_values(
    channels="a",
    shape="c",
    gradient="d",
    the_code="x.mean(dim=(2, 3))",
    position=2,
    hedged="bd",
    no_such_letter="e",
    several=["b", "c"],
)
EXERCISE.accepted_values(capital="B", with_blank=" b ")
