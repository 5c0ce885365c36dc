"""better_se_step_by_step.effective_reduction: what a floor of 4 makes of r = 16 at 32 channels."""

from fractions import Fraction

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Number


def effective_reduction():
    channels, hidden = 32, 4  # 32 // 16 = 2 lies below the floor
    return channels / hidden


EXERCISE = Exercise(
    id="better_se_step_by_step.effective_reduction",
    kind="number",
    name="effective_reduction",
    reference=effective_reduction,
    probes=(Number(tolerance=1e-6, near=1e-3),),
)

EXERCISE.wrong_values(
    asked=16,
    hidden=4,
    hidden_without_floor=2,
    share=0.125,
    percent=12.5,
    upwards=32,
    multiplied=64,
    subtracted=12,
    added=20,
    nothing_reduced=1,
    both=(16, 8),
    in_words="eight",
)
EXERCISE.accepted_values(decimal=8.0, fraction=Fraction(32, 4))
