"""placement_and_debugging.clinic: the disease of each of the twelve patients."""

from collections.abc import Mapping
from typing import Any

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.outcome import Message
from seattn_course.checks.probes.base import Finding, Probe, finding
from seattn_course.checks.probes.compare import observed, type_name
from seattn_course.lab.clinic import DISEASES


def diagnoses():
    return {
        "A": "shared_attention",
        "B": "pooled_over_batch",
        "C": "sliced_skip",
        "D": "gate_detached",
        "E": "made_for_input",
        "F": "batch_statistics",
        "G": "activated_branch",
        "H": "dead_hidden",
        "I": "wrong_axis",
        "J": "gate_on_sum",
        "K": "in_place",
        "L": "softmax_gate",
    }


RIGHT = diagnoses()


class Diagnoses(Probe):
    """A dict from the twelve letters to names of diseases. The first patient that is wrong is spoken of.

    The observation is the first thing that is not right, so that two answers with the same first mistake are the
    same mistake, whatever stands behind it.
    """

    name = "diagnoses"

    def observe(self, bench: Bench) -> list[Any]:
        reading = bench.guard.call(self.read, (bench.subject,))
        return [reading if isinstance(reading, Raised) else observed(reading)]

    def judge(self, bench: Bench, expected: list[Any], found: list[Any]) -> Finding | None:
        if isinstance(found[0], Raised):
            return finding("value.unreadable", type=found[0].type, error=found[0].message)
        what, *rest = found[0]
        if what == "right":
            return None
        if what == "empty":
            return Finding(Message("engine.not_attempted"), "not_attempted")
        words = dict(zip(("letter", "said"), rest))
        return Finding(Message(f"{bench.exercise.id}.says.{what}", words))

    @staticmethod
    def read(answer: Any) -> list[str]:
        if not isinstance(answer, Mapping):
            return ["other", type_name(observed(answer))]
        if answer and all(said is ... for said in answer.values()):
            return ["empty"]
        given = {str(letter).strip().upper(): said for letter, said in answer.items() if said is not ...}
        for letter in given:
            if letter not in RIGHT:
                return ["no_patient", letter]
        for letter, disease in RIGHT.items():
            if letter not in given:
                return ["missing", letter]
            said = given[letter]
            word = said.strip().lower() if isinstance(said, str) else ""
            if word not in DISEASES:
                return ["no_disease", letter, str(said)]
            if word != disease:
                return ["wrong_disease", letter, word]
        return ["right"]


EXERCISE = Exercise(
    id="placement_and_debugging.clinic",
    kind="mapping",
    name="diagnoses",
    reference=diagnoses,
    probes=(Diagnoses(),),
)

EXERCISE.wrong_values(
    a_lost_its_projection=RIGHT | {"A": "sliced_skip"},
    a_made_for_input=RIGHT | {"A": "made_for_input"},
    b_dead=RIGHT | {"B": "dead_hidden"},
    b_norm=RIGHT | {"B": "batch_statistics"},
    c_shared=RIGHT | {"C": "shared_attention"},
    c_made_for_input=RIGHT | {"C": "made_for_input"},
    d_dead=RIGHT | {"D": "dead_hidden"},
    e_lost_its_projection=RIGHT | {"E": "sliced_skip"},
    e_shared=RIGHT | {"E": "shared_attention"},
    f_pooled=RIGHT | {"F": "pooled_over_batch"},
    g_on_sum=RIGHT | {"G": "gate_on_sum"},
    g_in_place=RIGHT | {"G": "in_place"},
    h_detached=RIGHT | {"H": "gate_detached"},
    h_pooled=RIGHT | {"H": "pooled_over_batch"},
    i_made_for_input=RIGHT | {"I": "made_for_input"},
    i_softmax=RIGHT | {"I": "softmax_gate"},
    j_in_place=RIGHT | {"J": "in_place"},
    j_activated=RIGHT | {"J": "activated_branch"},
    k_on_sum=RIGHT | {"K": "gate_on_sum"},
    k_activated=RIGHT | {"K": "activated_branch"},
    l_dead=RIGHT | {"L": "dead_hidden"},
    l_wrong_axis=RIGHT | {"L": "wrong_axis"},
    patient_forgotten={letter: disease for letter, disease in RIGHT.items() if letter != "K"},
    upside_down={disease: letter for letter, disease in RIGHT.items()},
    list_of_words=list(RIGHT.values()),
)
EXERCISE.accepted_values(
    other_order=dict(reversed(RIGHT.items())),
    small_letters={letter.lower(): disease for letter, disease in RIGHT.items()},
)
