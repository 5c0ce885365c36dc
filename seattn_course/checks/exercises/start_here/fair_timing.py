"""start_here.fair_timing: the median of several timed calls, after some that are not timed."""

import statistics
import time
from typing import Any

import numpy as np
import torch

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import difference, observed
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.workshop import Workshop


def median_time(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    durations = []
    for _ in range(repeats):
        start = clock()
        f()
        durations.append(clock() - start)
    durations.sort()
    middle = repeats // 2
    if repeats % 2 == 1:
        return durations[middle]
    return (durations[middle - 1] + durations[middle]) / 2


def _call(*durations, note=None, **kwargs):
    workshop = Workshop(*durations)
    return Case((workshop.f, workshop.clock), kwargs, note=note)


def _cases(generator):
    return [
        _call(9.0, 8.0, 1.0, 3.0, 2.0, 7.0, 1.5),
        _call(9.0, 1.0, 4.0, 2.5, 7.0, 3.0, repeats=4, warmup=1, note="even"),
        _call(6.0, 2.0, 5.0, 3.0, 1.0, repeats=3, warmup=0),
        _call(9.0, 8.0, 7.0, 4.0, 2.0, 3.0, repeats=1, warmup=4),
    ]


def _one(generator):
    return [_call(2.0, 1.0, 3.0, 1.5)]


class Timing(CaseProbe):
    """The median, the number of calls of ``f``, and that the time was read from the clock handed in."""

    def __init__(self, cases):
        super().__init__("timing", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        args = fresh_arguments(case)
        result = _as_number(observed(bench.call(case, bench.subject, args)))
        if isinstance(result, Raised):
            return result
        workshop = args[0].__self__
        if workshop.clock_read == 0:
            return ["clock_unused", workshop.work_done]
        return [result, workshop.work_done]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found[0] == "clock_unused":
            return own_finding("clock_unused", bench, case)
        if found[1] != expected[1]:
            return own_finding("calls", bench, case, expected=expected[1], found=found[1])
        return difference(bench, case, expected[0], found[0])


def _as_number(result):
    return result.item() if isinstance(result, torch.Tensor) and result.ndim == 0 else result


class NumberContract(Contract):
    """The contract, with a tensor in the place of a number; whether it holds a single one, Timing looks at."""

    def observe_case(self, bench: Bench, case: Case) -> Any:
        found = super().observe_case(bench, case)
        return "float" if found == "Tensor" else found


EXERCISE = Exercise(
    id="start_here.fair_timing",
    kind="function",
    name="median_time",
    reference=median_time,
    probes=(NumberContract(_one), Timing(_cases)),
)


def _durations(f, clock, repeats):
    times = []
    for _ in range(repeats):
        start = clock()
        f()
        times.append(clock() - start)
    return times


@EXERCISE.wrong("warmup_timed")
def _warmup_timed(f, clock, repeats=5, warmup=2):
    return statistics.median(_durations(f, clock, warmup + repeats))


@EXERCISE.wrong("no_warmup")
def _no_warmup(f, clock, repeats=5, warmup=2):
    return statistics.median(_durations(f, clock, repeats))


@EXERCISE.wrong("one_warmup")
def _one_warmup(f, clock, repeats=5, warmup=2):
    f()
    return statistics.median(_durations(f, clock, repeats))


@EXERCISE.wrong("mean")
def _mean(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    return statistics.mean(_durations(f, clock, repeats))


@EXERCISE.wrong("minimum")
def _minimum(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    return min(_durations(f, clock, repeats))


@EXERCISE.wrong("total")
def _total(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    return sum(_durations(f, clock, repeats))


@EXERCISE.wrong("upper_middle")
def _upper_middle(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    return sorted(_durations(f, clock, repeats))[repeats // 2]


@EXERCISE.wrong("lower_middle")
def _lower_middle(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    return sorted(_durations(f, clock, repeats))[(repeats - 1) // 2]


@EXERCISE.wrong("sort_assigned")
def _sort_assigned(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    times = _durations(f, clock, repeats)
    times = times.sort()
    return times[repeats // 2]


@EXERCISE.wrong("clock_not_called")
def _clock_not_called(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    start = clock
    f()
    return clock - start


@EXERCISE.wrong("start_not_called")
def _start_not_called(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    start = clock
    f()
    return clock() - start


@EXERCISE.wrong("not_sorted")
def _not_sorted(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    times = _durations(f, clock, repeats)
    return (times[(repeats - 1) // 2] + times[repeats // 2]) / 2


@EXERCISE.wrong("own_clock")
def _own_clock(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    return statistics.median(_durations(f, time.perf_counter, repeats))


@EXERCISE.wrong("work_outside")
def _work_outside(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    times = []
    for _ in range(repeats):
        start = clock()
        stop = clock()
        f()
        times.append(stop - start)
    return statistics.median(times)


@EXERCISE.wrong("started_once")
def _started_once(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    times = []
    start = clock()
    for _ in range(repeats):
        f()
        times.append(clock() - start)
    return statistics.median(times)


@EXERCISE.wrong("negative")
def _negative(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    return -statistics.median(_durations(f, clock, repeats))


@EXERCISE.wrong("all_durations")
def _all_durations(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    return _durations(f, clock, repeats)


@EXERCISE.accepted
def with_statistics(f, clock, repeats=5, warmup=2):
    [f() for _ in range(warmup)]
    return statistics.median(_durations(f, clock, repeats))


@EXERCISE.accepted
def with_numpy(f, clock, repeats=5, warmup=2):
    times = np.empty(repeats)
    for i in range(-warmup, repeats):
        before = clock()
        f()
        if i >= 0:
            times[i] = clock() - before
    return np.median(times)


@EXERCISE.accepted
def with_torch(f, clock, repeats=5, warmup=2):
    for _ in range(warmup):
        f()
    return torch.tensor(_durations(f, clock, repeats), dtype=torch.float64).quantile(0.5)
