"""What went wrong inside the learner's code, told with the learner's own frames only."""

import dis
import linecache
import sysconfig
import traceback
from pathlib import Path
from types import TracebackType

PACKAGE = str(Path(__file__).resolve().parents[1])
_PATHS = sysconfig.get_paths()
# "site-packages" and "dist-packages" also cover user installs; the standard library has its own folder.
_FOREIGN = ("site-packages", "dist-packages", "<frozen ", "<string>", "<__array_function__")
_STANDARD_LIBRARY = (_PATHS["stdlib"], _PATHS["platstdlib"])
LONGEST_MESSAGE = 400
MOST_FRAMES = 6


def is_own(filename: str) -> bool:
    """Whether a frame of this file is the learner's: a notebook's cell or a file of their own."""
    if "ipykernel_" in filename or filename.startswith("<ipython-input"):
        return True
    if any(mark in filename for mark in _FOREIGN):
        return False
    # An exercise file holds answers: its frames stand where a learner's cell would.
    if filename.startswith(PACKAGE):
        return f"{PACKAGE}/checks/exercises/" in filename.replace("\\", "/")
    return not filename.startswith(_STANDARD_LIBRARY)


def innermost_is_own(trace: TracebackType | None) -> bool:
    """Whether the exception came up in a line of the learner's own, not inside a library's Python code."""
    return trace is not None and is_own(_innermost(trace).tb_frame.f_code.co_filename)


def raised_by_learner(trace: TracebackType | None) -> bool:
    """Whether a ``raise`` statement of the learner's raised it, and not a C function that the line calls."""
    if not innermost_is_own(trace):
        return False
    innermost = _innermost(trace)
    return innermost.tb_frame.f_code.co_code[innermost.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def _innermost(trace: TracebackType) -> TracebackType:
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def own_frames(trace: TracebackType | None) -> list[tuple[int, str, str]]:
    """(line number, function, source line) of the learner's frames, outermost first.

    File names are left out: a cell has none that means anything, and a path would differ between machines.
    """
    frames = []
    for frame, line in traceback.walk_tb(trace):
        code = frame.f_code
        if is_own(code.co_filename):
            source = linecache.getline(code.co_filename, line, frame.f_globals).strip()
            frames.append((line, code.co_name, source))
    if len(frames) > MOST_FRAMES:
        return frames[:1] + frames[1 - MOST_FRAMES :]
    return frames


def safe_message(error: BaseException) -> str:
    """``str(error)``, shortened; an exception whose own ``__str__`` fails has no message."""
    try:
        message = str(error)
    except Exception:
        return ""
    return message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"
