"""capstone.rubric: which items of the rubric a half page fails."""

import numpy as np
from scipy import stats

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def failed_items(page):
    d, worth = np.array(page["differences"]), page["worth"]
    half = stats.t.ppf(1 - page["level"] / 2, len(d) - 1) * d.std(ddof=1) / len(d) ** 0.5
    better = d.mean() - half > 0
    equal = d.mean() - half > -worth and d.mean() + half < worth
    passes = {
        "plan": len(d) == page["planned"],
        "seeds": len(d) >= 5,
        "control": page["control_parameters"] >= page["parameters"],
        "selection": page["chosen_on"] == "validation",
        "comparisons": page["level"] * page["comparisons"] <= 0.05,
        "claim": {"better": better, "no difference": equal, "open": not better and not equal}[page["claim"]],
    }
    return [item for item, passed in passes.items() if not passed]


SHAPE = np.array([-1.3, -0.8, -0.2, 0.3, 0.7, 1.3])  # six seeds: mean 0, standard deviation 0.98


def _page(mean, spread, claim, taken=6, **changes):
    values = np.resize(SHAPE, taken) * spread + mean
    page = {
        "planned": taken,
        "differences": values.tolist(),
        "worth": 1.0,
        "level": 0.05,
        "comparisons": 1,
        "parameters": 4786,
        "control_parameters": 5022,
        "chosen_on": "validation",
        "claim": claim,
    }
    return Case((page | changes,))


def _cases(generator):
    return [
        _page(3.0, 1.0, "better"),  # [1.97, 4.03]: nothing to object to
        _page(3.0, 1.0, "better", taken=3),
        _page(3.0, 1.0, "better", planned=10),
        _page(3.0, 1.0, "better", planned=5),
        _page(3.0, 0.5, "better", taken=5),
        _page(3.0, 0.3, "better", taken=4),
        _page(3.0, 1.0, "better", control_parameters=4786),
        _page(3.0, 1.0, "better", control_parameters=4785),
        _page(3.0, 1.0, "better", control_parameters=9000),
        _page(3.0, 1.0, "better", chosen_on="test"),
        _page(3.0, 1.0, "better", comparisons=4),
        _page(3.0, 1.0, "better", comparisons=4, level=0.0125),
        _page(3.0, 1.0, "better", comparisons=4, level=0.016),  # 0.05 / 3: one comparison forgotten
        _page(3.0, 1.0, "better", level=0.1),
        _page(3.0, 1.0, "better", level=0.1, comparisons=4),
        _page(3.0, 1.0, "better", level=0.01),
        _page(0.9, 1.0, "better"),  # [-0.13, 1.93]
        _page(0.9, 1.0, "better", level=0.1, comparisons=1),  # [0.09, 1.71]: the level chosen for it
        _page(1.3, 1.0, "better", level=0.0125, comparisons=4),  # [-0.23, 2.83], at 0.05 [0.27, 2.33]
        _page(0.6, 0.3, "better"),  # [0.29, 0.91]: better, and too little to matter
        _page(0.6, 0.3, "no difference"),  # smaller than worth: both may be said
        _page(0.6, 0.3, "open"),
        _page(0.1, 0.5, "no difference"),
        _page(0.1, 0.5, "open"),
        _page(0.2, 3.0, "no difference"),  # [-2.89, 3.29] holds 0, and much else
        _page(0.2, 3.0, "open"),
        _page(-3.0, 1.0, "better"),
        _page(-0.4, 0.8, "no difference"),  # [-1.22, 0.42]: below -worth on one side
        _page(0.4, 0.8, "no difference"),
        _page(0.78, 1.0, "better"),  # half the interval: 1.01; 0.77 with the normal quantile, 0.79 one-sided
        _page(1.0, 1.0, "better"),
        _page(1.1, 1.0, "better"),
        _page(-0.3, 0.1, "no difference"),
        _page(0.2, 3.0, "better", taken=4, planned=8, comparisons=3, chosen_on="test", control_parameters=1),
        _page(0.2, 0.5, "no difference", worth=0.4),
        _page(2.0, 0.5, "no difference", worth=3.0),
        _page(2.0, 0.5, "open", worth=0.5),
        _page(0.6, 1.0, "better", taken=24),  # only the standard error makes it narrow enough
    ]


def _one(generator):
    return [_page(3.0, 1.0, "better")]


EXERCISE = Exercise(
    id="capstone.rubric",
    kind="function",
    name="failed_items",
    reference=failed_items,
    probes=(Contract(_one), Values(_cases)),
    equivalent_mutants={
        "`better = d.mean() - half > 0` → `better = d.mean() - half >= 0`": "no interval ends at exactly 0",
        "`equal = d.mean() - half > -worth and d.mean() + half < worth` → "
        "`equal = d.mean() - half >= -worth and d.mean() + half < worth`": "no interval ends at exactly -worth",
        "`equal = d.mean() - half > -worth and d.mean() + half < worth` → "
        "`equal = d.mean() - half > -worth and d.mean() + half <= worth`": "no interval ends at exactly worth",
    },
)


def _applied(page, **rules):
    """The items that fail when some of them are judged by another rule."""
    failed = failed_items(page)
    for item, rule in rules.items():
        failed = [each for each in failed if each != item] + ([] if rule(page) else [item])
    order = ("plan", "seeds", "control", "selection", "comparisons", "claim")
    return [item for item in order if item in failed]


def _wrong(key, **rules):
    def answer(page):
        return _applied(page, **rules)

    answer.__name__ = "failed_items"
    EXERCISE.wrong(key)(answer)


def _half_width(d, level, quantile=None, error=True):
    q = stats.t.ppf(1 - level / 2, len(d) - 1) if quantile is None else quantile
    return q * np.std(d, ddof=1) / (len(d) ** 0.5 if error else 1)


def _claim(half=lambda page: _half_width(page["differences"], page["level"]), better=None, equal=None, opened=None):
    better = better or (lambda mean, half, worth: mean - half > 0)
    equal = equal or (lambda mean, half, worth: mean - half > -worth and mean + half < worth)
    opened = opened or (lambda *values: not better(*values) and not equal(*values))

    def rule(page):
        values = np.mean(page["differences"]), half(page), page["worth"]
        return {"better": better, "no difference": equal, "open": opened}[page["claim"]](*values)

    return rule


_wrong("more_is_fine", plan=lambda page: len(page["differences"]) >= page["planned"])
_wrong("plan_ignored", plan=lambda page: True)
_wrong("more_than_five", seeds=lambda page: len(page["differences"]) > 5)
_wrong("planned_counted", seeds=lambda page: page["planned"] >= 5)
_wrong("control_may_be_smaller", control=lambda page: True)
_wrong("control_upside_down", control=lambda page: page["control_parameters"] <= page["parameters"])
_wrong("control_larger_only", control=lambda page: page["control_parameters"] > page["parameters"])
_wrong("control_equal_only", control=lambda page: page["control_parameters"] == page["parameters"])
_wrong("test_is_fine", selection=lambda page: True)
_wrong("usual_level", comparisons=lambda page: page["level"] <= 0.05)
_wrong("one_comparison_forgotten", comparisons=lambda page: page["level"] * (page["comparisons"] - 1) <= 0.05)
_wrong("level_divided", comparisons=lambda page: page["level"] / page["comparisons"] <= 0.05)
_wrong("mean_only", claim=_claim(half=lambda page: 0.0))
_wrong("normal_quantile", claim=_claim(half=lambda page: _half_width(
    page["differences"], page["level"], stats.norm.ppf(1 - page["level"] / 2))))  # fmt: skip
_wrong("level_ignored", claim=_claim(half=lambda page: _half_width(page["differences"], 0.05)))
_wrong("one_sided", claim=_claim(half=lambda page: _half_width(page["differences"], 2 * page["level"])))
_wrong("deviation_for_error", claim=_claim(half=lambda page: _half_width(
    page["differences"], page["level"], error=False)))  # fmt: skip
_wrong("better_than_worth", claim=_claim(better=lambda mean, half, worth: mean - half > worth))
_wrong("zero_inside", claim=_claim(equal=lambda mean, half, worth: abs(mean) < half))
_wrong("open_is_modest", claim=_claim(opened=lambda *values: True))
_wrong("upper_end_only", claim=_claim(equal=lambda mean, half, worth: mean + half < worth))


@EXERCISE.wrong("passed_items")
def _passed_items(page):
    order = ("plan", "seeds", "control", "selection", "comparisons", "claim")
    return [item for item in order if item not in failed_items(page)]


@EXERCISE.wrong("first_only")
def _first_only(page):
    return failed_items(page)[:1]


@EXERCISE.wrong("yes_or_no")
def _yes_or_no(page):
    return not failed_items(page)


@EXERCISE.wrong("how_many")
def _how_many(page):
    return len(failed_items(page))


@EXERCISE.wrong("sorted_by_name")
def _sorted_by_name(page):
    return sorted(failed_items(page))


@EXERCISE.accepted
def step_by_step(page):
    d = page["differences"]
    n, m = len(d), sum(d) / len(d)
    half = stats.sem(d) * stats.t.isf(page["level"] / 2, n - 1)
    found = []
    if n != page["planned"]:
        found.append("plan")
    if n < 5:
        found.append("seeds")
    if page["parameters"] > page["control_parameters"]:
        found.append("control")
    if page["chosen_on"] != "validation":
        found.append("selection")
    if page["level"] > 0.05 / page["comparisons"]:
        found.append("comparisons")
    allowed = {"better"} if m > half else set()
    if abs(m) + half < page["worth"]:
        allowed.add("no difference")
    if page["claim"] not in (allowed or {"open"}):
        found.append("claim")
    return found


@EXERCISE.accepted
def as_a_tuple(page):
    return tuple(step_by_step(page))
