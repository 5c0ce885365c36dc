"""start_here.first_check: how many axes a batch of images has."""

import numpy as np

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Number


def axes():
    return len("NCHW")


EXERCISE = Exercise(
    id="start_here.first_check",
    kind="number",
    name="axes",
    reference=axes,
    probes=(Number(tolerance=1e-9, near=1e-9),),
)

EXERCISE.wrong_values(
    batch_forgotten=3,
    height_width_only=2,
    channels_forgotten=1,
    one_too_many=5,
    the_shape=(8, 3, 32, 48),
    elements=8 * 3 * 32 * 48,
    batch_size=8,
    named="NCHW",
    quoted="4",
    counted_from_zero=0,
)
EXERCISE.accepted_values(from_numpy=np.int64(4), as_float=4.0)
