"""se_in_networks.overhead: how much slower a network is with SE, measured in turn on a restless machine."""

import statistics
import time
from typing import Any

import numpy as np

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import difference, observed
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.workshop import TwoJobs


def overhead(plain, with_se, clock, rounds=5):
    plain()
    with_se()
    ratios = []
    for _ in range(rounds):
        start = clock()
        plain()
        middle = clock()
        with_se()
        ratios.append((clock() - middle) / (middle - start))
    return statistics.median(ratios) - 1


def _call(second, slowness, note=None, **kwargs):
    jobs = TwoJobs(8.0, second, slowness)
    return Case((jobs.f, jobs.g, jobs.clock), kwargs, note=note)


def _cases(generator):
    return [
        # The first round is the warm-up; a machine that is slow for a while, and one reading that went wrong.
        _call((20.0, 8.5, 9.0, 8.25, 40.0, 8.75), (3.0, 1.0, 1.5, 5.0, 2.0, 1.25)),
        _call((30.0, 10.0, 9.0, 9.5, 16.0, 8.0, 11.0, 12.0), (2.0, 1.0, 4.0, 1.0, 2.5, 3.0, 1.0, 1.0), rounds=7),
        _call((25.0, 9.0, 10.0, 12.0, 11.0), (1.0, 1.0, 2.0, 6.0, 1.5), note="even", rounds=4),
        _call((30.0, 8.0), (2.0, 1.5), rounds=1),
    ]


def _one(generator):
    return [_call((9.0, 8.5, 10.0), (1.0, 2.0), rounds=2)]


class Measurement(CaseProbe):
    """The median of the rounds' ratios, how often and in what order each job was called, and the clock handed in."""

    def __init__(self, cases):
        super().__init__("measurement", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        args = fresh_arguments(case)
        result = observed(bench.call(case, bench.subject, args))
        if isinstance(result, Raised):
            return result
        jobs = args[0].__self__
        calls = [jobs.calls.count("a"), jobs.calls.count("b")]
        if jobs.clock_read == 0:
            return ["clock_unused", calls, "in turn"]
        rounds = [set(jobs.calls[i : i + 2]) for i in range(0, len(jobs.calls), 2)]
        return [result, calls, "in turn" if all(pair == {"a", "b"} for pair in rounds) else "apart"]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found[0] == "clock_unused":
            return own_finding("clock_unused", bench, case)
        if found[1] != expected[1]:
            plain, with_se = found[1]
            return own_finding("calls", bench, case, expected=expected[1][0], plain=plain, with_se=with_se)
        if found[2] == "apart":
            return own_finding("apart", bench, case)
        return difference(bench, case, expected[0], found[0])


EXERCISE = Exercise(
    id="se_in_networks.overhead",
    kind="function",
    name="overhead",
    reference=overhead,
    probes=(Contract(_one), Measurement(_cases)),
)


def _rounds(plain, with_se, clock, rounds):
    """(seconds of plain, seconds of with_se) for each round, measured in turn."""
    readings = []
    for _ in range(rounds):
        start = clock()
        plain()
        middle = clock()
        with_se()
        readings.append((middle - start, clock() - middle))
    return readings


def _wrong(key, summary):
    """Registers another summary of readings that were taken as they should be."""

    def answer(plain, with_se, clock, rounds=5):
        plain()
        with_se()
        return summary(_rounds(plain, with_se, clock, rounds))

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _median(values):
    return statistics.median(list(values))


_wrong("ratio_not_share", lambda readings: _median(b / a for a, b in readings))
_wrong("upside_down", lambda readings: _median(a / b for a, b in readings) - 1)
_wrong("share_of_the_whole", lambda readings: _median((b - a) / b for a, b in readings))
_wrong("seconds", lambda readings: _median(b - a for a, b in readings))
_wrong("percent", lambda readings: 100 * (_median(b / a for a, b in readings) - 1))
_wrong("mean_of_ratios", lambda readings: statistics.mean(b / a for a, b in readings) - 1)
_wrong("best_ratio", lambda readings: min(b / a for a, b in readings) - 1)
_wrong("ratio_of_medians", lambda readings: _median(b for _, b in readings) / _median(a for a, _ in readings) - 1)
_wrong("ratio_of_sums", lambda readings: sum(b for _, b in readings) / sum(a for a, _ in readings) - 1)
_wrong("ratio_of_minima", lambda readings: min(b for _, b in readings) / min(a for a, _ in readings) - 1)
_wrong("all_ratios", lambda readings: [b / a - 1 for a, b in readings])
_wrong("upper_middle", lambda readings: sorted(b / a for a, b in readings)[len(readings) // 2] - 1)


@EXERCISE.wrong("no_warm_up")
def _no_warm_up(plain, with_se, clock, rounds=5):
    return _median(b / a for a, b in _rounds(plain, with_se, clock, rounds)) - 1


@EXERCISE.wrong("warm_up_counted")
def _warm_up_counted(plain, with_se, clock, rounds=5):
    return _median(b / a for a, b in _rounds(plain, with_se, clock, rounds + 1)) - 1


@EXERCISE.wrong("one_after_the_other")
def _one_after_the_other(plain, with_se, clock, rounds=5):
    readings = []
    for job in (plain, with_se):
        job()
        times = []
        for _ in range(rounds):
            start = clock()
            job()
            times.append(clock() - start)
        readings.append(times)
    return _median(b / a for a, b in zip(*readings)) - 1


def _apart(summary):
    """All rounds of plain, then all of with_se, after a warm-up of both."""

    def answer(plain, with_se, clock, rounds=5):
        plain()
        with_se()
        readings = []
        for job in (plain, with_se):
            times = []
            for _ in range(rounds):
                start = clock()
                job()
                times.append(clock() - start)
            readings.append(times)
        return summary(*readings)

    return answer


EXERCISE.wrong("one_after_the_other_by_number")(_apart(lambda a, b: _median(y / x for x, y in zip(a, b)) - 1))
EXERCISE.wrong("one_after_the_other_medians")(_apart(lambda a, b: _median(b) / _median(a) - 1))
EXERCISE.wrong("one_after_the_other_sums")(_apart(lambda a, b: sum(b) / sum(a) - 1))


@EXERCISE.wrong("rounds_ignored")
def _rounds_ignored(plain, with_se, clock, rounds=5):
    plain()
    with_se()
    return _median(b / a for a, b in _rounds(plain, with_se, clock, 5)) - 1


@EXERCISE.wrong("own_clock")
def _own_clock(plain, with_se, clock, rounds=5):
    plain()
    with_se()
    return _median(b / max(a, 1e-9) for a, b in _rounds(plain, with_se, time.perf_counter, rounds)) - 1


@EXERCISE.accepted
def se_first(plain, with_se, clock, rounds=5):
    for job in (with_se, plain):
        job()
    ratios = np.empty(rounds)
    for i in range(rounds):
        before = clock()
        with_se()
        slow = clock() - before
        before = clock()
        plain()
        ratios[i] = slow / (clock() - before) - 1
    return np.median(ratios)


@EXERCISE.accepted
def sorted_by_hand(plain, with_se, clock, rounds=5):
    plain(), with_se()
    grown = sorted((b - a) / a for a, b in _rounds(plain, with_se, clock, rounds))
    return (grown[rounds // 2] + grown[(rounds - 1) // 2]) / 2
