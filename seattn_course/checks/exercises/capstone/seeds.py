"""capstone.seeds: how many seeds the interval needs that a claim can stand on."""

import math

from scipy import stats

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Number


def seeds():
    for n in range(2, 100):
        if stats.t.ppf(0.975, n - 1) * 2.2 / math.sqrt(n) <= 2:
            return n


_RULE = "`if stats.t.ppf(0.975, n - 1) * 2.2 / math.sqrt(n) <= 2:` → "
EXERCISE = Exercise(
    id="capstone.seeds",
    kind="number",
    name="seeds",
    reference=seeds,
    equivalent_mutants={
        "`for n in range(2, 100):` → `for n in range(3, 100):`": "two seeds are too few",
        "`for n in range(2, 100):` → `for n in range(1, 100):`": "with one seed there is no interval",
        "`for n in range(2, 100):` → `for n in range(2, 101):`": "eight is found long before",
        "`for n in range(2, 100):` → `for n in range(2, 99):`": "eight is found long before",
        _RULE + "`if stats.t.ppf(0.975, n - 2) * 2.2 / math.sqrt(n) <= 2:`": (
            "at eight seeds a degree of freedom less leaves the interval narrow enough"
        ),
        _RULE + "`if stats.t.ppf(0.975, n - 1) * 2.2 / math.sqrt(n) < 2:`": "no n gives exactly 2",
    },
    probes=(Number(tolerance=1e-6, near=0.01),),
)

EXERCISE.wrong_values(
    normal_quantile=5,
    normal_unrounded=4.65,
    one_sided=6,
    one_sided_normal=4,
    almost=7,
    one_more=9,
    pilot_quantile=10,
    pilot_quantile_df=13,
    full_width=22,
    full_width_normal=19,
    variance_taken=25,
    variance_taken_normal=23,
    unpaired=12,
    one_standard_error=2,
    root_forgotten=3,
    root_forgotten_unrounded=2.16,
    the_ratio=1.1,
)
EXERCISE.accepted_values(as_float=8.0, rounded_up=-(-7.2 // 1))
