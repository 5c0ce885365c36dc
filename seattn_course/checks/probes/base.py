"""What every probe is, and what it may say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case
from seattn_course.checks.guard import Raised
from seattn_course.checks.outcome import Message

# Cases are made anew for each answer, from a generator with the check's seed.
Cases = Callable[[torch.Generator], Sequence[Case]]


@dataclass(frozen=True)
class Finding:
    """A probe's objection: the sentence, the outcome it leads to, and the learner's frames if code raised."""

    message: Message
    outcome: str = "wrong"
    frames: tuple[tuple[int, str, str], ...] = ()


class Probe:
    """One side of an answer.

    ``observe`` returns a list of plain observations (numbers, text, arrays, tensors, Raised); ``judge`` compares
    them with the reference's and returns None or a Finding. The reference has to pass its own judgement first.
    """

    name: str

    def observe(self, bench: Bench) -> list[Any]:
        raise NotImplementedError

    def judge(self, bench: Bench, expected: list[Any], found: list[Any]) -> Finding | None:
        raise NotImplementedError


class CaseProbe(Probe):
    """A probe that makes one observation for each of its cases."""

    def __init__(self, name: str, cases: Cases):
        self.name = name
        self.cases = cases
        self._made: tuple[int | None, Sequence[Case]] = (None, ())

    def cases_for(self, bench: Bench) -> Sequence[Case]:
        """The cases of this check's seed: made once, for calls only ever see copies of what they hold."""
        if self._made[0] != bench.seed:
            self._made = (bench.seed, tuple(self.cases(bench.generator())))
        return self._made[1]

    def observe(self, bench: Bench) -> list[Any]:
        return [self.observe_case(bench, case) for case in self.cases_for(bench)]

    def judge(self, bench: Bench, expected: list[Any], found: list[Any]) -> Finding | None:
        for case, wanted, got in zip(self.cases_for(bench), expected, found, strict=True):
            if isinstance(got, Raised):
                return raised(got, bench, case)
            finding = self.judge_case(bench, case, wanted, got)
            if finding is not None:
                return finding
        return None

    def observe_case(self, bench: Bench, case: Case) -> Any:
        raise NotImplementedError

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        raise NotImplementedError


def finding(key: str, bench: Bench | None = None, case: Case | None = None, **parameters: Any) -> Finding:
    """A Finding with ``engine.<key>``; the case adds the placeholders ``call`` and ``note``."""
    if case is not None:
        parameters |= {"call": call_text(bench, case), "note": note(case)}
    return Finding(Message(f"engine.{key}", parameters))


def own_finding(key: str, bench: Bench, case: Case, **parameters: Any) -> Finding:
    """A Finding with a sentence of the exercise's own, ``<exercise>.says.<key>``, for a probe of its own."""
    parameters |= {"call": call_text(bench, case), "note": note(case)}
    return Finding(Message(f"{bench.exercise.id}.says.{key}", parameters))


def raised(what: Raised, bench: Bench, case: Case) -> Finding:
    """The Finding for a call that did not return."""
    if what.kind == "not_attempted":
        return Finding(Message("engine.not_attempted"), "not_attempted")
    parameters = {"type": what.type, "error": what.message or "–", "seconds": f"{bench.guard.deadline.seconds:g}"}
    parameters |= {"call": call_text(bench, case), "note": note(case)}
    return Finding(Message(f"engine.raised.{what.kind}", parameters), "error", what.frames)


def note(case: Case) -> Message:
    return Message(f"engine.case.{case.note or 'plain'}")


def call_text(bench: Bench, case: Case) -> str:
    """The call as one would write it, with shapes for tensors: ``SEBlock(6, reduction=2)(tensor[2, 6, 3, 5])``."""
    text = bench.name
    if bench.exercise.kind == "class":
        text += _arguments(case.config, case.config_kwargs)
    return text + _arguments(case.args, case.kwargs)


def _arguments(args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    parts = [argument_text(arg) for arg in args]
    parts += [f"{name}={argument_text(value)}" for name, value in kwargs.items()]
    return f"({', '.join(parts)})"


def argument_text(value: Any) -> str:
    """A short text for one argument, the same on every machine."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        kind = "tensor" if isinstance(value, torch.Tensor) else "array"
        return f"{kind}{list(value.shape)}"
    if value is None or isinstance(value, (int, float, str)):
        return repr(value)
    if isinstance(value, (list, tuple)) and len(value) <= 6 and all(isinstance(v, (int, float)) for v in value):
        return repr(value)
    if isinstance(value, torch.nn.Linear):
        bias = "" if value.bias is not None else ", bias=False"
        return f"Linear({value.in_features}, {value.out_features}{bias})"
    name = getattr(value, "__name__", None)  # functions and methods; of a model only its class is named
    return name if isinstance(name, str) else type(value).__name__
