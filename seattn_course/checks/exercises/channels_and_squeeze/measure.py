"""channels_and_squeeze.measure: the red channel's mean on the flower over that on the palace."""

import numpy as np

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Number
from seattn_course.lab.photo import FilterBank, photograph


def times_redder():
    red = FilterBank.channels.index("red")
    flower = FilterBank()(photograph("flower")).mean(dim=(2, 3))[0, red]
    palace = FilterBank()(photograph("palace")).mean(dim=(2, 3))[0, red]
    return float(flower / palace)


EXERCISE = Exercise(
    id="channels_and_squeeze.measure",
    kind="number",
    name="times_redder",
    reference=times_redder,
    probes=(Number(tolerance=0.006, near=0.004),),
    equivalent_mutants={
        "`return float(flower / palace)` → `return flower / palace`": "a one-element tensor is read as its number",
    },
)

EXERCISE.wrong_values(
    one_decimal=2.6,
    upside_down=0.39,
    green_channel=4.41,
    blue_channel=2.01,
    dark_channel=2.46,
    bright_channel=0.46,
    of_the_photograph=0.38,
    of_the_maxima=1.72,
    difference=0.12,
    flower_alone=0.20,
    percent=256,
    rounded_means=2.55,
    green_of_the_lesson=4.4,
    dark_of_the_lesson=2.5,
)
EXERCISE.accepted_values(unrounded=2.5621, array=np.array([2.56]))
