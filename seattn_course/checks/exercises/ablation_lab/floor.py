"""ablation_lab.floor: eight comparisons, six seeds, Bonferroni: who survives?"""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import Choice


def prediction():
    return "c"


EXERCISE = Exercise(
    id="ablation_lab.floor",
    kind="prediction",
    name="prediction",
    reference=prediction,
    probes=(Choice("abcd"),),
)

EXERCISE.wrong_values(
    all_eight="a",
    the_largest="b",
    depends_on_effect="d",
    how_many=0,
    how_many_in_words="none",
    the_p=0.25,
    the_floor=0.03125,
    hedged="cd",
    position=3,
    no_such_letter="e",
)
EXERCISE.accepted_values(capital="C", with_blank=" c ")
