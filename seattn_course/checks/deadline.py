"""A soft deadline for the learner's code: by a timer signal in the main thread, by a watched thread elsewhere."""

import ctypes
import signal
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

# The timer fires again at this interval, in case a bare "except:" of the learner's swallowed the first one.
AGAIN = 0.2


class OutOfTimeError(BaseException):
    """The learner's code used up its seconds. Not an Exception: ``except Exception`` must not stop it."""


class Deadline:
    """A budget of wall-clock seconds shared by all calls made through ``run``.

    It is soft: one operation inside a C library runs to its end first. A signal can only be used in the main
    thread of a Unix process, which is where a notebook's cells run; otherwise the call moves to a thread,
    which is asked to stop and then left behind.
    """

    def __init__(self, seconds: float):
        self.seconds = seconds
        self.left = seconds

    def run(self, function: Callable, args: tuple, kwargs: Mapping[str, Any]) -> Any:
        """``function(*args, **kwargs)``; OutOfTimeError when the budget ends first."""
        if self.left <= 0:
            raise OutOfTimeError
        start = time.monotonic()
        by_signal = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        try:
            return (self._by_signal if by_signal else self._by_thread)(function, args, kwargs)
        finally:
            self.left -= time.monotonic() - start

    def _by_signal(self, function: Callable, args: tuple, kwargs: Mapping[str, Any]) -> Any:
        running = True

        def stop(_number, _frame):
            if running:
                raise OutOfTimeError

        start = time.monotonic()
        handler = signal.signal(signal.SIGALRM, stop)
        others_delay, others_interval = signal.setitimer(signal.ITIMER_REAL, self.left, AGAIN)
        try:
            try:
                return function(*args, **kwargs)
            finally:
                # A timer that fires while it is being put away must find nothing to stop.
                running = False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)
            if others_delay:  # somebody else's timer goes on, a little late at most
                rest = max(others_delay - (time.monotonic() - start), 0.001)
                signal.setitimer(signal.ITIMER_REAL, rest, others_interval)

    def _by_thread(self, function: Callable, args: tuple, kwargs: Mapping[str, Any]) -> Any:
        outcome: dict[str, Any] = {}

        def work():
            try:
                outcome["value"] = function(*args, **kwargs)
            except BaseException as error:
                outcome["error"] = error

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(self.left)
        if thread.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident), ctypes.py_object(OutOfTimeError)
            )
            raise OutOfTimeError
        if "error" in outcome:
            raise outcome["error"]
        return outcome.get("value")
