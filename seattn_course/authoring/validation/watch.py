"""nbval's kernel handle, with eyes: it notices a dead kernel, a flood of output and a cell that cannot be stopped.

nbval waits for the answer to a cell with its whole time limit, whether the kernel lives or not, and reads what the
cell prints only afterwards. Here both channels are read while waiting.
"""

import json
import time
from collections import deque
from queue import Empty
from typing import Any

from nbval.kernel import RunningKernel

SLICE = 0.1  # seconds between two looks at the process
OUTPUT_LIMIT = 2**20  # bytes of output of one cell: as much as a whole notebook may hold
PRINTING = ("stream", "display_data", "execute_result", "update_display_data")
STOP_SECONDS = 5  # how long an interrupted cell may go on


class WatchedKernel(RunningKernel):
    """Raises the running cell's failure as soon as its kernel is dead, floods, or does not heed an interrupt."""

    cell: Any = None  # the CourseCell that is running

    def __init__(self, *args: Any, **kwargs: Any):
        self.waiting: deque[dict] = deque()
        self.published = 0
        self.interrupted: float | None = None
        super().__init__(*args, **kwargs)

    def execute_cell_input(self, *args: Any, **kwargs: Any) -> str:
        self.published = 0
        return super().execute_cell_input(*args, **kwargs)

    def interrupt(self) -> None:
        self.interrupted = time.monotonic()
        super().interrupt()

    def get_message(self, stream: str, timeout: float | None = None) -> dict:
        give_up = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            if stream == "iopub" and self.waiting:
                return self.waiting.popleft()
            alive = self.is_alive()
            if stream == "shell":
                self._take_output()
            try:
                message = super().get_message(stream, timeout=SLICE if alive else 0)
            except Empty:
                pass
            else:
                return self._counted(message) if stream == "iopub" else message
            if not alive:
                code = getattr(self.km.provisioner.process, "returncode", None)
                self._fail(f"killed its kernel (exit status {code})")
            if self.interrupted and time.monotonic() > self.interrupted + STOP_SECONDS:
                self._fail("ran into its time limit and did not stop when it was interrupted")
            if time.monotonic() > give_up:
                raise Empty

    def _take_output(self) -> None:
        while True:
            try:
                self.waiting.append(self._counted(super().get_message("iopub", timeout=0)))
            except Empty:
                return

    def _counted(self, message: dict) -> dict:
        content = message["content"]
        if message["msg_type"] == "stream":
            self.published += len(content["text"])
        elif "data" in content and message["msg_type"] in (
            "display_data",
            "execute_result",
            "update_display_data",
        ):
            self.published += len(json.dumps(content["data"]))
        if self.published > OUTPUT_LIMIT:
            self._fail(f"put out more than {OUTPUT_LIMIT // 2**10} KiB: stopped, and its output cut")
        return message

    def _fail(self, problem: str) -> None:
        """End the kernel and fail the running cell, which fails the notebook's other cells."""
        if self.is_alive():
            self.stop()
        if self.cell is None:
            raise RuntimeError(f"the kernel {problem} before its first cell")
        self.cell.end(problem)
