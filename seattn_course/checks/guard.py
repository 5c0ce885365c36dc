"""Runs the learner's code so that nothing of it escapes: exceptions, output, time, global state."""

import builtins
import contextlib
import io
import random
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from seattn_course.checks import learner_errors
from seattn_course.checks.deadline import Deadline, OutOfTimeError

LONGEST_OUTPUT = 1000
NOTHING: Mapping[str, Any] = {}
SECONDS = 5.0
# Calling the course's own finished modules is not building one.
COURSE_ROOMS = tuple(f"seattn_course.{room}" for room in ("attention", "residual", "models", "checks.exercises"))


class AskedForInputError(Exception):
    """The learner's code called ``input()``, which nobody answers during a check."""


@dataclass(frozen=True)
class Raised:
    """A call that did not return: what stopped it, in a form that can be compared and shown.

    ``kind``: exception, arity (the call itself did not fit), no_forward, deadline, exit, input, not_attempted.
    ``own``: a ``raise`` or ``assert`` of the learner's own raised it.
    """

    kind: str
    type: str = ""
    message: str = ""
    frames: tuple[tuple[int, str, str], ...] = ()
    own: bool = False

    def like(self, other: object) -> bool:
        """The same failure, whoever wrote the code: words count only where a library chose them."""
        if not isinstance(other, Raised) or (self.kind, self.type) != (other.kind, other.type):
            return False
        return self.own == other.own and (self.own or _nameless(self.message) == _nameless(other.message))


def _nameless(message: str) -> str:
    """The message without the name of the function that Python puts in front: learners choose that themselves."""
    return re.sub(r"^[\w.<>]+\(\) ", "", message)


class _Sink(io.TextIOBase):
    """Keeps the first characters of what is printed and counts none of the rest."""

    def __init__(self):
        self.kept = ""
        self.cut = False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        room = LONGEST_OUTPUT - len(self.kept)
        self.kept += text[:room] if room > 0 else ""
        self.cut |= len(text) > room
        return len(text)


def _refuse_input(*_args, **_kwargs):
    raise AskedForInputError


class RandomState:
    """The process-wide random numbers: torch's (and a GPU's, once it is in use), NumPy's and Python's."""

    def __init__(self):
        self.torch = torch.get_rng_state()  # holds the seed as well
        self.seed = torch.initial_seed()
        self.cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
        self.numpy = np.random.get_state()
        self.python = random.getstate()

    def restore(self) -> None:
        torch.set_rng_state(self.torch)
        if self.cuda is not None:
            torch.cuda.set_rng_state_all(self.cuda)
        np.random.set_state(self.numpy)
        random.setstate(self.python)

    def changed(self) -> tuple[str, ...]:
        """("seed",) if torch was seeded, ("random",) if numbers were drawn or something else was seeded, or ()."""
        now = RandomState()
        if now.seed != self.seed:
            return ("seed",)
        same = (
            torch.equal(now.torch, self.torch)
            and np.array_equal(now.numpy[1], self.numpy[1])
            and now.numpy[2:] == self.numpy[2:]
            and now.python == self.python
        )
        return () if same else ("random",)


class Settings:
    """The process-wide settings: grad mode, default dtype and device, threads, determinism, NumPy's errors."""

    def __init__(self):
        self.grad = torch.is_grad_enabled()
        self.dtype = torch.get_default_dtype()
        self.device = torch.get_default_device()
        self.threads = torch.get_num_threads()
        self.deterministic = torch.are_deterministic_algorithms_enabled()
        self.errors = np.geterr()

    def changed(self) -> tuple[str, ...]:
        """The names of those that differ now."""
        now = vars(Settings())
        return tuple(name for name, value in vars(self).items() if now[name] != value)

    def restore(self) -> None:
        changed = self.changed()
        if "grad" in changed:
            torch.set_grad_enabled(self.grad)
        if "dtype" in changed:
            torch.set_default_dtype(self.dtype)
        if "device" in changed:
            torch.set_default_device(None if self.device.type == "cpu" else self.device)
        if "threads" in changed:
            torch.set_num_threads(self.threads)
        if "deterministic" in changed:
            torch.use_deterministic_algorithms(self.deterministic)
        np.seterr(**self.errors)


class Guard:
    """Calls the learner's code with its output caught, its time limited and its failures turned into Raised.

    Use it as a context manager around a whole check: on leaving, the global state is what it was. ``call``
    may be used many times; all calls share one budget of seconds.
    """

    def __init__(self, seconds: float = SECONDS):
        self.deadline = Deadline(seconds)
        self.output = ""
        self.output_cut = False
        self.course_calls: set[str] = set()
        self.settings_changed: tuple[str, ...] = ()

    def __enter__(self) -> "Guard":
        self._settings, self._random = Settings(), RandomState()
        # Whatever the notebook has set, a check runs under PyTorch's own settings.
        self._inference_off = torch.inference_mode(False)
        self._inference_off.__enter__()
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        if self._settings.device.type != "cpu":
            torch.set_default_device("cpu")
        torch.use_deterministic_algorithms(False)
        torch.set_num_threads(1)  # on tensors this small, threads only wait for each other
        torch.default_generator.manual_seed(0)  # the CPU's only: torch.manual_seed would reach a GPU as well
        return self

    def __exit__(self, *exception) -> None:
        self._inference_off.__exit__(*exception)
        self._random.restore()
        self._settings.restore()

    def call(
        self, function: Callable, args: tuple = (), kwargs: Mapping[str, Any] = NOTHING, watch: bool = False
    ) -> Any:
        """``function(*args, **kwargs)``, or Raised if it did not return in time and in order.

        Settings that the call changed are put back and noted in ``settings_changed``; the random numbers go on.
        With ``watch`` the names of the course's own modules that were called are added to ``course_calls``.
        KeyboardInterrupt passes: the stop button must work.
        """
        sink, settings = _Sink(), Settings()
        try:
            with contextlib.ExitStack() as stack:
                stack.enter_context(contextlib.redirect_stdout(sink))
                stack.enter_context(contextlib.redirect_stderr(sink))
                stack.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")
                stack.enter_context(_without_input())
                if watch:
                    stack.enter_context(self._watching())
                value = self.deadline.run(function, args, kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            value = _raised(error)
        self.settings_changed = settings.changed()
        if self.settings_changed:
            settings.restore()
        if value is Ellipsis:
            value = Raised("not_attempted")
        if not self.output:
            self.output, self.output_cut = sink.kept, sink.cut
        return value

    @contextlib.contextmanager
    def _watching(self):
        def note(frame, event, _argument):
            module = frame.f_globals.get("__name__", "") if event == "call" else ""
            if isinstance(module, str) and module.startswith(COURSE_ROOMS):
                self.course_calls.add(module)

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            yield
        finally:
            sys.setprofile(before)


@contextlib.contextmanager
def _without_input():
    before, stream = builtins.input, sys.stdin
    builtins.input, sys.stdin = _refuse_input, io.StringIO("")
    try:
        yield
    finally:
        builtins.input, sys.stdin = before, stream


def _raised(error: BaseException) -> Raised:
    frames = tuple(learner_errors.own_frames(error.__traceback__))
    message = learner_errors.safe_message(error)
    name = type(error).__name__
    own = learner_errors.raised_by_learner(error.__traceback__)
    if isinstance(error, OutOfTimeError):
        return Raised("deadline", frames=frames)
    if isinstance(error, (SystemExit, GeneratorExit)):
        return Raised("exit", frames=frames)
    if isinstance(error, AskedForInputError):
        return Raised("input", frames=frames)
    if isinstance(error, NotImplementedError):
        if own:
            return Raised("not_attempted", frames=frames)
        if "forward" in message:
            return Raised("no_forward")
    # A line "h = ..." that is still to be filled in fails a line later, on the Ellipsis it holds.
    if isinstance(error, (TypeError, AttributeError)) and "ellipsis" in message.lower():
        return Raised("not_attempted", frames=frames)
    if isinstance(error, TypeError) and not frames:
        return Raised("arity", name, message)
    return Raised("exception", name, message, frames, own)
