"""What an exercise is made of, and where the exercises lie: ``exercises/<lesson>/<exercise>.py``, one file each.

Such a file holds one ``EXERCISE``: the reference, the probes in the order they run, the wrong answers the
course knows (each with the key of its own message) and right answers that look different from the reference.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

KINDS = ("class", "function", "number", "array", "mapping", "prediction")
VALUE_KINDS = KINDS[2:]
FOLDER = Path(__file__).parent / "exercises"


class UnknownExerciseError(ValueError):
    """No exercise has this id; ``close`` holds the ids that look like it."""

    def __init__(self, exercise_id: object, close: list[str]):
        self.exercise_id = exercise_id
        self.close = close
        listing = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
        super().__init__(f"no exercise {exercise_id!r}{listing}")


@dataclass(frozen=True)
class Case:
    """One call of the answer. For a class, ``config`` makes the module and ``args`` go into its forward.

    ``note`` is the catalogue key (below ``engine.case``) of what is special about the case: one image only,
    a map that is not square, ... Probes make a fresh copy of the tensors and arrays for every call.
    """

    args: tuple = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    config: tuple = ()
    config_kwargs: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None

    @property
    def build_key(self) -> tuple:
        return self.config, tuple(sorted(self.config_kwargs.items()))


@dataclass(frozen=True)
class WrongAnswer:
    """A known mistake: ``key`` names its message (``<exercise>.wrong.<key>``), ``answer`` makes it."""

    key: str
    answer: Any


@dataclass
class Exercise:
    """One exercise.

    Args:
        id: ``<lesson>.<exercise>``.
        kind: what the learner passes to ``check``; one of KINDS.
        reference: the solved class or function; for the value kinds a function without arguments that
            computes the value, so that mutants can be made of it.
        probes: run in this order; the first one that objects gives the message.
        name: how the answer is called in messages when it has no name of its own.
        may_use_course: the answer may call the course's own modules.
        equivalent_mutants: mutants that no probe can reject because they are right, each with its reason.
    """

    id: str
    kind: str
    reference: Any
    probes: tuple
    name: str = "answer"
    may_use_course: bool = False
    equivalent_mutants: Mapping[str, str] = field(default_factory=dict)
    wrong_answers: list[WrongAnswer] = field(default_factory=list)
    accepted_answers: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        names = [probe.name for probe in self.probes]
        if not names or len(set(names)) != len(names):
            raise ValueError(f"probes must be there and have different names, got {names}")

    @property
    def lesson(self) -> str:
        return self.id.split(".")[0]

    @property
    def is_value(self) -> bool:
        return self.kind in VALUE_KINDS

    def solved(self) -> Any:
        """The right answer as a learner would pass it to ``check``."""
        return self.reference() if self.is_value else self.reference

    def wrong(self, key: str) -> Callable:
        """Decorator: registers a class or function as the known mistake ``key``."""

        def register(answer):
            self.wrong_answers.append(WrongAnswer(key, answer))
            return answer

        return register

    def wrong_layers(self, key: str, **makers: Callable[[int, int], Any]) -> None:
        """Registers the reference class with some attributes exchanged, each made from (channels, reduction)."""

        class Exchanged(self.reference):
            def __init__(self, channels, reduction=16):
                super().__init__(channels, reduction)
                for name, make in makers.items():
                    setattr(self, name, make(channels, reduction))

        Exchanged.__name__ = key
        self.wrong(key)(Exchanged)

    def wrong_values(self, **values: Any) -> None:
        """Registers values as known mistakes: ``wrong_values(forgot_relu=-0.3, ...)``."""
        self.wrong_answers.extend(WrongAnswer(key, value) for key, value in values.items())

    def accepted(self, answer: Callable) -> Callable:
        """Decorator: registers a class or function that must pass although it differs from the reference."""
        self.accepted_answers[answer.__name__] = answer
        return answer

    def accepted_values(self, **values: Any) -> None:
        """Registers values that must pass although they differ from the reference."""
        self.accepted_answers.update(values)


@cache
def exercise_ids() -> tuple[str, ...]:
    """All ids, lesson by lesson in the course's order; no exercise is imported for it."""
    return tuple(f"{lesson}.{exercise}" for lesson, names in exercises_by_lesson().items() for exercise in names)


@cache
def exercises_by_lesson() -> dict[str, tuple[str, ...]]:
    """Lesson -> its exercises. A lesson's ``__init__`` lists them in the order of the lesson (ORDER)."""
    lessons = {}
    for folder in FOLDER.iterdir():
        if (folder / "__init__.py").is_file():
            package = importlib.import_module(f"{__package__}.exercises.{folder.name}")
            lessons[folder.name] = (package.NUMBER, tuple(package.ORDER))
    return {lesson: names for lesson, (_, names) in sorted(lessons.items(), key=lambda entry: entry[1][0])}


def stem(lesson: str) -> str:
    """The lesson's file name without its ending: ``se_block`` -> ``03_se_block``."""
    return f"{importlib.import_module(f'{__package__}.exercises.{lesson}').NUMBER:02d}_{lesson}"


def known_id(exercise_id: object) -> str:
    """The id itself if there is such an exercise; UnknownExerciseError with the nearest ids otherwise."""
    if exercise_id in exercise_ids():
        return exercise_id
    import difflib

    wanted = str(exercise_id)
    close = difflib.get_close_matches(wanted, exercise_ids(), n=3, cutoff=0.55)
    close += [i for i in exercise_ids() if i.split(".")[1] == wanted and i not in close]
    raise UnknownExerciseError(exercise_id, close)


def load(exercise_id: str) -> Exercise:
    """The exercise with this id; UnknownExerciseError with the nearest ids if there is none."""
    lesson, name = known_id(exercise_id).split(".")
    return importlib.import_module(f"{__package__}.exercises.{lesson}.{name}").EXERCISE
