"""se_by_hand.dead_hidden: weights that make the hidden value negative, so that the ReLU cuts it."""

import numpy as np

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import ArrayProperty

Z = np.array([2.0, 0.5, 1.0])
Z_OF_THE_FIRST_EXERCISE = np.array([1.0, 2.0, 0.5])
W1_OF_THE_LESSON = np.array([0.2, 0.4, 0.1])
ROUNDING = 1e-9


def dead_hidden():
    return np.array([-1.0, 0.0, 0.0])


def _mistake(W1):
    """None if W1·z is negative, else the likeliest way to have got it wrong."""
    u = W1 @ Z
    if u < -ROUNDING:
        return None
    if not W1.any():
        return "all_zero"
    if u <= ROUNDING:
        return "exactly_zero"
    if W1.sum() < -ROUNDING:
        return "sum_negative"
    if W1 @ Z_OF_THE_FIRST_EXERCISE < -ROUNDING:
        return "other_z"
    if (W1 < 0).any():
        return "outweighed"
    return "lesson" if np.allclose(W1, W1_OF_THE_LESSON) else "no_negative"


EXERCISE = Exercise(
    id="se_by_hand.dead_hidden",
    kind="array",
    name="W1",
    reference=dead_hidden,
    probes=(ArrayProperty((3,), _mistake),),
    equivalent_mutants={
        "`return np.array([-1.0, 0.0, 0.0])` → `return [-1.0, 0.0, 0.0]`": "a list of numbers is read as an array",
        "`return np.array([-1.0, 0.0, 0.0])` → `return np.array([-2.0, 0.0, 0.0])`": "W1·z = -4 is negative too",
        "`return np.array([-1.0, 0.0, 0.0])` → `return np.array([-1.0, 1, 0.0])`": "W1·z = -1.5 is negative too",
        "`return np.array([-1.0, 0.0, 0.0])` → `return np.array([-1.0, 0.0, 1])`": "W1·z = -1 is negative too",
    },
)

EXERCISE.wrong_values(
    all_zero=np.zeros(3),
    exactly_zero=np.array([-1.0, 0.0, 2.0]),
    sum_negative=np.array([1.0, -3.0, 0.0]),
    other_z=np.array([0.6, -0.5, 0.0]),
    outweighed=np.array([1.0, -0.1, 0.2]),
    lesson=np.array([0.2, 0.4, 0.1]),
    no_negative=np.array([0.5, 0.5, 0.5]),
    row=np.array([[-1.0, 0.0, 0.0]]),
    hidden_value=-2.0,
    one_weight=np.array([-1.0]),
    infinite=np.array([-np.inf, 0.0, 0.0]),
)
EXERCISE.accepted_values(
    all_negative=[-0.2, -0.4, -0.1],
    one_positive=np.array([-1.0, 3.0, 0.2]),
    whole_numbers=(-1, -1, 1),
)
