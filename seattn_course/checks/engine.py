"""One check from start to end: observe, judge, name the mistake. Fails closed, never crashes."""

import copy
from typing import Any

from seattn_course.checks import learner_errors
from seattn_course.checks.bench import Bench
from seattn_course.checks.diagnosis import diagnose, observe
from seattn_course.checks.exercise import Exercise
from seattn_course.checks.guard import SECONDS, Guard, Raised
from seattn_course.checks.outcome import Result
from seattn_course.checks.probes.base import Finding, Probe

# The course's own answers end by themselves; this is for a machine that is hardly moving.
REFERENCE_SECONDS = 600.0


class CheckerBugError(Exception):
    """The checker itself is at fault: the reference did not pass, or a probe did not run."""


class Expectations:
    """What the reference shows to each probe at one seed; it has to pass its own probes.

    A check makes its own. Tests that check many answers in a row share one, which saves half of the time.
    """

    def __init__(self, exercise: Exercise, seed: int):
        self.model = Bench(exercise, exercise.solved(), Guard(REFERENCE_SECONDS), seed)
        self._observed: dict[str, list[Any]] = {}

    def of(self, probe: Probe) -> list[Any]:
        """The reference's observations; CheckerBugError if the probe objects to them."""
        if probe.name not in self._observed:
            observed = probe.observe(self.model)
            if probe.judge(self.model, observed, observed) is not None:
                exercise_id = self.model.exercise.id
                raise CheckerBugError(f"the reference of {exercise_id} does not pass its own probe {probe.name}")
            self._observed[probe.name] = observed
        return self._observed[probe.name]


def examine(
    exercise: Exercise,
    answer: Any,
    *,
    seed: int = 0,
    seconds: float = SECONDS,
    recognise_course: bool = True,
    name_mistake: bool = True,
    expectations: Expectations | None = None,
) -> Result:
    """Check ``answer`` against ``exercise``.

    Args:
        exercise: what was asked.
        answer: the learner's object; it is never changed.
        seed: of the random inputs and parameters.
        seconds: wall-clock seconds the learner's code may use in all.
        recognise_course: object to the course's own finished modules.
        name_mistake: compare a failing answer with the known wrong answers.
        expectations: the reference's observations at this seed, if they are at hand.

    Returns:
        A Result, always. "passed" is only said when every declared probe ran, and the reference passed it first.
    """
    if answer is Ellipsis or (exercise.is_value and answer is None):
        return Result(exercise.id, "not_attempted", "engine.not_attempted")
    try:
        with Guard(seconds) as guard:
            expectations = expectations or Expectations(exercise, seed)
            subject = guard.call(copy.deepcopy, (answer,)) if exercise.is_value else answer
            if isinstance(subject, Raised):
                subject = answer
            bench = Bench(exercise, subject, guard, seed, expectations.model, recognise_course)
            return _examine(bench, expectations, name_mistake)
    except Exception as error:
        where = f"{type(error).__name__}: {learner_errors.safe_message(error)}"
        return Result(exercise.id, "checker_bug", "engine.checker_bug", {"detail": where})


def _examine(bench: Bench, expectations: Expectations, name_mistake: bool) -> Result:
    exercise = bench.exercise
    observations: dict[str, list[Any]] = {}
    objection: Finding | None = None
    failed = ""
    for probe in exercise.probes:
        expected = expectations.of(probe)
        if objection is not None:
            observations[probe.name] = observe(probe, bench)  # only to tell known mistakes apart
        else:
            observations[probe.name] = probe.observe(bench)
            objection = probe.judge(bench, expected, observations[probe.name])
            failed = probe.name if objection else ""
        stop = bench.guard.deadline.left <= 0 or (objection is not None and objection.outcome == "not_attempted")
        if stop or (objection is not None and not name_mistake):
            break
    if objection is not None:
        known = _known_mistake(bench, observations, failed) if name_mistake else None
        return _objected(bench, objection, failed, known)
    if tuple(observations) != tuple(probe.name for probe in exercise.probes):
        raise CheckerBugError(f"not every probe of {exercise.id} ran")
    return Result(exercise.id, "passed", f"{exercise.id}.done", printed=_printed(bench.guard))


def _known_mistake(bench: Bench, observations: dict[str, list[Any]], failed: str) -> str | None:
    """The known wrong answer that this one behaves like, whichever way the state is carried over."""
    known = diagnose(bench, observations, failed)
    while known is None and bench.take_next_assignment():
        observations = {probe.name: observe(probe, bench) for probe in bench.exercise.probes}
        known = diagnose(bench, observations, failed)
    return known


def _objected(bench: Bench, objection: Finding, failed: str, known: str | None) -> Result:
    exercise_id = bench.exercise.id
    if objection.outcome == "not_attempted":
        return Result(exercise_id, "not_attempted", objection.message.key)
    shown = {"probe": failed, "frames": objection.frames, "printed": _printed(bench.guard)}
    if known is not None:
        return Result(exercise_id, "wrong", f"{exercise_id}.wrong.{known}", **shown)
    message = objection.message
    return Result(exercise_id, objection.outcome, message.key, message.parameters, **shown)


def _printed(guard: Guard) -> str:
    return guard.output + ("…" if guard.output_cut else "")
