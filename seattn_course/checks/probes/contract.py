"""Contract: is the answer the kind of thing that was asked for, and can it be called as agreed?"""

import inspect
import types
from typing import Any

from torch import nn

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case
from seattn_course.checks.guard import COURSE_ROOMS, Raised
from seattn_course.checks.probes.base import CaseProbe, Cases, Finding, finding, raised
from seattn_course.checks.probes.compare import observed, type_name


def form(subject: Any) -> str:
    """What was handed over, in one word that has a message: module_class, class, instance, function, ..."""
    if isinstance(subject, type):
        return "module_class" if issubclass(subject, nn.Module) else "class"
    if isinstance(subject, nn.Module):
        return "instance"
    if isinstance(subject, (types.FunctionType, types.BuiltinFunctionType, types.MethodType)):
        return "function"
    return "callable" if callable(subject) else f"value:{type(subject).__name__}"


def is_courses_own(subject: Any) -> bool:
    """Whether a class, function or module was defined in the course's package (or inherits from there)."""
    owners = inspect.getmro(subject) if isinstance(subject, type) else [subject]
    if isinstance(subject, nn.Module):
        owners = [type(module) for module in subject.modules()]
    names = [getattr(owner, "__module__", None) for owner in owners]
    return any(isinstance(name, str) and name.startswith(COURSE_ROOMS) for name in names)


class Contract(CaseProbe):
    """The answer is a module class (or a function), takes the agreed arguments and returns the agreed type.

    It also recognises the course's own finished modules, handed over or called from inside: those prove nothing
    about the learner.
    """

    def __init__(self, cases: Cases):
        super().__init__("contract", cases)

    def observe(self, bench: Bench) -> list[Any]:
        kind = form(bench.subject)
        # A module, such as nn.Sigmoid(), can be called and may well be the right function.
        wanted = ("module_class",) if bench.exercise.kind == "class" else ("function", "callable", "instance")
        if kind not in wanted:
            return [kind]
        watched = bench.recognise_course and not bench.exercise.may_use_course
        if watched and is_courses_own(bench.subject):
            return ["course"]
        results = [self.observe_case(bench, case) for case in self.cases_for(bench)]
        if watched and bench.guard.course_calls:
            return ["course"]
        return ["fits", *results]

    def observe_case(self, bench: Bench, case: Case) -> Any:
        watch = bench.recognise_course
        if bench.exercise.kind == "class":
            module = bench.construct(case, watch=watch)
            if isinstance(module, Raised):
                return module
            if watch and is_courses_own(module):
                bench.guard.course_calls.add(type(module).__module__)
            result = bench.call(case, module, watch=watch)
        else:
            result = bench.call(case, bench.subject, watch=watch)
        return result if isinstance(result, Raised) else type_name(observed(result))

    def judge(self, bench: Bench, expected: list[Any], found: list[Any]) -> Finding | None:
        if found[0] != "fits":
            if found[0] == "course":
                return finding("contract.course", name=bench.name)
            group, _, type_ = found[0].partition(":")
            return finding(f"contract.{bench.exercise.kind}.{group}", name=bench.exercise.name, type=type_)
        for case, wanted, got in zip(self.cases_for(bench), expected[1:], found[1:], strict=True):
            if isinstance(got, Raised):
                return raised(got, bench, case)
            if got == "NoneType":
                return finding("values.nothing", bench, case)
            if got != wanted:
                return finding("values.type", bench, case, expected=wanted, found=got)
        return None
