"""Which known mistake is it? The failing answer is compared with the exercise's wrong answers, run alike."""

from collections.abc import Iterator
from typing import Any

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Exercise
from seattn_course.checks.guard import Guard, Raised
from seattn_course.checks.probes.base import Probe
from seattn_course.checks.probes.compare import same

# Known wrong answers end by themselves; this only keeps a slow machine from mistaking one for another.
SECONDS = 30.0


def alike(probe: Probe, a: list[Any], b: list[Any]) -> bool:
    """Whether two answers look the same to this probe."""
    special = getattr(probe, "alike", None)
    return special(a, b) if special else same(a, b)


def observe(probe: Probe, bench: Bench) -> list[Any]:
    """The probe's observations of an answer known to be wrong, which it may not be able to look at."""
    try:
        return probe.observe(bench)
    except Exception as error:
        return [Raised("unobservable", type(error).__name__)]


def _benches(exercise: Exercise, seed: int, model: Bench) -> Iterator[tuple[str, Bench]]:
    for wrong in exercise.wrong_answers:
        yield wrong.key, Bench(exercise, wrong.answer, Guard(SECONDS), seed, model)


def diagnose(
    exercise: Exercise, observations: dict[str, list[Any]], failed: str, model: Bench, seed: int
) -> str | None:
    """The key of the known wrong answer that behaves like this one, or None.

    An answer that agrees with a known one under every probe is that mistake. Failing that, one that agrees
    under the probe that objected is, provided that no other agrees better: a learner may have made two
    mistakes, and is told of the one that shows.
    """
    probes = {probe.name: probe for probe in exercise.probes}
    first = probes.pop(failed)
    best: list[str] = []
    best_score = -1
    for key, bench in _benches(exercise, seed, model):
        if not alike(first, observe(first, bench), observations[failed]):
            continue
        compared = [probes[name] for name in observations if name in probes]
        score = sum(alike(probe, observe(probe, bench), observations[probe.name]) for probe in compared)
        if score == len(compared):
            return key
        if score > best_score:
            best, best_score = [key], score
        elif score == best_score:
            best.append(key)
    return best[0] if len(set(best)) == 1 else None
