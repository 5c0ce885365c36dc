"""se_residual.mean_loss: what the mean of an output behind norms says about the layers before them."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Choice


def prediction():
    return "b"


EXERCISE = Exercise(
    id="se_residual.mean_loss",
    kind="prediction",
    name="prediction",
    reference=prediction,
    probes=(Choice("abcd"),),
)

EXERCISE.wrong_values(
    everything_zero="a",
    only_smaller="c",
    backward_ran="d",
    a_number=0,
    number_as_text="0",
    the_shifts=["bn2.bias", "proj.1.bias"],
    one_name="bn2.bias",
    hedged="ab",
    position=2,
    no_such_letter="e",
)
EXERCISE.accepted_values(capital="B", with_blank=" b ")
