"""ablation_lab.many_tests: measured on noise, how often at least one of many comparisons looks like a finding."""

import warnings

import numpy as np
from scipy import stats

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.arrays import random_array
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def false_alarms(noise, level=0.05):
    p = stats.ttest_1samp(noise, 0, axis=2).pvalue  # (experiments, comparisons)
    return (p < level).any(axis=1).mean()


def _cases(generator):
    return [
        Case((random_array(generator, 300, 5, 6),)),
        Case((random_array(generator, 200, 9, 10), 0.01)),
        Case((random_array(generator, 150, 3, 5), 0.3)),
        Case((random_array(generator, 160, 1, 8), 0.2)),
    ]


def _one(generator):
    return [Case((random_array(generator, 40, 3, 6),))]


EXERCISE = Exercise(
    id="ablation_lab.many_tests",
    kind="function",
    name="false_alarms",
    reference=false_alarms,
    probes=(Contract(_one), Values(_cases)),
    equivalent_mutants={
        "`return (p < level).any(axis=1).mean()` → `return (p <= level).any(axis=1).mean()`": "no p equals the level",
    },
)


def _wrong(key, summary):
    """Registers another summary of the p-values (experiments, comparisons)."""

    def answer(noise, level=0.05):
        return summary(stats.ttest_1samp(noise, 0, axis=2).pvalue, level)

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


_wrong("per_comparison", lambda p, level: float((p < level).mean()))
_wrong("all_of_them", lambda p, level: float((p < level).all(axis=1).mean()))
_wrong("first_only", lambda p, level: float((p[:, 0] < level).mean()))
_wrong("corrected_already", lambda p, level: float((p < level / p.shape[1]).any(axis=1).mean()))
_wrong("by_formula", lambda p, level: 1 - (1 - level) ** p.shape[1])
_wrong("sum_of_levels", lambda p, level: level * p.shape[1])
_wrong("how_many", lambda p, level: int((p < level).any(axis=1).sum()))
_wrong("percent", lambda p, level: 100 * float((p < level).any(axis=1).mean()))
_wrong("none_of_them", lambda p, level: float((p >= level).all(axis=1).mean()))
_wrong("mean_p", lambda p, level: float((p.mean(axis=1) < level).mean()))
_wrong("findings_an_experiment", lambda p, level: float((p < level).sum(axis=1).mean()))
_wrong("by_comparison", lambda p, level: float((p < level).any(axis=0).mean()))
_wrong("level_ignored", lambda p, level: float((p < 0.05).any(axis=1).mean()))
_wrong("upside_down", lambda p, level: float((p > level).any(axis=1).mean()))


@EXERCISE.wrong("one_sided")
def _one_sided(noise, level=0.05):
    p = stats.ttest_1samp(noise, 0, axis=2, alternative="greater").pvalue
    return float((p < level).any(axis=1).mean())


@EXERCISE.wrong("normal_quantile")
def _normal_quantile(noise, level=0.05):
    t = stats.ttest_1samp(noise, 0, axis=2).statistic
    return float((np.abs(t) > stats.norm.ppf(1 - level / 2)).any(axis=1).mean())


@EXERCISE.wrong("wrong_axis")
def _wrong_axis(noise, level=0.05):
    p = stats.ttest_1samp(noise, 0, axis=0).pvalue
    return float((p < level).any(axis=1).mean())


@EXERCISE.wrong("over_comparisons")
def _over_comparisons(noise, level=0.05):
    with warnings.catch_warnings():  # one comparison has no standard deviation
        warnings.simplefilter("ignore")
        p = stats.ttest_1samp(noise, 0, axis=1).pvalue
    return float((p < level).any(axis=1).mean())


@EXERCISE.accepted
def by_interval(noise, level=0.05):
    ends = stats.ttest_1samp(noise, 0, axis=-1).confidence_interval(1 - level)
    return ((ends.low > 0) | (ends.high < 0)).any(axis=1).mean()


@EXERCISE.accepted
def by_smallest(noise, level=0.05):
    n = noise.shape[-1]
    t = noise.mean(-1) / (noise.std(-1, ddof=1) / np.sqrt(n))
    return float(np.mean(np.abs(t).max(axis=1) > stats.t.ppf(1 - level / 2, n - 1)))
