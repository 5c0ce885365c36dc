"""What a notebook imports, bound to its language: ``from seattn_course.en import check, hint, ...``."""

import contextlib
from typing import TYPE_CHECKING, Any

from seattn_course.course.language import Translator
from seattn_course.show import Show

if TYPE_CHECKING:
    from seattn_course.checks.help import Hint, Solution
    from seattn_course.checks.outcome import Result
    from seattn_course.checks.overview import Overview
    from seattn_course.course.claims import Ledger
    from seattn_course.course.lessons import LessonTable

SUGGEST_AFTER = 3


class CheckFailed(AssertionError):  # noqa: N818 - it is what a failed strict check is called
    """A strict check did not pass; ``result`` holds why."""

    def __init__(self, result: "Result"):
        self.result = result
        super().__init__(repr(result))


class Notebook:
    """The course's functions in one language. The first call that needs the checker loads it."""

    def __init__(self, language: str):
        self.language = language
        self.t = Translator(language)
        self.show = Show(language)
        self._hints: dict[str, int] = {}

    def check(self, exercise: str, answer: Any) -> "Result":
        """Check your answer to an exercise, and keep the result in your progress.

        Args:
            exercise: the exercise's id, such as ``"se_block.linear"``.
            answer: your class, function, array or number itself, not its result as text.
        """
        from seattn_course.checks.outcome import Message
        from seattn_course.course import progress

        result = self._examined(exercise, answer)
        if result.outcome not in ("passed", "wrong", "error"):
            return result
        try:
            record = progress.attempt(exercise, result.outcome)
        except progress.NotRecordedError as error:
            return result.with_remarks(Message(error.key, error.parameters))
        remarks = []
        if record.kept_aside:
            remarks.append(Message("engine.progress.kept_aside", {"file": record.kept_aside}))
        if record.of(exercise)["failures"] >= SUGGEST_AFTER:
            remarks.append(Message("engine.help.suggestion", {"id": exercise}))
        return result.with_remarks(*remarks)

    def strict_check(self, exercise: str, answer: Any) -> "Result":
        """Like ``check``, but raise CheckFailed unless the answer passes, and keep no record."""
        result = self._examined(exercise, answer)
        if not result.passed:
            raise CheckFailed(result)
        return result

    def hint(self, exercise: str) -> "Hint":
        """The next hint for an exercise: each call goes one level deeper; there are three."""
        from seattn_course.checks.exercise import known_id
        from seattn_course.checks.help import LEVELS, Hint
        from seattn_course.course import progress

        self._known(known_id, exercise)
        level = min(self._hints.get(exercise, 0) + 1, LEVELS + 1)
        self._hints[exercise] = level
        # A hint is worth more than its record: if it cannot be recorded, it is shown all the same.
        with contextlib.suppress(progress.NotRecordedError):
            progress.hint_used(exercise, min(level, LEVELS))
        return Hint(exercise, level, self.language)

    def solution(self, exercise: str) -> "Solution":
        """The solved cell of an exercise."""
        from seattn_course.checks.exercise import known_id
        from seattn_course.checks.help import solution

        self._known(known_id, exercise)
        return solution(exercise, self.language)

    def progress(self) -> "Overview":
        """Which exercises are solved, in the whole course and in both languages."""
        from seattn_course.checks.overview import overview

        return overview(self.language)

    def claims(self) -> "Ledger":
        """Every claim the course tests, with its verdicts and where they are shown."""
        from seattn_course.course.claims import read_ledger

        return read_ledger(self.language)

    def lessons(self) -> "LessonTable":
        """The course's home: every lesson with its times, what you have solved, and links to all its parts."""
        from seattn_course.course.lessons import lesson_table

        return lesson_table(self.language)

    def _examined(self, exercise: str, answer: Any) -> "Result":
        from dataclasses import replace

        from seattn_course.checks.engine import examine
        from seattn_course.checks.exercise import load

        return replace(examine(self._known(load, exercise), answer), language=self.language)

    def _known(self, find: Any, exercise: str) -> Any:
        from seattn_course.checks.exercise import UnknownExerciseError
        from seattn_course.checks.outcome import messages

        try:
            return find(exercise)
        except UnknownExerciseError as error:
            words = messages(self.language)
            near = ", ".join(error.close)
            key = "engine.unknown_id_near" if near else "engine.unknown_id"
            raise ValueError(words.text(key, id=exercise, near=near)) from None
