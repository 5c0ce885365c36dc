"""ablation_lab.paired_difference: mean and half width of the interval, over the seeds that both models have."""

import math
import statistics

import numpy as np
import torch
from scipy import stats

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def paired_difference(a, b):
    seeds = [seed for seed in a if seed in b]
    d = np.array([a[seed] - b[seed] for seed in seeds])
    n = len(d)
    half = stats.t.ppf(0.975, n - 1) * d.std(ddof=1) / math.sqrt(n)
    return d.mean(), half


def _runs(generator, seeds, mean):
    noise = torch.randn(len(seeds), generator=generator, dtype=torch.float64).tolist()
    return {seed: round(mean + 3 * each, 2) for seed, each in zip(seeds, noise)}


def _cases(generator):
    return [
        Case((_runs(generator, range(10), 70), _runs(generator, range(10), 66))),
        Case((_runs(generator, (4, 0, 3, 1, 2, 9), 90), _runs(generator, (0, 1, 2, 3, 4, 9), 91))),  # other order
        Case((_runs(generator, (7, 1, 2, 5, 4), 55), _runs(generator, (2, 7, 8, 1, 3, 5), 57))),  # runs are missing
    ]


def _one(generator):
    return [Case((_runs(generator, range(5), 70), _runs(generator, range(5), 66)))]


EXERCISE = Exercise(
    id="ablation_lab.paired_difference",
    kind="function",
    name="paired_difference",
    reference=paired_difference,
    probes=(Contract(_one), Values(_cases)),
)


def _wrong(key, of_differences):
    """Registers another result, from the differences of the common seeds."""

    def answer(a, b):
        return of_differences(np.array([a[seed] - b[seed] for seed in a if seed in b]))

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _half(d, quantile=None, ddof=1):
    quantile = stats.t.ppf(0.975, len(d) - 1) if quantile is None else quantile
    return float(quantile * d.std(ddof=ddof) / math.sqrt(len(d)))


_wrong("other_sign", lambda d: (-float(d.mean()), _half(d)))
_wrong("population_sd", lambda d: (float(d.mean()), _half(d, ddof=0)))
_wrong("normal_quantile", lambda d: (float(d.mean()), _half(d, 1.96)))
_wrong("exact_normal", lambda d: (float(d.mean()), _half(d, stats.norm.ppf(0.975))))
_wrong("one_sided", lambda d: (float(d.mean()), _half(d, stats.t.ppf(0.95, len(d) - 1))))
_wrong("n_degrees", lambda d: (float(d.mean()), _half(d, stats.t.ppf(0.975, len(d)))))
_wrong("without_root", lambda d: (float(d.mean()), _half(d) * math.sqrt(len(d))))
_wrong("divided_by_n", lambda d: (float(d.mean()), _half(d) / math.sqrt(len(d))))
_wrong("standard_error", lambda d: (float(d.mean()), _half(d, 1.0)))
_wrong("deviation", lambda d: (float(d.mean()), float(d.std(ddof=1))))
_wrong("full_width", lambda d: (float(d.mean()), 2 * _half(d)))
_wrong("ends", lambda d: (float(d.mean()) - _half(d), float(d.mean()) + _half(d)))
_wrong("median", lambda d: (float(np.median(d)), _half(d)))
_wrong("mean_only", lambda d: float(d.mean()))


@EXERCISE.wrong("by_position")
def _by_position(a, b):
    d = np.array([x - y for x, y in zip(a.values(), b.values())])
    return float(d.mean()), _half(d)


@EXERCISE.wrong("by_position_arrays")
def _by_position_arrays(a, b):
    d = np.array(list(a.values())) - np.array(list(b.values()))
    return float(d.mean()), _half(d)


@EXERCISE.wrong("seeds_of_one")
def _seeds_of_one(a, b):
    d = np.array([a[seed] - b[seed] for seed in a])
    return float(d.mean()), _half(d)


@EXERCISE.wrong("mean_of_all")
def _mean_of_all(a, b):
    d = np.array([a[seed] - b[seed] for seed in a if seed in b])
    return statistics.fmean(a.values()) - statistics.fmean(b.values()), _half(d)


@EXERCISE.wrong("by_rank")
def _by_rank(a, b):
    d = np.array([x - y for x, y in zip(sorted(a.values()), sorted(b.values()))])
    return float(d.mean()), _half(d)


@EXERCISE.wrong("missing_is_zero")
def _missing_is_zero(a, b):
    d = np.array([a.get(seed, 0) - b.get(seed, 0) for seed in a.keys() | b.keys()])
    return float(d.mean()), _half(d)


@EXERCISE.wrong("unpaired")
def _unpaired(a, b):
    seeds = [seed for seed in a if seed in b]
    first, second = (np.array([runs[seed] for seed in seeds]) for runs in (a, b))
    apart = stats.ttest_ind(first, second).confidence_interval()
    return float((first - second).mean()), float(apart.high - apart.low) / 2


@EXERCISE.accepted
def by_scipy(a, b):
    seeds = sorted(a.keys() & b.keys())
    test = stats.ttest_rel([a[s] for s in seeds], [b[s] for s in seeds])
    ends = test.confidence_interval(0.95)
    return (ends.low + ends.high) / 2, (ends.high - ends.low) / 2


@EXERCISE.accepted
def by_hand(a, b):
    d = [a[seed] - b[seed] for seed in set(a) & set(b)]
    error = statistics.stdev(d) / len(d) ** 0.5
    return [statistics.fmean(d), -stats.t(df=len(d) - 1).ppf(0.025) * error]
