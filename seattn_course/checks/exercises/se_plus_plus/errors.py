"""se_plus_plus.errors: find the bug: options that are checked, and answered clearly."""

from typing import Any

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Refusals, Values


def checked_options(gate="sigmoid", use_avg=True, use_max=True):
    if not isinstance(use_avg, bool):
        raise ValueError(f"use_avg must be True or False, got {use_avg!r}")
    if not isinstance(use_max, bool):
        raise ValueError(f"use_max must be True or False, got {use_max!r}")
    if not (use_avg or use_max):
        raise ValueError(f"use_avg or use_max must be True, got {use_avg} and {use_max}")
    if not isinstance(gate, str) or gate.lower() not in ("sigmoid", "hardsigmoid"):
        raise ValueError(f"gate must be 'sigmoid' or 'hardsigmoid', got {gate!r}")
    return gate.lower(), use_avg, use_max


def _good(generator):
    return [
        Case(),
        Case(("HardSigmoid",)),
        Case(("SIGMOID", False)),
        Case(("hardsigmoid", True, False)),
        Case((), {"use_max": False, "gate": "Sigmoid"}),
        Case((), {"use_avg": False}),
    ]


def _bad(generator):
    return [
        Case(("softmax",)),
        Case(("hard",)),
        Case(("",)),
        Case((" sigmoid ",)),
        Case((None,)),
        Case((3,)),
        Case((), {"use_max": "False"}),
        Case((), {"use_avg": "False"}),
        Case((), {"use_avg": 1}),
        Case((), {"use_max": None}),
        Case((), {"use_avg": False, "use_max": False}),
    ]


def _named(case):
    """The words that the error for this call has to hold: the argument's name and the value."""
    if len(case.kwargs) == 2:
        return ("use_avg", "use_max")
    name, value = ("gate", case.args[0]) if case.args else next(iter(case.kwargs.items()))
    return (name, str(value))


def _one(generator):
    return [Case(("hardsigmoid", True, False))]


class SaysWhat(CaseProbe):
    """The error's text names the argument, and the value that came."""

    def __init__(self, cases):
        super().__init__("says_what", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        result = bench.apply(case)
        if isinstance(result, Raised) and result.kind == "exception":
            return [word for word in _named(case) if word not in result.message]
        return result if isinstance(result, Raised) else ["returned"]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        return own_finding("unsaid", bench, case, word=found[0]) if found else None


EXERCISE = Exercise(
    id="se_plus_plus.errors",
    kind="function",
    name="checked_options",
    reference=checked_options,
    probes=(Contract(_one), Values(_good), Refusals(_bad), SaysWhat(_bad)),
)


def _flags(use_avg, use_max):
    for name, value in (("use_avg", use_avg), ("use_max", use_max)):
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be True or False, got {value!r}")


def _squeeze(*switches):
    if not any(switches):
        raise ValueError("use_avg or use_max must be True")


def _gate(gate):
    if not isinstance(gate, str) or gate.lower() not in ("sigmoid", "hardsigmoid"):
        raise ValueError(f"gate must be 'sigmoid' or 'hardsigmoid', got {gate!r}")


@EXERCISE.wrong("still_the_bug")
def _still_the_bug(gate="sigmoid", use_avg=True, use_max=True):
    assert use_avg or use_max
    if gate.lower() not in "sigmoid, hardsigmoid":
        raise ValueError("wrong gate")
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("asserted")
def _asserted(gate="sigmoid", use_avg=True, use_max=True):
    _flags(use_avg, use_max)
    _gate(gate)
    assert use_avg or use_max, "use_avg or use_max must be True"
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("part_of_a_name")
def _part_of_a_name(gate="sigmoid", use_avg=True, use_max=True):
    _flags(use_avg, use_max)
    _squeeze(use_avg, use_max)
    if not isinstance(gate, str) or gate.lower() not in "sigmoid, hardsigmoid":
        raise ValueError(f"gate must be 'sigmoid' or 'hardsigmoid', got {gate!r}")
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("else_branch")
def _else_branch(gate="sigmoid", use_avg=True, use_max=True):
    _flags(use_avg, use_max)
    _squeeze(use_avg, use_max)
    return "sigmoid" if str(gate).lower() == "sigmoid" else "hardsigmoid", use_avg, use_max


@EXERCISE.wrong("case_matters")
def _case_matters(gate="sigmoid", use_avg=True, use_max=True):
    _flags(use_avg, use_max)
    _squeeze(use_avg, use_max)
    if gate not in ("sigmoid", "hardsigmoid"):
        raise ValueError(f"gate must be 'sigmoid' or 'hardsigmoid', got {gate!r}")
    return gate, use_avg, use_max


@EXERCISE.wrong("stripped")
def _stripped(gate="sigmoid", use_avg=True, use_max=True):
    return checked_options(gate.strip() if isinstance(gate, str) else gate, use_avg, use_max)


@EXERCISE.wrong("type_unchecked")
def _type_unchecked(gate="sigmoid", use_avg=True, use_max=True):
    _flags(use_avg, use_max)
    _squeeze(use_avg, use_max)
    if gate.lower() not in "sigmoid, hardsigmoid":
        raise ValueError(f"gate must be 'sigmoid' or 'hardsigmoid', got {gate!r}")
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("not_lowered")
def _not_lowered(gate="sigmoid", use_avg=True, use_max=True):
    checked_options(gate, use_avg, use_max)
    return gate, use_avg, use_max


@EXERCISE.wrong("not_a_string")
def _not_a_string(gate="sigmoid", use_avg=True, use_max=True):
    _flags(use_avg, use_max)
    _squeeze(use_avg, use_max)
    if gate.lower() not in ("sigmoid", "hardsigmoid"):
        raise ValueError(f"gate must be 'sigmoid' or 'hardsigmoid', got {gate!r}")
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("flags_unchecked")
def _flags_unchecked(gate="sigmoid", use_avg=True, use_max=True):
    _gate(gate)
    _squeeze(use_avg, use_max)
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("flags_converted")
def _flags_converted(gate="sigmoid", use_avg=True, use_max=True):
    _gate(gate)
    use_avg, use_max = bool(use_avg), bool(use_max)
    _squeeze(use_avg, use_max)
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("second_flag_unseen")
def _second_flag_unseen(gate="sigmoid", use_avg=True, use_max=True):
    def flag(name, value):
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be True or False, got {value!r}")
        return value

    _squeeze(flag("use_avg", use_avg) or flag("use_max", use_max))
    _gate(gate)
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("one_counts_as_true")
def _one_counts_as_true(gate="sigmoid", use_avg=True, use_max=True):
    if use_avg not in (True, False) or use_max not in (True, False):
        raise ValueError(f"use_avg and use_max must be True or False, got {use_avg!r} and {use_max!r}")
    checked_options(gate, bool(use_avg), bool(use_max))
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("one_becomes_true")
def _one_becomes_true(gate="sigmoid", use_avg=True, use_max=True):
    if use_avg not in (True, False) or use_max not in (True, False):
        raise ValueError(f"use_avg and use_max must be True or False, got {use_avg!r} and {use_max!r}")
    return checked_options(gate, bool(use_avg), bool(use_max))


@EXERCISE.wrong("both_needed")
def _both_needed(gate="sigmoid", use_avg=True, use_max=True):
    _flags(use_avg, use_max)
    if not (use_avg and use_max):
        raise ValueError("use_avg and use_max must be True")
    _gate(gate)
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("no_squeeze_accepted")
def _no_squeeze_accepted(gate="sigmoid", use_avg=True, use_max=True):
    _flags(use_avg, use_max)
    _gate(gate)
    return gate.lower(), use_avg, use_max


@EXERCISE.wrong("mean_as_a_fallback")
def _mean_as_a_fallback(gate="sigmoid", use_avg=True, use_max=True):
    _flags(use_avg, use_max)
    _gate(gate)
    return gate.lower(), use_avg or not use_max, use_max


@EXERCISE.wrong("other_error")
def _other_error(gate="sigmoid", use_avg=True, use_max=True):
    try:
        return checked_options(gate, use_avg, use_max)
    except ValueError as error:
        raise KeyError(str(error)) from None


@EXERCISE.wrong("printed")
def _printed(gate="sigmoid", use_avg=True, use_max=True):
    try:
        return checked_options(gate, use_avg, use_max)
    except ValueError as error:
        print(error)


@EXERCISE.wrong("error_returned")
def _error_returned(gate="sigmoid", use_avg=True, use_max=True):
    try:
        return checked_options(gate, use_avg, use_max)
    except ValueError as error:
        return error


@EXERCISE.wrong("silent_text")
def _silent_text(gate="sigmoid", use_avg=True, use_max=True):
    try:
        return checked_options(gate, use_avg, use_max)
    except ValueError:
        raise ValueError("bad option") from None


@EXERCISE.wrong("value_unsaid")
def _value_unsaid(gate="sigmoid", use_avg=True, use_max=True):
    try:
        return checked_options(gate, use_avg, use_max)
    except ValueError as error:
        raise ValueError(str(error).split(", got")[0]) from None


@EXERCISE.wrong("nothing_returned")
def _nothing_returned(gate="sigmoid", use_avg=True, use_max=True):
    checked_options(gate, use_avg, use_max)


@EXERCISE.wrong("gate_only")
def _gate_only(gate="sigmoid", use_avg=True, use_max=True):
    return checked_options(gate, use_avg, use_max)[0]


@EXERCISE.wrong("dict_returned")
def _dict_returned(gate="sigmoid", use_avg=True, use_max=True):
    return dict(zip(("gate", "use_avg", "use_max"), checked_options(gate, use_avg, use_max)))


@EXERCISE.accepted
def with_tables(gate="sigmoid", use_avg=True, use_max=True):
    problems = [f"{name}={value!r} is no flag" for name, value in [("use_avg", use_avg), ("use_max", use_max)]
                if value is not True and value is not False]  # fmt: skip
    names = {"sigmoid", "hardsigmoid"}
    lowered = gate.lower() if isinstance(gate, str) else None
    if lowered not in names:
        problems.append(f"{gate=} is none of {sorted(names)}")
    if use_avg is False and use_max is False:
        problems.append("use_avg and use_max are both off")
    if problems:
        raise ValueError("; ".join(problems))
    return lowered, use_avg, use_max


@EXERCISE.accepted
def with_a_match(gate="sigmoid", use_avg=True, use_max=True):
    if type(use_avg) is not bool:
        raise ValueError("use_avg", use_avg)
    if type(use_max) is not bool:
        raise ValueError("use_max", use_max)
    if not use_avg and not use_max:
        raise ValueError("Both use_avg and use_max are False")
    match gate:
        case str() if gate.casefold() in {"sigmoid", "hardsigmoid"}:
            return gate.casefold(), use_avg, use_max
    raise ValueError(f"unknown gate: {gate}")
