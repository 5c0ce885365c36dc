"""Which known mistake is it? The failing answer is compared with the exercise's wrong answers, run alike."""

import operator
from typing import Any

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import WrongAnswer
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


class _Known:
    """A known wrong answer, and what it shows each probe: looked at once, and only where needed."""

    def __init__(self, wrong: WrongAnswer, bench: Bench):
        self.key = wrong.key
        self._bench = Bench(bench.exercise, wrong.answer, Guard(SECONDS), bench.seed, bench.model)
        self._shown: dict[str, list[Any]] = {}

    def shows(self, probe: Probe) -> list[Any]:
        if probe.name not in self._shown:
            self._shown[probe.name] = observe(probe, self._bench)
        return self._shown[probe.name]


class _Memory:
    """The known wrong answers of the exercise that was diagnosed last: a learner tries one several times.

    What they show depends on the exercise and the seed alone, not on the learner's answer. How a state is
    carried over is settled by the probe that looks first, hence a set of them for each probe that may object.
    """

    def __init__(self):
        self._made_for: tuple = ()
        self._by_failed: dict[str, list[_Known]] = {}

    def known(self, bench: Bench, failed: str) -> list[_Known]:
        made_for = (bench.exercise, bench.seed, *bench.exercise.probes, *bench.exercise.wrong_answers)
        if len(made_for) != len(self._made_for) or not all(map(operator.is_, made_for, self._made_for)):
            self._made_for, self._by_failed = made_for, {}
        if failed not in self._by_failed:
            self._by_failed[failed] = [_Known(wrong, bench) for wrong in bench.exercise.wrong_answers]
        return self._by_failed[failed]


_memory = _Memory()


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
    for known in _memory.known(bench, failed):

        def agrees(probe: Probe, known: _Known = known) -> bool:
            return alike(probe, known.shows(probe), observations[probe.name])

        if not all(map(agrees, needed)):
            continue
        score = sum(map(agrees, others))
        if score == len(others):
            return known.key
        if score > best_score:
            best, best_score = [known.key], score
        elif score == best_score:
            best.append(known.key)
    return best[0] if len(best) == 1 else None
