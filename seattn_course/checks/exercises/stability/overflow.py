"""stability.overflow: after how many residual gates with alpha = 1 float16 has no number left."""

import math

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Number


def blocks():
    largest = 65504
    return math.ceil(math.log(largest) / math.log(1.5))


EXERCISE = Exercise(
    id="stability.overflow",
    kind="number",
    name="blocks",
    reference=blocks,
    equivalent_mutants={
        "`largest = 65504` → `largest = 65505`": "no power of 1.5 lies between",
        "`largest = 65504` → `largest = 65503`": "no power of 1.5 lies between",
    },
    probes=(Number(tolerance=1e-6, near=0.01),),
)

EXERCISE.wrong_values(
    one_short=27,
    not_rounded=27.35,
    one_more=29,
    doubled=16,
    doubled_strictly=17,
    squared=14,
    squared_short=13,
    added=131007,
    divided=43670,
    divided_up=43669.33,
    float32_instead=219,
    base_e=12,
    full_gate_short=15,
    the_limit=65504,
    never=0,
)
EXERCISE.accepted_values(as_float=28.0, rounded_up=-(-27.35 // 1))
