"""se_by_hand.hidden: one hidden value on paper."""

import numpy as np

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Number


def hidden():
    z = [1.0, 2.0, 0.5]
    W1 = [0.5, -0.1, 0.4]
    return max(0.0, sum(w * value for w, value in zip(W1, z)))


EXERCISE = Exercise(
    id="se_by_hand.hidden",
    kind="number",
    name="h",
    reference=hidden,
    probes=(Number(tolerance=1e-6, near=0.004),),
    equivalent_mutants={
        "`return max(0.0, sum((w * value for w, value in zip(W1, z))))` → "
        "`return max(0.0, sum((w * value for w, value in zip(z, W1))))`": "a product does not ask for the order",
    },
)

EXERCISE.wrong_values(
    sign_lost=0.9,
    relu_on_products=0.7,
    thought_negative=0.0,
    averaged=0.5 / 3,
    gate=0.6225,
    weights_only=0.8,
    order_reversed=0.45,
    squeeze_of_the_lesson=1.35,
    weights_of_the_lesson=1.05,
    last_term_lost=0.3,
    not_summed=[0.5, -0.2, 0.2],
    relu_turned=-0.5,
)
EXERCISE.accepted_values(from_numpy=np.float64(0.5), one_element=np.array([0.5]))
