"""se_by_hand.choose_w2: weights that open the first gate, close the second and leave the third half open."""

import numpy as np

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import ArrayProperty

H = 0.7


def choose_w2():
    return np.array([4.0, -4.0, 0.0])


def _fits(gates):
    return gates[0] > 0.9, gates[1] < 0.1, 0.45 < gates[2] < 0.55


def _mistake(W2):
    """None if the three gates are as asked, else the likeliest way to have got them wrong."""
    with np.errstate(over="ignore"):
        gates = 1 / (1 + np.exp(-W2 * H))
        without_h = 1 / (1 + np.exp(-W2))
    first, second, third = _fits(gates)
    if first and second and third:
        return None
    if gates[0] < 0.1 and gates[1] > 0.9:
        return "reversed"
    if not W2.any():
        return "all_zero"
    if (W2 >= 0).all() and (W2 <= 1).all():
        return "gates_given"
    if gates[0] > 0.88 and gates[1] < 0.12 and third:
        return "at_the_edge"
    if all(_fits(without_h)) and not first and not second:
        return "h_forgotten"
    if all(_fits(gates[[0, 2, 1]])):
        return "second_third_swapped"
    if first and second:
        return "half_weight" if 0.45 <= W2[2] <= 0.55 else "third_off"
    if W2[1] >= 0:
        return "second_not_negative"
    return "second_weak" if first else "first_weak" if second else "both_weak"


EXERCISE = Exercise(
    id="se_by_hand.choose_w2",
    kind="array",
    name="W2",
    reference=choose_w2,
    probes=(ArrayProperty((3,), _mistake),),
    equivalent_mutants={
        "`return np.array([4.0, -4.0, 0.0])` → `return [4.0, -4.0, 0.0]`": "a list of numbers is read as an array",
        "`return np.array([4.0, -4.0, 0.0])` → `return np.array([5.0, -4.0, 0.0])`": "the first gate is 0.97",
        "`return np.array([4.0, -4.0, 0.0])` → `return np.array([4.0, -5.0, 0.0])`": "the second gate is 0.03",
    },
)

EXERCISE.wrong_values(
    reversed=np.array([-4.0, 4.0, 0.0]),
    all_zero=np.zeros(3),
    gates_given=np.array([0.95, 0.05, 0.5]),
    h_forgotten=np.array([2.5, -2.5, 0.0]),
    at_the_edge=np.array([np.log(9) / H, -3.0, 0.0]),
    second_third_swapped=np.array([4.0, 0.0, -4.0]),
    half_weight=np.array([4.0, -4.0, 0.5]),
    third_off=np.array([4.0, -4.0, 1.0]),
    second_not_negative=np.array([4.0, 0.1, 0.0]),
    second_weak=np.array([4.0, -1.0, 0.0]),
    first_weak=np.array([1.0, -4.0, 0.0]),
    both_weak=np.array([1.0, -1.0, 0.0]),
    column=np.array([[4.0], [-4.0], [0.0]]),
    one_weight=4.0,
)
EXERCISE.accepted_values(
    just_enough=np.array([3.2, -3.2, 0.2]),
    as_list=[10, -10, 0],
    large=np.array([1e4, -1e4, -0.1]),
)
