"""se_by_hand.rounding: three decimals of a gate. A source of the course prints 0.586, which is cut, not rounded."""

from decimal import Decimal

import numpy as np
import torch

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Number


def rounded():
    return round(0.586618, 3)


EXERCISE = Exercise(
    id="se_by_hand.rounding",
    kind="number",
    name="rounded",
    reference=rounded,
    # float32 holds 0.587 to about 1e-8.
    probes=(Number(tolerance=5e-8, near=1e-7, otherwise="rounded"),),
)

EXERCISE.wrong_values(
    cut_off=0.586,
    not_rounded=0.586618,
    two_decimals=0.59,
    one_decimal=0.6,
    four_decimals=0.5866,
    four_decimals_up=0.5867,
    five_decimals=0.58662,
    two_up=0.588,
    percent=58.7,
    thousandths=587,
    other_gate=0.668,
    whole=1,
    comma="0,587",
    quoted="0.587",
)
EXERCISE.accepted_values(by_round=round(0.586618, 3), from_numpy=np.round(0.586618, 3))
EXERCISE.accepted_values(
    single=np.float32(0.587), tensor=torch.tensor(0.586618).round(decimals=3), decimal=Decimal("0.587")
)
