"""ablation_lab.sign_flip_bug: a sign-flip test that looks at one side only and leaves out ties, mended."""

from itertools import permutations, product
from typing import Any

import numpy as np
import torch
from scipy import stats

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.compare import is_integer
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def sign_flip(differences):
    d = np.asarray(differences)
    signs = np.array(list(product((1, -1), repeat=len(d))))  # (2^n, n)
    sums = (signs * d).sum(axis=1)  # (2^n,)
    return (np.abs(sums) >= abs(d.sum())).mean()


def _quarters(generator, count, shift=0):
    # Quarters of whole numbers: their sums are exact, so that ties are ties in any order of addition.
    return [each / 4 + shift for each in torch.randint(-12, 13, (count,), generator=generator).tolist()]


def _cases(generator):
    return [
        Case(([1.0, 2.0, 3.0, 4.0, 5.0],)),
        Case(([-1.0, -2.0, -3.0, -2.5, -0.5],)),
        Case(([2.0, -1.0, 1.0, 3.0, 0.25, -0.25],)),
        Case(([1.0, -1.0, 0.5, -0.5],)),
        Case((_quarters(generator, 6),)),
        Case((_quarters(generator, 7, 0.5),)),
    ]


def _one(generator):
    return [Case(([1.0, 2.0, -0.5, 4.0],))]


class Shares(Values):
    """Values; a share that is a whole number is right as well: min(1, ...) gives 1."""

    def observe_case(self, bench: Bench, case: Case) -> Any:
        found = super().observe_case(bench, case)
        return float(found) if is_integer(found) else found


EXERCISE = Exercise(
    id="ablation_lab.sign_flip_bug",
    kind="function",
    name="sign_flip",
    reference=sign_flip,
    probes=(Contract(_one), Shares(_cases)),
    equivalent_mutants={
        "`signs = np.array(list(product((1, -1), repeat=len(d))))` → "
        "`signs = list(product((1, -1), repeat=len(d)))`": "NumPy makes an array of it when it multiplies",
    },
)


def _wrong(key, judge):
    """Registers another judgement of all sums, given the observed one."""

    def answer(differences):
        d = np.asarray(differences)
        signs = np.array(list(product((1, -1), repeat=len(d))))
        return judge((signs * d).sum(axis=1), d.sum())

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


_wrong("as_given", lambda sums, ours: float((sums > ours).mean()))
_wrong("one_sided", lambda sums, ours: float((sums >= ours).mean()))
_wrong("strict", lambda sums, ours: float((np.abs(sums) > abs(ours)).mean()))
_wrong("ours_unsigned", lambda sums, ours: float((sums >= abs(ours)).mean()))
_wrong("ours_signed", lambda sums, ours: float((np.abs(sums) >= ours).mean()))
_wrong("doubled", lambda sums, ours: float(2 * (sums >= abs(ours)).mean()))
_wrong("doubled_signed", lambda sums, ours: float(2 * (sums >= ours).mean()))
_wrong("count", lambda sums, ours: int((np.abs(sums) >= abs(ours)).sum()))
_wrong("nearer", lambda sums, ours: float((np.abs(sums) <= abs(ours)).mean()))
_wrong("complement", lambda sums, ours: 1 - float((np.abs(sums) >= abs(ours)).mean()))
_wrong("plus_one", lambda sums, ours: float(((np.abs(sums) >= abs(ours)).sum() + 1) / (len(sums) + 1)))
_wrong("without_ours", lambda sums, ours: float((np.abs(sums[1:]) >= abs(ours)).mean()))


@EXERCISE.wrong("one_at_a_time")
def _one_at_a_time(differences):
    d = np.asarray(differences)
    sums = np.array([d.sum(), *(d.sum() - 2 * d)])
    return float((np.abs(sums) >= abs(d.sum())).mean())


@EXERCISE.wrong("t_test")
def _t_test(differences):
    return float(stats.ttest_1samp(differences, 0).pvalue)


@EXERCISE.wrong("reordered")
def _reordered(differences):
    d = np.asarray(differences)
    sums = np.array([sum(order) for order in list(permutations(d))[:200]])
    return float((np.abs(sums) >= abs(d.sum())).mean())


@EXERCISE.wrong("signs_only")
def _signs_only(differences):
    d = np.sign(differences)
    signs = np.array(list(product((1, -1), repeat=len(d))))
    return float((np.abs((signs * d).sum(axis=1)) >= abs(d.sum())).mean())


@EXERCISE.accepted
def by_loop(differences):
    bound = abs(sum(differences)) - 1e-12
    patterns = list(product((-1, 1), repeat=len(differences)))
    extreme = [p for p in patterns if abs(sum(s * d for s, d in zip(p, differences))) >= bound]
    return len(extreme) / len(patterns)


@EXERCISE.accepted
def by_halves(differences):
    d = np.asarray(differences)
    signs = np.array(list(product((1, -1), repeat=len(d))))
    means = (signs * d).mean(axis=1)
    return min(1, 2 * np.mean(means >= abs(d.mean()) - 1e-12))
