"""ablation_lab.plan: the runs of an ablation, one factor at a time."""

from itertools import product
from typing import Any

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import observed
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone


def plan(base, factors):
    runs = [dict(base)]
    for name, levels in factors.items():
        for level in levels:
            if level != base[name]:
                runs.append(base | {name: level})
    return runs


BASE = {"squeeze": "avg", "gate": "sigmoid", "temperature": 1.0, "residual": False}
FACTORS = {
    "squeeze": ["avg", "max", "both"],
    "gate": ["hardsigmoid", "sigmoid"],
    "temperature": [0.5, 1.0, 2.0],
    "residual": [False, True],
}


def _cases(generator):
    return [
        Case((BASE, FACTORS)),
        Case(({"width": 24, "r": 8}, {"r": [16, 4], "width": [32]})),  # other order, base not among the levels
        Case(({"width": 24}, {})),
        Case(({"lr": 0.02, "r": 8}, {"lr": [0.01, float("0.02"), 0.05]})),  # equal, and another object
    ]


def _one(generator):
    return [Case((BASE, FACTORS))]


class Runs(CaseProbe):
    """The runs in their order, each in words."""

    def __init__(self, cases):
        super().__init__("runs", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        runs = observed(bench.apply(case))
        if not isinstance(runs, list):
            return runs if isinstance(runs, Raised) else "no list"
        return [_words(run) for run in runs]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if not isinstance(found, list):
            return own_finding("no_list", bench, case)
        if len(found) != len(expected):
            return own_finding("count", bench, case, expected=len(expected), found=len(found))
        for index, (wanted, got) in enumerate(zip(expected, found)):
            if got != wanted:
                return own_finding("run", bench, case, index=index, expected=wanted, found=got)
        return None


def _words(run: Any) -> str:
    if not isinstance(run, dict):
        return type(run).__name__
    return ", ".join(f"{name}={value}" for name, value in sorted(run.items()))


EXERCISE = Exercise(
    id="ablation_lab.plan",
    kind="function",
    name="plan",
    reference=plan,
    probes=(Contract(_one), Runs(_cases), InputLeftAlone(_one)),
    equivalent_mutants={"`runs = [dict(base)]` → `runs = [base]`": "nobody changes it afterwards"},
)


@EXERCISE.wrong("full_grid")
def _full_grid(base, factors):
    return [base | dict(zip(factors, levels)) for levels in product(*factors.values())]


@EXERCISE.wrong("cumulative")
def _cumulative(base, factors):
    runs, current = [dict(base)], dict(base)
    for name, levels in factors.items():
        for level in levels:
            if level != base[name]:
                current = current | {name: level}
                runs.append(current)
    return runs


@EXERCISE.wrong("one_object")
def _one_object(base, factors):
    run = dict(base)
    runs = [run]
    for name, levels in factors.items():
        for level in levels:
            if level != base[name]:
                run[name] = level
                runs.append(run)
    return runs


@EXERCISE.wrong("base_itself")
def _base_itself(base, factors):
    runs = [base]
    for name, levels in factors.items():
        for level in levels:
            if level != base[name]:
                run = base
                run[name] = level
                runs.append(run)
    return runs


@EXERCISE.wrong("updated")
def _updated(base, factors):
    runs = [base]
    for name, levels in factors.items():
        for level in levels:
            if level != base[name]:
                runs.append(base.update({name: level}))
    return runs


@EXERCISE.wrong("copy_updated")
def _copy_updated(base, factors):
    changes = [{name: level} for name, levels in factors.items() for level in levels if level != base[name]]
    return [dict(base), *(dict(base).update(change) for change in changes)]


@EXERCISE.wrong("by_identity")
def _by_identity(base, factors):
    return [base] + [base | {name: v} for name, levels in factors.items() for v in levels if v is not base[name]]


@EXERCISE.wrong("any_value")
def _any_value(base, factors):
    known = list(base.values())
    return [base] + [base | {name: v} for name, levels in factors.items() for v in levels if v not in known]


@EXERCISE.wrong("without_base")
def _without_base(base, factors):
    return plan(base, factors)[1:]


@EXERCISE.wrong("base_last")
def _base_last(base, factors):
    first, *others = plan(base, factors)
    return [*others, first]


@EXERCISE.wrong("base_again")
def _base_again(base, factors):
    return [dict(base), *(base | {name: level} for name, levels in factors.items() for level in levels)]


@EXERCISE.wrong("change_only")
def _change_only(base, factors):
    changes = [{name: level} for name, levels in factors.items() for level in levels if level != base[name]]
    return [dict(base), *changes]


@EXERCISE.wrong("one_level")
def _one_level(base, factors):
    runs = [dict(base)]
    for name, levels in factors.items():
        others = [level for level in levels if level != base[name]]
        runs += [base | {name: level} for level in others[:1]]
    return runs


@EXERCISE.wrong("first_level_skipped")
def _first_level_skipped(base, factors):
    return [dict(base), *(base | {name: level} for name, levels in factors.items() for level in levels[1:])]


@EXERCISE.wrong("as_mapping")
def _as_mapping(base, factors):
    return {f"run {index}": run for index, run in enumerate(plan(base, factors))}


@EXERCISE.wrong("count_only")
def _count_only(base, factors):
    return len(plan(base, factors))


@EXERCISE.wrong("sorted_factors")
def _sorted_factors(base, factors):
    return plan(base, dict(sorted(factors.items())))


@EXERCISE.wrong("base_changed")
def _base_changed(base, factors):
    runs = [dict(base)]
    for name, levels in factors.items():
        usual = base[name]
        for level in levels:
            if level != usual:
                base[name] = level
                runs.append(dict(base))
        base[name] = usual
    base["done"] = True
    return runs


@EXERCISE.accepted
def by_comprehension(base, factors):
    return [base] + [{**base, name: v} for name, levels in factors.items() for v in levels if v != base[name]]


@EXERCISE.accepted
def by_copy(base, factors):
    runs = [base.copy()]
    for name in factors:
        for level in factors[name]:
            run = base.copy()
            run[name] = level
            if run != base:
                runs.append(run)
    return runs
