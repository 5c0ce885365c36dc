"""Answers that are values: a number, an array, a mapping, a choice. They are looked at, never called."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import torch

from seattn_course.checks.bench import Bench
from seattn_course.checks.guard import Raised
from seattn_course.checks.outcome import Message
from seattn_course.checks.probes.base import Finding, Probe, finding
from seattn_course.checks.probes.compare import is_integer, observed, same, shown, type_name


class _ValueProbe(Probe):
    """Reads the value under the guard: even ``float(answer)`` may run a learner's code."""

    def observe(self, bench: Bench) -> list[Any]:
        reading = bench.guard.call(self.read, (bench.subject,))
        return [reading if isinstance(reading, Raised) else observed(reading)]

    def judge(self, bench: Bench, expected: list[Any], found: list[Any]) -> Finding | None:
        if isinstance(found[0], Raised):
            return finding("value.unreadable", type=found[0].type, error=found[0].message)
        return self.judge_reading(expected[0], found[0])

    def alike(self, a: list[Any], b: list[Any]) -> bool:
        return same(a, b)

    def read(self, answer: Any) -> Any:
        raise NotImplementedError

    def judge_reading(self, expected: Any, found: Any) -> Finding | None:
        raise NotImplementedError


class Number(_ValueProbe):
    """One real number, right within ``tolerance``; arrays and tensors with one element count as numbers.

    A wrong number is taken for a known mistake within ``near``, which is wider: who rounds a wrong result has
    made the same mistake. ``otherwise`` names the sentence (below ``engine.value.number``) for all other numbers.
    """

    name = "number"

    def __init__(self, tolerance: float, near: float, otherwise: str = "wrong"):
        self.tolerance = tolerance
        self.near = near
        self.otherwise = otherwise

    def read(self, answer: Any) -> Any:
        if isinstance(answer, torch.Tensor):
            answer = answer.detach().cpu().numpy()
        if isinstance(answer, (np.ndarray, np.generic)) and answer.size == 1:
            answer = answer.item()
        if isinstance(answer, bool):
            return ["truth"]
        if isinstance(answer, (Real, Decimal)):
            return ["number", float(answer)]
        if isinstance(answer, str):
            return ["text", answer.strip()]
        if isinstance(answer, tuple) and len(answer) == 2 and all(map(is_integer, answer)):
            return ["comma", observed(answer)]  # 0,5 is a tuple
        if isinstance(answer, (list, tuple)) and len(answer) == 1:
            return ["bracketed", observed(answer)]
        if isinstance(answer, (list, tuple, np.ndarray, Mapping, set)):
            return ["several", observed(answer)]
        return ["other", type_name(observed(answer))]

    def judge_reading(self, expected: Any, found: Any) -> Finding | None:
        form, *rest = found
        if form == "comma":
            first, second = map(str, rest[0])
            return finding("value.number.comma", first=first, second=second)
        if form == "text" and _is_number(rest[0]):
            form = "quoted"
        if form != "number":
            return finding(f"value.number.{form}", type=rest[0] if form == "other" else "")
        value = rest[0]
        if not np.isfinite(value):
            return finding("value.number.not_finite", found=shown(value))
        if abs(value - expected[1]) <= self.tolerance:
            return None
        # The right number is not given away: a learner who is only wrong should think again, or ask for a hint.
        return finding(f"value.number.{self.otherwise}", found=shown(value))

    def alike(self, a: list[Any], b: list[Any]) -> bool:
        return same(a, b, (0.0, self.near))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class Choice(_ValueProbe):
    """One of the offered letters; capitals and blanks around it do not matter."""

    name = "choice"

    def __init__(self, choices: Sequence[str]):
        self.choices = tuple(choices)

    def read(self, answer: Any) -> Any:
        return answer.strip().lower() if isinstance(answer, str) else [observed(answer)]

    def judge_reading(self, expected: Any, found: Any) -> Finding | None:
        if not isinstance(found, str) or found not in self.choices:
            return finding("value.choice.unknown", choices=", ".join(f'"{c}"' for c in self.choices))
        return None if found == expected else finding("value.choice.wrong", found=found)


class ArrayProperty(_ValueProbe):
    """An array of a given shape with a property that many arrays have; lists and tensors are read as arrays.

    ``classify(array)`` returns None for a right array, else a word for what is wrong with it. The word is the
    observation: two arrays with the same word are the same mistake, whatever their numbers.
    """

    name = "property"

    def __init__(self, shape: tuple[int, ...], classify: Callable[[np.ndarray], str | None]):
        self.shape = shape
        self.classify = classify

    def read(self, answer: Any) -> Any:
        if isinstance(answer, torch.Tensor):
            answer = answer.detach().cpu().numpy()
        try:
            array = np.asarray(answer)
        except ValueError:  # lists of different lengths
            return ["other", type(answer).__name__]
        if array.dtype.kind not in "iuf":
            return ["other", type(answer).__name__]
        if array.shape != self.shape:
            return ["shape", list(array.shape)]
        if not np.isfinite(array).all():
            return ["not_finite"]
        return ["property", self.classify(array.astype(float)) or "right"]

    def judge_reading(self, expected: Any, found: Any) -> Finding | None:
        form, *rest = found
        if form == "other":
            return finding("value.array.other", type=rest[0])
        if form == "shape":
            return finding("value.array.shape", expected=str(self.shape), found=str(tuple(rest[0])))
        if form == "not_finite":
            return finding("value.array.not_finite")
        return None if rest[0] == "right" else finding("value.array.wrong")


class MappingOfNumbers(_ValueProbe):
    """A dict with the agreed keys and whole numbers."""

    name = "mapping"

    def read(self, answer: Any) -> Any:
        return observed(dict(answer)) if isinstance(answer, Mapping) else ["other", type_name(observed(answer))]

    def judge_reading(self, expected: Any, found: Any) -> Finding | None:
        if not isinstance(found, dict):
            return finding("value.mapping.other", type=found[1])
        missing, extra = [sorted(a.keys() - b.keys()) for a, b in ((expected, found), (found, expected))]
        if missing or extra:
            absent = Message("engine.none")
            return finding(
                "value.mapping.keys", missing=", ".join(missing) or absent, extra=", ".join(extra) or absent
            )
        for name, wanted in expected.items():
            if not is_integer(found[name]):
                return finding("value.mapping.type", name=name, type=type_name(found[name]))
            if found[name] != wanted:
                return finding("value.mapping.value", name=name, found=found[name])
        return None
