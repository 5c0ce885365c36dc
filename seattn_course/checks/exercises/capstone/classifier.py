"""capstone.classifier: which stages get SE, and with which r, for a given share of the parameters."""

import itertools
from typing import Any

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import observed, shown
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone


def place_se(stages, base, share, reductions=(4, 8, 16, 32)):
    def count(choice):
        extra = gated = units = 0
        for r, (channels, blocks) in zip(choice, stages):
            if r is not None:
                hidden = max(1, channels // r)
                extra += blocks * (2 * channels * hidden + hidden + channels)
                gated += blocks
                units += blocks * hidden
        return extra, gated, units

    choices = itertools.product((None, *reductions), repeat=len(stages))
    counted = {choice: count(choice) for choice in choices}
    fitting = [choice for choice in counted if counted[choice][0] <= share * base]
    return list(max(fitting, key=lambda choice: counted[choice][1:]))


RESNET50 = ((256, 3), (512, 4), (1024, 6), (2048, 3))
RESNET50_TOTAL = 25_557_032


def _case(stages, base, share, *reductions):
    return Case(([tuple(stage) for stage in stages], base, share, *reductions))


def _cases(generator):
    return [
        _case(RESNET50, RESNET50_TOTAL, 0.04),
        _case(RESNET50, RESNET50_TOTAL, 0.05),
        _case(RESNET50, RESNET50_TOTAL, 0.1),
        _case(((64, 2), (128, 2), (256, 2), (512, 2)), 11_689_512, 0.004),
        _case(((64, 1),), 8 * 580, 0.125),  # exactly one SE with r = 16
        _case(((64, 1),), 8 * 580, 0.1249),
        _case(((64, 1), (16, 3)), 2048, 0.25, (4, 16)),
        _case(((3, 2), (11, 1)), 1000, 0.07, (4, 16)),  # narrow stages: h is never below 1
        _case(((90, 1),), 3060, 1.0, (4,)),  # 90 // 4 = 22: more than the budget
        _case(((100, 5), (40, 2)), 500, 0.0),
        _case(((96, 1), (96, 6), (192, 1)), 40_000, 0.25, (8, 24)),
        _case(((32, 6), (96, 1)), 14_000, 0.25, (8, 16)),
        _case(((64, 1), (48, 1), (40, 1), (96, 4)), 20_400, 0.25, (16, 8)),
        _case(((44, 1), (60, 2)), 5200, 0.25, (8, 16)),
    ]


def _one(generator):
    return [_case(RESNET50, RESNET50_TOTAL, 0.04)]


class Plan(CaseProbe):
    """The plan's form, its extra parameters, its gated blocks and its hidden units: all counted anew."""

    def __init__(self, cases):
        super().__init__("plan", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        plan = bench.apply(case)
        if isinstance(plan, Raised):
            return plan
        stages, base, share, *allowed = case.args
        allowed = allowed[0] if allowed else (4, 8, 16, 32)
        if not isinstance(plan, (list, tuple)) or len(plan) != len(stages):
            return {"form": "length", "plan": observed(plan)}
        for entry in plan:
            if entry is not None and (type(entry) is not int or entry not in allowed):
                return {"form": "entry", "entry": shown(observed(entry)), "plan": observed(plan)}
        chosen = [(c, blocks, max(1, c // r)) for r, (c, blocks) in zip(plan, stages) if r is not None]
        return {
            "form": "plan",
            "extra": sum(blocks * (2 * c * h + h + c) for c, blocks, h in chosen),
            "gated": sum(blocks for _, blocks, _ in chosen),
            "units": sum(blocks * h for _, blocks, h in chosen),
        }

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found["form"] == "length":
            return own_finding("length", bench, case, stages=len(case.args[0]))
        if found["form"] == "entry":
            return own_finding("entry", bench, case, entry=found["entry"])
        _, base, share = case.args[:3]
        if found["extra"] > share * base:
            return own_finding("over", bench, case, extra=found["extra"], budget=int(share * base))
        if found["gated"] < expected["gated"]:
            return own_finding("gated", bench, case, expected=expected["gated"], found=found["gated"])
        if found["units"] < expected["units"]:
            return own_finding("units", bench, case, expected=expected["units"], found=found["units"])
        return None


EXERCISE = Exercise(
    id="capstone.classifier",
    kind="function",
    name="place_se",
    reference=place_se,
    probes=(Contract(_one), Plan(_cases), InputLeftAlone(_one)),
    equivalent_mutants={
        "`return list(max(fitting, key=lambda choice: counted[choice][1:]))` → "
        "`return max(fitting, key=lambda choice: counted[choice][1:])`": "a tuple is a plan as well",
    },
)


def _cost(channels, blocks, r):
    hidden = max(1, channels // r)
    return blocks * (2 * channels * hidden + hidden + channels)


def _searched(cost=_cost, budget=lambda share, base: share * base, value=None, fits=None, hidden=None):
    """place_se with another count of the cost, another budget, another idea of what is best."""
    hidden = hidden or (lambda c, r: max(1, c // r))
    value = value or (lambda chosen: (sum(b for _, b, _ in chosen), sum(b * hidden(c, r) for c, b, r in chosen)))
    fits = fits or (lambda extra, limit, chosen: extra <= limit)

    def answer(stages, base, share, reductions=(4, 8, 16, 32)):
        best, plan = None, [None] * len(stages)
        for choice in itertools.product((None, *reductions), repeat=len(stages)):
            chosen = [(c, blocks, r) for r, (c, blocks) in zip(choice, stages) if r is not None]
            extra = sum(cost(c, blocks, r) for c, blocks, r in chosen)
            if fits(extra, budget(share, base), chosen) and (best is None or value(chosen) > best):
                best, plan = value(chosen), list(choice)
        return plan

    return answer


def _wrong(key, answer):
    answer.__name__ = "place_se"
    EXERCISE.wrong(key)(answer)


def _blocks(chosen):
    return sum(blocks for _, blocks, _ in chosen)


def _units(chosen):
    return sum(blocks * max(1, c // r) for c, blocks, r in chosen)


_wrong("bias_forgotten", _searched(cost=lambda c, b, r: b * 2 * c * max(1, c // r)))
_wrong("one_bias", _searched(cost=lambda c, b, r: b * (2 * c * max(1, c // r) + c)))
_wrong("one_layer", _searched(cost=lambda c, b, r: b * (c * max(1, c // r) + c)))
_wrong("blocks_forgotten", _searched(cost=lambda c, b, r: _cost(c, 1, r)))
_wrong("no_floor", _searched(cost=lambda c, b, r: b * (2 * c * (c // r) + c // r + c)))
_wrong("quotient", _searched(cost=lambda c, b, r: b * (2 * c * (c / r) + c / r + c)))
_wrong("percent", _searched(budget=lambda share, base: share * base / 100))
_wrong("strictly_less", _searched(fits=lambda extra, limit, chosen: extra < limit or not chosen))
_wrong(
    "each_stage_alone",
    _searched(fits=lambda extra, limit, chosen: all(_cost(*stage) <= limit for stage in chosen)),
)
_wrong("units_first", _searched(value=lambda chosen: (_units(chosen), _blocks(chosen))))
_wrong("stages_counted", _searched(value=lambda chosen: (len(chosen), _units(chosen))))
_wrong("cheapest", _searched(value=lambda chosen: (_blocks(chosen), -sum(_cost(*stage) for stage in chosen))))
_wrong("budget_spent", _searched(value=lambda chosen: sum(_cost(*stage) for stage in chosen)))


@EXERCISE.wrong("share_of_the_whole")
def _share_of_the_whole(stages, base, share, reductions=(4, 8, 16, 32)):
    """extra / (base + extra) <= share, which is extra <= base * share / (1 - share)."""
    return place_se(stages, base, share / (1 - share) if share < 1 else float("inf"), reductions)


@EXERCISE.wrong("all_or_nothing")
def _all_or_nothing(stages, base, share, reductions=(4, 8, 16, 32)):
    plan = place_se(stages, base, share, reductions)
    for r in sorted(reductions):
        if sum(_cost(c, blocks, r) for c, blocks in stages) <= share * base:
            return [r] * len(stages)
    return [None] * len(plan)


@EXERCISE.wrong("one_reduction")
def _one_reduction(stages, base, share, reductions=(4, 8, 16, 32)):
    plans = [place_se(stages, base, share, (r,)) for r in sorted(reductions)]
    return max(plans, key=lambda plan: sum(blocks for r, (_, blocks) in zip(plan, stages) if r))


def _greedy(order):
    def answer(stages, base, share, reductions=(4, 8, 16, 32)):
        left, plan = share * base, [None] * len(stages)
        for index in order(range(len(stages))):
            for r in sorted(reductions):
                if _cost(*stages[index], r) <= left:
                    plan[index] = r
                    left -= _cost(*stages[index], r)
                    break
        return plan

    return answer


_wrong("front_first", _greedy(list))
_wrong("last_stage_first", _greedy(reversed))


@EXERCISE.wrong("sixteen_everywhere")
def _sixteen_everywhere(stages, base, share, reductions=(4, 8, 16, 32)):
    return [16] * len(stages)


@EXERCISE.wrong("zero_for_none")
def _zero_for_none(stages, base, share, reductions=(4, 8, 16, 32)):
    return [r or 0 for r in place_se(stages, base, share, reductions)]


@EXERCISE.wrong("hidden_returned")
def _hidden_returned(stages, base, share, reductions=(4, 8, 16, 32)):
    plan = place_se(stages, base, share, reductions)
    return [r and max(1, c // r) for r, (c, _) in zip(plan, stages)]


@EXERCISE.wrong("without_left_out")
def _without_left_out(stages, base, share, reductions=(4, 8, 16, 32)):
    return [r for r in place_se(stages, base, share, reductions) if r is not None]


@EXERCISE.wrong("as_mapping")
def _as_mapping(stages, base, share, reductions=(4, 8, 16, 32)):
    return {c: r for r, (c, _) in zip(place_se(stages, base, share, reductions), stages)}


@EXERCISE.wrong("cost_too")
def _cost_too(stages, base, share, reductions=(4, 8, 16, 32)):
    plan = place_se(stages, base, share, reductions)
    return plan, sum(_cost(c, blocks, r) for r, (c, blocks) in zip(plan, stages) if r)


@EXERCISE.wrong("sorted_in_place")
def _sorted_in_place(stages, base, share, reductions=(4, 8, 16, 32)):
    plan = place_se(stages, base, share, reductions)
    stages.sort(reverse=True)
    return plan


@EXERCISE.accepted
def by_recursion(stages, base, share, reductions=(4, 8, 16, 32)):
    """Stage by stage, from the last one, among equals another plan than the reference's."""

    def best(rest, left):
        if not rest:
            return 0, 0, []
        *front, (channels, blocks) = rest
        options = []
        for r in (*sorted(reductions, reverse=True), None):
            extra = 0 if r is None else _cost(channels, blocks, r)
            if extra <= left:
                gated, units, plan = best(front, left - extra)
                hidden = 0 if r is None else max(1, channels // r)
                options.append((gated + (r is not None) * blocks, units + blocks * hidden, [*plan, r]))
        return max(options, key=lambda option: option[:2])

    return best(list(stages), int(share * base))[2]


@EXERCISE.accepted
def as_a_tuple(stages, base, share, reductions=(4, 8, 16, 32)):
    def worth(choice):
        se = [(c, b, max(1, c // r)) for r, (c, b) in zip(choice, stages) if r]
        if sum(b * (2 * c * h + h + c) for c, b, h in se) > share * base:
            return -1, 0
        return sum(b for _, b, _ in se), sum(b * h for _, b, h in se)

    return tuple(max(itertools.product((None, *reductions), repeat=len(stages)), key=worth))
