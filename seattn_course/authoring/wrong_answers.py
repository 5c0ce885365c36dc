"""``seattn wrong-answers``: test the exercise checker on wrong, right and mutated answers; print the table."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, field

from seattn_course.authoring.mutants import mutants
from seattn_course.checks.engine import Expectations, examine
from seattn_course.checks.exercise import Exercise, exercise_ids, load
from seattn_course.checks.guard import Guard, Raised

SEEDS = 5
# A mutant may loop for ever; its time is short, as there are hundreds of them.
MUTANT_SECONDS = 2.0
QUICKLY = {"recognise_course": False, "name_mistake": False}
HEAD = (
    "exercise", "wrong answers", "rejected", "diagnosed", "accepted variants", "passed", "mutants",
    "rejected", "equivalent", "survivors",
)  # fmt: skip


@dataclass
class Row:
    """What one exercise's checker does with its answers; each list holds what went wrong."""

    exercise: Exercise
    not_rejected: list[str] = field(default_factory=list)
    not_diagnosed: list[str] = field(default_factory=list)
    not_accepted: list[str] = field(default_factory=list)
    mutants: int = 0
    equivalent: int = 0
    survivors: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [
            f"{self.exercise.id}: {what}: {entry}"
            for what, entries in (
                ("wrong answer not rejected", self.not_rejected),
                ("wrong answer not diagnosed", self.not_diagnosed),
                ("right answer not accepted", self.not_accepted),
                ("mutant survives", self.survivors),
                ("declared equivalent, but no surviving mutant", self.stale),
            )
            for entry in entries
        ]

    def cells(self) -> list[int]:
        wrong, accepted = len(self.exercise.wrong_answers), len(self.exercise.accepted_answers)
        rejected = self.mutants - self.equivalent - len(self.survivors)
        return [
            wrong,
            wrong - len(self.not_rejected),
            wrong - len(self.not_diagnosed),
            accepted,
            accepted - len(self.not_accepted),
            self.mutants,
            rejected,
            self.equivalent,
            len(self.survivors),
        ]


def judge_wrong(row: Row) -> None:
    """Every wrong answer is rejected, with the sentence meant for it."""
    exercise = row.exercise
    for wrong in exercise.wrong_answers:
        result = examine(exercise, wrong.answer, recognise_course=False)
        if result.outcome not in ("wrong", "error"):
            row.not_rejected.append(f"{wrong.key} ({result.outcome})")
        if result.key != f"{exercise.id}.wrong.{wrong.key}":
            row.not_diagnosed.append(f"{wrong.key} (taken for {result.key})")


def judge_accepted(row: Row, seeds: Iterable[int]) -> None:
    """Every right answer passes at each seed."""
    exercise = row.exercise
    for seed in seeds:
        expectations = Expectations(exercise, seed)
        for name, answer in exercise.accepted_answers.items():
            result = examine(exercise, answer, seed=seed, expectations=expectations, **QUICKLY)
            if not result.passed:
                row.not_accepted.append(f"{name} at seed {seed} ({result.key})")


def judge_mutants(row: Row) -> None:
    """Every mutant is rejected, or declared equivalent in the exercise's file."""
    exercise = row.exercise
    survivors = []
    expectations = Expectations(exercise, 0)
    for mutant in mutants(exercise):
        row.mutants += 1
        answer = mutant.answer
        if exercise.is_value:
            with Guard(MUTANT_SECONDS) as guard:
                answer = guard.call(mutant.answer)
        if isinstance(answer, Raised):
            continue
        result = examine(exercise, answer, seconds=MUTANT_SECONDS, expectations=expectations, **QUICKLY)
        if result.passed:
            survivors.append(mutant.text)
    row.equivalent = len([text for text in survivors if text in exercise.equivalent_mutants])
    row.survivors = [text for text in survivors if text not in exercise.equivalent_mutants]
    row.stale = [text for text in exercise.equivalent_mutants if text not in survivors]


def measure(ids: Iterable[str], seeds: Iterable[int] = range(SEEDS)) -> list[Row]:
    """A filled row for each exercise."""
    rows = []
    for exercise_id in ids:
        row = Row(load(exercise_id))
        judge_wrong(row)
        judge_accepted(row, seeds)
        judge_mutants(row)
        rows.append(row)
    return rows


def table(rows: list[Row]) -> str:
    """The rows and their sum as a Markdown table."""
    lines = [HEAD, ("---", *("---:" for _ in HEAD[1:]))]
    lines += [(f"`{row.exercise.id}`", *row.cells()) for row in rows]
    total = [sum(column) for column in zip(*(row.cells() for row in rows), strict=True)]
    lines.append((f"**{len(rows)} exercises**", *(f"**{number}**" for number in total)))
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``seattn wrong-answers``."""
    parser.add_argument("exercise", nargs="*", help="ids; all exercises by default")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="seeds for each accepted variant")


def run(arguments: argparse.Namespace) -> int:
    """Print the table, then what went wrong; 1 if anything did."""
    rows = measure(arguments.exercise or exercise_ids(), range(arguments.seeds))
    print(table(rows))
    faults = [fault for row in rows for fault in row.faults]
    for fault in faults:
        print(f"- {fault}")
    return 1 if faults else 0
