"""stability.half_power: what ten plain gates leave of a signal whose branches are silent."""

import numpy as np

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Number


def left():
    blocks = 10
    # gamma = 0: each block is x -> 0.5 x
    return 0.5**blocks


EXERCISE = Exercise(
    id="stability.half_power",
    kind="number",
    name="left",
    reference=left,
    probes=(Number(tolerance=3e-5, near=1e-5),),
)

EXERCISE.wrong_values(
    variance_taken=0.25**10,
    one_block=0.5,
    added_up=5,
    divided=0.05,
    p1_instead=1,
    one_block_short=0.5**9,
    one_block_more=0.5**11,
    of_the_lesson=0.5**16,
    the_inverse=1024,
    residual_gate=1.5**10,
    open_bias=0.953**10,
    gamma_one=1 / 3,
    half_the_variance=0.5**5,
    in_percent=0.0977,
    what_is_lost=1 - 0.5**10,
)
EXERCISE.accepted_values(rounded=0.001, from_numpy=np.float32(2.0**-10), three_digits=0.000977)
