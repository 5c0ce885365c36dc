"""capstone.rubric: which items of the lesson's rubric a half page fails."""

import numpy as np
from scipy import stats

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values

ITEMS = ("question", "control", "seeds", "result", "comparisons", "cost", "refutation", "limits")


def failed_items(page):
    d, own, control = np.array(page["differences"]), page["parameters"], page["control_parameters"]
    level = 0.05 / page["compared"]
    half = stats.t.ppf(1 - level / 2, len(d) - 1) * d.std(ddof=1) / len(d) ** 0.5
    told = "better" if d.mean() - half > 0 else "worse" if d.mean() + half < 0 else "open"
    passed = {
        "question": page["matters"] is not None,
        "control": len(page["differs_in"]) == 1 and None not in (own, control) and control >= own,
        "seeds": page["seeds"] >= 6,
        "result": len(d) == page["seeds"] and page["claim"] == told,
        "comparisons": page["shown"] == page["compared"],
        "cost": None not in (own, page["seconds"]),
        "refutation": page["refutation"] == "before",
        "limits": len(page["limits"]) > 0,
    }
    return [item for item in passed if not passed[item]]


SHAPE = np.array([-1.3, -0.8, -0.2, 0.3, 0.7, 1.3])  # six seeds: mean 0, standard deviation 0.98


def _page(mean, spread, claim, seeds=6, **changes):
    page = {
        "matters": 5.0,
        "differs_in": ["attention"],
        "parameters": 4786,
        "control_parameters": 5022,
        "seeds": seeds,
        "differences": (np.resize(SHAPE, seeds) * spread + mean).tolist(),
        "claim": claim,
        "compared": 1,
        "shown": 1,
        "seconds": 0.0123,
        "refutation": "before",
        "limits": ["two made tasks"],
    }
    return Case((page | changes,))


def _cases(generator):
    good = {"mean": 3.0, "spread": 1.0, "claim": "better"}
    return [
        _page(**good),  # [1.97, 4.03]: nothing to object to
        _page(**good, matters=None),
        _page(**good, matters=0.5),
        _page(**good, differs_in=["attention", "steps"]),
        _page(**good, differs_in=[]),
        _page(**good, control_parameters=4786),
        _page(**good, control_parameters=4785),
        _page(**good, control_parameters=9000),
        _page(**good, control_parameters=None),
        _page(**good, parameters=None),
        _page(**good, seconds=None),
        _page(**good, differs_in=["attention", "width"], control_parameters=4000),
        _page(**good, seeds=5),
        _page(**good, seeds=12),
        _page(**good, seeds=12, differences=[2.0, 3.0, 2.5]),
        _page(**good, seeds=6, differences=[2.0, 3.1, 2.5, 2.7, 3.3, 2.9, 3.0]),
        _page(**good, seeds=3, differences=[2.9, 3.0, 3.1, 2.8, 3.2, 3.0]),  # three run, and six shown?
        _page(**good, compared=4),
        _page(**good, compared=4, shown=4),
        _page(**good, compared=2, shown=3),
        _page(**good, refutation="after"),
        _page(**good, refutation=None),
        _page(**good, limits=[]),
        _page(0.0, 3.0, "open"),
        _page(0.0, 3.0, "better"),
        _page(-3.0, 1.0, "worse"),
        _page(-3.0, 1.0, "open"),
        _page(-3.0, 1.0, "better"),
        _page(3.0, 1.0, "open"),  # modest, but not what the interval says
        _page(0.78, 1.0, "better"),  # half the interval: 1.01; 0.77 with the normal quantile, 0.79 one-sided
        _page(1.0, 1.0, "better"),
        _page(1.05, 1.0, "better"),
        _page(1.5, 2.0, "open"),
        _page(-0.3, 1.0, "open"),
        _page(1.3, 1.0, "better", compared=4, shown=4),  # [-0.23, 2.83]; uncorrected [0.27, 2.33]
        _page(1.3, 1.0, "open", compared=4, shown=4),
        _page(1.3, 1.0, "open", compared=4),
        _page(0.6, 1.0, "better", seeds=24),  # only the standard error makes it narrow enough
        _page(1.0, 1.0, "better", seeds=3, matters=None, shown=0, refutation=None, limits=[], seconds=None),
    ]


def _one(generator):
    return [_page(3.0, 1.0, "better")]


_TOLD = "told = 'better' if d.mean() - half > 0 else 'worse' if d.mean() + half < 0 else 'open'"
EXERCISE = Exercise(
    id="capstone.rubric",
    kind="function",
    name="failed_items",
    reference=failed_items,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one)),
    equivalent_mutants={
        f"`{_TOLD}` → `{_TOLD.replace(sign, sign + '=')}`": "no interval ends at exactly 0" for sign in (">", "<")
    },
)


def _wrong(key, **rules):
    """Registers the rubric with some items judged by another rule."""

    def answer(page):
        failed = failed_items(page)
        return [item for item in ITEMS if (not rules[item](page) if item in rules else item in failed)]

    answer.__name__ = "failed_items"
    EXERCISE.wrong(key)(answer)


def _control(enough, one=lambda names: len(names) == 1):
    def rule(page):
        own, control = page["parameters"], page["control_parameters"]
        return one(page["differs_in"]) and own is not None and control is not None and enough(control, own)

    return rule


def _half(page, level=None, quantile=None, error=True):
    d = page["differences"]
    level = 0.05 / page["compared"] if level is None else level
    q = stats.t.ppf(1 - level / 2, len(d) - 1) if quantile is None else quantile
    return q * np.std(d, ddof=1) / (len(d) ** 0.5 if error else 1)


def _result(half=_half, whole=True, allows=lambda told, claim: told == claim):
    def rule(page):
        mean, width = np.mean(page["differences"]), half(page)
        told = "better" if mean > width else "worse" if mean < -width else "open"
        complete = len(page["differences"]) == page["seeds"] or not whole
        return complete and allows(told, page["claim"])

    return rule


_wrong("five_seeds_enough", seeds=lambda page: page["seeds"] >= 5)
_wrong("more_than_six", seeds=lambda page: page["seeds"] > 6)
_wrong("shown_seeds_counted", seeds=lambda page: len(page["differences"]) >= 6)
_wrong("any_number_matters", question=lambda page: page["matters"] is not None and page["matters"] >= 1)
_wrong("question_ignored", question=lambda page: True)
_wrong("confound_overlooked", control=_control(lambda control, own: control >= own, one=lambda names: True))
_wrong("one_at_most", control=_control(lambda control, own: control >= own, one=lambda names: len(names) <= 1))
_wrong("control_may_be_smaller", control=_control(lambda control, own: True))
_wrong("control_upside_down", control=_control(lambda control, own: control <= own))
_wrong("control_larger_only", control=_control(lambda control, own: control > own))
_wrong("control_equal_only", control=_control(lambda control, own: control == own))
_wrong("one_of_the_two", control=lambda page: (
    len(page["differs_in"]) == 1
    or None not in (page["parameters"], page["control_parameters"])
    and page["control_parameters"] >= page["parameters"]
))  # fmt: skip
_wrong("some_seeds_left_out", result=_result(whole=False))
_wrong("mean_only", result=_result(half=lambda page: 0.0))
_wrong("normal_quantile", result=_result(half=lambda page: _half(
    page, quantile=stats.norm.ppf(1 - 0.025 / page["compared"]))))  # fmt: skip
_wrong("not_corrected", result=_result(half=lambda page: _half(page, level=0.05)))
_wrong("corrected_by_the_shown", result=_result(half=lambda page: _half(page, level=0.05 / max(1, page["shown"]))))
_wrong("one_sided", result=_result(half=lambda page: _half(page, level=0.1 / page["compared"])))
_wrong("deviation_for_error", result=_result(half=lambda page: _half(page, error=False)))
_wrong("open_is_modest", result=_result(allows=lambda told, claim: claim in (told, "open")))
_wrong("worse_unknown", result=_result(allows=lambda told, claim: claim == ("better" if told == "better" else "open")))
_wrong("some_comparisons_shown", comparisons=lambda page: page["shown"] > 0)
_wrong("more_shown_is_fine", comparisons=lambda page: page["shown"] >= page["compared"])
_wrong("parameters_are_enough", cost=lambda page: page["parameters"] is not None)
_wrong("one_cost_is_enough", cost=lambda page: (page["parameters"], page["seconds"]) != (None, None))
_wrong("afterwards_is_fine", refutation=lambda page: page["refutation"] is not None)
_wrong("limits_ignored", limits=lambda page: page["limits"] is not None)


@EXERCISE.wrong("passed_items")
def _passed_items(page):
    return [item for item in ITEMS if item not in failed_items(page)]


@EXERCISE.wrong("first_only")
def _first_only(page):
    return failed_items(page)[:1]


@EXERCISE.wrong("yes_or_no")
def _yes_or_no(page):
    return not failed_items(page)


@EXERCISE.wrong("numbers")
def _numbers(page):
    return [ITEMS.index(item) + 1 for item in failed_items(page)]


@EXERCISE.wrong("sorted_by_name")
def _sorted_by_name(page):
    return sorted(failed_items(page))


@EXERCISE.wrong("page_written_on")
def _page_written_on(page):
    page["differences"] = np.array(page["differences"])
    return failed_items(page)


@EXERCISE.accepted
def step_by_step(page):
    d = page["differences"]
    n, mean = len(d), sum(d) / len(d)
    half = stats.sem(d) * stats.t.isf(0.025 / page["compared"], n - 1)
    found = []
    if page["matters"] is None:
        found.append("question")
    sizes = [page["control_parameters"], page["parameters"]]
    if len(page["differs_in"]) != 1 or None in sizes or sizes[0] < sizes[1]:
        found.append("control")
    if page["seeds"] < 6:
        found.append("seeds")
    sign = 0 if abs(mean) <= half else 1 if mean > 0 else -1
    if n != page["seeds"] or {"better": 1, "worse": -1, "open": 0}[page["claim"]] != sign:
        found.append("result")
    if page["compared"] != page["shown"]:
        found.append("comparisons")
    if page["parameters"] is None or page["seconds"] is None:
        found.append("cost")
    if page["refutation"] != "before":
        found.append("refutation")
    if not page["limits"]:
        found.append("limits")
    return found


@EXERCISE.accepted
def with_scipys_interval(page):
    test = stats.ttest_1samp(page["differences"], 0)
    low, high = test.confidence_interval(1 - 0.05 / page["compared"])
    words = {"better": low > 0, "worse": high < 0, "open": low <= 0 <= high}
    fails = (
        page["matters"] is None,
        len(page["differs_in"]) != 1 or (page["control_parameters"] or 0) < (page["parameters"] or float("inf")),
        page["seeds"] < 6,
        not (words[page["claim"]] and page["seeds"] == len(page["differences"])),
        page["shown"] != page["compared"],
        page["seconds"] is None or page["parameters"] is None,
        page["refutation"] in (None, "after"),
        page["limits"] == [],
    )
    return tuple(item for item, fail in zip(ITEMS, fails) if fail)
