"""se_plus_plus_v2.enough_alpha: how large alpha must be for one pattern to outvote four others."""

import numpy as np

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Number


def enough_alpha():
    others = 4
    # 1 + alpha for the one that counts against 1 for each of the others
    return others - 1.0


EXERCISE = Exercise(
    id="se_plus_plus_v2.enough_alpha",
    kind="number",
    name="enough_alpha",
    reference=enough_alpha,
    probes=(Number(tolerance=1e-6, near=0.01),),
)

EXERCISE.wrong_values(
    own_share_forgotten=4,
    all_five=5,
    of_the_lesson=1,
    three_patterns=2,
    closing=-1,
    closing_sign=-3,
    average_gate=6,
    above_the_limit=3.5,
    nothing_needed=0,
    average_of_all_five=8,
    in_words="three",
)
EXERCISE.accepted_values(whole=3, from_numpy=np.float64(3.0))
