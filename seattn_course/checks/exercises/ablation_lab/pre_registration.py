"""ablation_lab.pre_registration: the decision that a plan made before the run."""

from typing import Any

import numpy as np
from scipy import stats

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.base import Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def decide(plan, differences):
    if len(differences) != plan["seeds"]:
        return "broken"
    ends = stats.ttest_1samp(differences, 0).confidence_interval(1 - plan["level"])
    if ends.low > plan["worth"]:
        return "better"
    if ends.high < -plan["worth"]:
        return "worse"
    if -plan["worth"] < ends.low and ends.high < plan["worth"]:
        return "no difference"
    return "open"


WORDS = ("broken", "better", "worse", "no difference", "open")
SHAPE = np.array([-1.3, -0.8, -0.2, 0.3, 0.7, 1.3])  # six seeds: mean 0, standard deviation 0.98


def _case(mean, spread, seeds=6, worth=1.0, level=0.05, taken=6):
    values = np.round(mean + spread * SHAPE, 4).tolist()
    values = (values + values)[:taken]
    return Case(({"seeds": seeds, "worth": worth, "level": level}, values))


def _cases(generator):
    return [
        _case(5.0, 1.0),  # [3.97, 6.03]
        _case(-5.0, 1.0),
        _case(1.5, 1.0),  # [0.47, 2.53]: significant, but is it worth it?
        _case(-1.5, 1.0),
        _case(0.2, 0.4),
        _case(0.0, 3.0),
        _case(1.95, 1.0),  # better only with a narrower interval
        _case(-1.95, 1.0),
        _case(1.87, 1.0),  # better with half the level forgotten, and open with n below the sum of squares
        _case(2.2, 1.0, level=0.01),
        _case(2.2, 1.0, level=0.2),
        _case(0.5, 0.6, level=0.2),
        _case(0.0, 1.05),  # just too wide for "no difference"
        _case(0.6, 0.2),  # significant, and too small to matter
        _case(5.0, 1.0, seeds=10),
        _case(5.0, 1.0, seeds=5),
        _case(1.8, 1.0, taken=12),
        _case(1.8, 1.0, seeds=12, taken=12),
        _case(1.05, 1.0, level=0.2),
        _case(3.0, 2.0, worth=0.5),
        _case(3.0, 2.0, worth=4.0),
        _case(-0.5, 0.8),  # [-1.32, 0.32]: the lower end only
        _case(0.5, 0.8),
    ]


class Decisions(Values):
    """Values; where the word is another one, the sentence shows the interval that was to be judged."""

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if not isinstance(found, str) or found not in WORDS or found == expected:
            return super().judge_case(bench, case, expected, found)
        plan, differences = case.args
        if expected == "broken":
            numbers = {"seeds": plan["seeds"], "taken": len(differences)}
            return own_finding("broken", bench, case, found=found, **numbers)
        low, high = _ends(np.array(differences), plan["level"])
        numbers = {"low": f"{low:.2f}", "high": f"{high:.2f}", "worth": plan["worth"], "level": plan["level"]}
        return own_finding("word", bench, case, expected=expected, found=found, **numbers)


def _one(generator):
    return [_case(5.0, 1.0)]


EXERCISE = Exercise(
    id="ablation_lab.pre_registration",
    kind="function",
    name="decide",
    reference=decide,
    probes=(Contract(_one), Decisions(_cases)),
    equivalent_mutants={
        "`ends = stats.ttest_1samp(differences, 0).confidence_interval(1 - plan['level'])` → "
        "`ends = stats.ttest_1samp(differences, 1).confidence_interval(1 - plan['level'])`": (
            "the interval is the mean's, whatever the mean is compared with"
        ),
        "`if ends.low > plan['worth']:` → `if ends.low >= plan['worth']:`": "no end equals worth",
        "`if ends.high < -plan['worth']:` → `if ends.high <= -plan['worth']:`": "no end equals -worth",
        "`if -plan['worth'] < ends.low and ends.high < plan['worth']:` → "
        "`if -plan['worth'] <= ends.low and ends.high < plan['worth']:`": "no end equals -worth",
        "`if -plan['worth'] < ends.low and ends.high < plan['worth']:` → "
        "`if -plan['worth'] < ends.low and ends.high <= plan['worth']:`": "no end equals worth",
    },
)


def _rule(low, high, worth):
    if low > worth:
        return "better"
    if high < -worth:
        return "worse"
    return "no difference" if -worth < low and high < worth else "open"


def _wrong(key, judge, guard=True):
    """Registers another judgement of differences whose number is right (or, without guard, is not looked at)."""

    def answer(plan, differences):
        if guard and len(differences) != plan["seeds"]:
            return "broken"
        return judge(np.array(differences), plan["worth"], plan["level"])

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _ends(d, level, quantile=None, ddof=1):
    quantile = stats.t.ppf(1 - level / 2, len(d) - 1) if quantile is None else quantile
    half = quantile * d.std(ddof=ddof) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


def _point(d, worth):
    mean = d.mean()
    return "better" if mean > worth else "worse" if mean < -worth else "no difference"


def _zero(d, level):
    low, high = _ends(d, level)
    return "better" if low > 0 else "worse" if high < 0 else "no difference"


def _no_open(d, worth, level):
    found = _rule(*_ends(d, level), worth)
    return "no difference" if found == "open" else found


def _never_worse(d, worth, level):
    found = _rule(*_ends(d, level), worth)
    return "open" if found == "worse" else found


def _significant_and_large(d, worth, level):
    low, high = _ends(d, level)
    if low > 0 or high < 0:
        return _point(d, worth)
    return "no difference" if -worth < low and high < worth else "open"


_wrong("seeds_unchecked", lambda d, worth, level: _rule(*_ends(d, level), worth), guard=False)
_wrong("mean_only", lambda d, worth, level: _point(d, worth))
_wrong("against_zero", lambda d, worth, level: _zero(d, level))
_wrong("level_ignored", lambda d, worth, level: _rule(*_ends(d, 0.05), worth))
_wrong("one_sided", lambda d, worth, level: _rule(*_ends(d, 2 * level), worth))
_wrong("normal_quantile", lambda d, worth, level: _rule(*_ends(d, level, stats.norm.ppf(1 - level / 2)), worth))
_wrong("population_sd", lambda d, worth, level: _rule(*_ends(d, level, ddof=0), worth))
_wrong("level_as_confidence", lambda d, worth, level: _rule(*_ends(d, 1 - level), worth))
_wrong(
    "deviation_for_error", lambda d, worth, level: _rule(d.mean() - d.std(ddof=1), d.mean() + d.std(ddof=1), worth)
)
_wrong("no_open", _no_open)
_wrong("never_worse", _never_worse)
_wrong("significant_and_large", _significant_and_large)
_wrong("upper_end_only", lambda d, worth, level: (
    "no difference" if _rule(*_ends(d, level), worth) == "open" and _ends(d, level)[1] < worth
    else _rule(*_ends(d, level), worth)
))  # fmt: skip


_wrong("interval_returned", lambda d, worth, level: _ends(d, level))
_wrong("yes_or_no", lambda d, worth, level: bool(_ends(d, level)[0] > worth))


@EXERCISE.wrong("more_is_fine")
def _more_is_fine(plan, differences):
    if len(differences) < plan["seeds"]:
        return "broken"
    return _rule(*_ends(np.array(differences), plan["level"]), plan["worth"])


@EXERCISE.wrong("cut_to_plan")
def _cut_to_plan(plan, differences):
    if len(differences) < plan["seeds"]:
        return "broken"
    return _rule(*_ends(np.array(differences[: plan["seeds"]]), plan["level"]), plan["worth"])


@EXERCISE.accepted
def by_hand(plan, differences):
    d, n = np.asarray(differences), len(differences)
    if n != plan["seeds"]:
        return "broken"
    half = stats.t.ppf(1 - plan["level"] / 2, n - 1) * d.std(ddof=1) / n**0.5
    low, high = d.mean() - half, d.mean() + half
    if low > plan["worth"]:
        return "better"
    elif high < -plan["worth"]:
        return "worse"
    return "no difference" if max(-low, high) < plan["worth"] else "open"


@EXERCISE.accepted
def shifted(plan, differences):
    if plan["seeds"] != len(differences):
        return "broken"
    worth, side = plan["worth"], plan["level"] / 2
    d = np.asarray(differences)

    def surely(values):
        return stats.ttest_1samp(values, 0, alternative="greater").pvalue < side

    if surely(d - worth):
        return "better"
    if surely(-d - worth):
        return "worse"
    return "no difference" if surely(d + worth) and surely(worth - d) else "open"
