"""se_block.mean_gate: the mean of a softmax over 64 channels."""

from fractions import Fraction

import torch

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Number


def mean_gate():
    channels = 64
    return 1 / channels


EXERCISE = Exercise(
    id="se_block.mean_gate",
    kind="number",
    name="mean_gate",
    reference=mean_gate,
    probes=(Number(tolerance=1e-4, near=3e-5, otherwise="predicted"),),
)

EXERCISE.wrong_values(
    as_sigmoid=0.5,
    sum_not_mean=1.0,
    channels=64,
    closed=0.0,
    reduced=1 / 16,
    hidden=1 / 4,
    half_of_it=1 / 128,
    without_itself=1 / 63,
    slipped=0.15625,
    percent=1.5625,
    percent_rounded=1.56,
    rounded_away=0.02,
    three_decimals=0.016,
    cut_off=0.015,
    cut_off_early=0.01,
    quoted="1/64",
)
EXERCISE.accepted_values(
    short=0.0156,
    computed=torch.softmax(torch.linspace(-2, 2, 64), 0).mean(),
    fraction=Fraction(1, 64),
)
