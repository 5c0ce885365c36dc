"""Which known mistake is it? The failing answer is compared with the exercise's wrong answers, run alike."""

from collections.abc import Iterator
from typing import Any

from seattn_course.checks.bench import Bench
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


def _benches(bench: Bench) -> Iterator[tuple[str, Bench]]:
    for wrong in bench.exercise.wrong_answers:
        yield wrong.key, Bench(bench.exercise, wrong.answer, Guard(SECONDS), bench.seed, bench.model)


def diagnose(bench: Bench, observations: dict[str, list[Any]], failed: str) -> str | None:
    """The key of the known wrong answer that behaves like the one on the bench, or None.

    An answer that agrees with a known one under every probe is that mistake. Failing that, one that agrees
    under the probe that objected and all before it is, provided that no other agrees better: a learner may
    have made two mistakes, and is told of the one that shows.
    """
    probes = [probe for probe in bench.exercise.probes if probe.name in observations]
    names = [probe.name for probe in probes]
    # The probe that objected comes first: most known answers differ there, and are done with.
    needed = [probes[names.index(failed)], *probes[: names.index(failed)]]
    others = probes[len(needed) :]
    best: list[str] = []
    best_score = -1
    for key, other in _benches(bench):

        def agrees(probe: Probe, other: Bench = other) -> bool:
            return alike(probe, observe(probe, other), observations[probe.name])

        if not all(map(agrees, needed)):
            continue
        score = sum(map(agrees, others))
        if score == len(others):
            return key
        if score > best_score:
            best, best_score = [key], score
        elif score == best_score:
            best.append(key)
    return best[0] if len(best) == 1 else None
