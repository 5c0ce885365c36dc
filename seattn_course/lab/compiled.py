"""What ``torch.compile`` costs and gains, measured by ``benchmarks/compile_speed.py`` and stored for lesson 15."""

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path

import torch

from seattn_course.lab.configuration import one_thread
from seattn_course.models import SEResNetTiny

FILE = "compile.json"
BATCH = 16


@dataclass(frozen=True)
class Compiled:
    """Seconds of the first compiled call, which writes and builds the code, and of one call of each kind after it.

    All are CPU time, the C++ compiler's included: neighbours on a shared machine count little. network: and its
    input, in words. torch: its version.
    """

    network: str
    torch: str
    first_call: float
    eager: float
    compiled: float

    @property
    def speedup(self) -> float:
        """By how much compiled calls are faster."""
        return self.eager / self.compiled

    @property
    def calls_to_pay_off(self) -> float:
        """Calls until the first one has been earned back; infinite if compiled calls are not faster."""
        saved = self.eager - self.compiled
        return self.first_call / saved if saved > 0 else float("inf")


def measure(rounds: int = 15, backend: str = "inductor") -> Compiled:
    """Compiles SEResNetTiny for inference on the CPU, one thread, and times it. Nothing of it is cached before.

    backend: of torch.compile; its default writes C++ and needs a compiler.
    """
    torch.manual_seed(0)
    net, x = SEResNetTiny().eval(), torch.randn(BATCH, 3, 32, 32)
    torch.compiler.reset()
    with one_thread(), torch.no_grad():
        made = torch.compile(net, fullgraph=True, backend=backend)
        before = sum(os.times()[:4])  # this process and the children that have ended
        made(x)
        first = sum(os.times()[:4]) - before
        eager, compiled = _quartiles([lambda: net(x), lambda: made(x)], rounds)
    return Compiled(
        network=f"SEResNetTiny, ({BATCH}, 3, 32, 32)",
        torch=torch.__version__.partition("+")[0],
        first_call=round(first, 1),
        eager=float(f"{eager:.3g}"),
        compiled=float(f"{compiled:.3g}"),
    )


def _quartiles(calls: list[Callable], rounds: int) -> list[float]:
    """The lower quartile of each call's CPU time, the calls in turn: neighbours only ever slow a round down."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, found in zip(calls, times):
            start = time.thread_time()
            call()
            found.append(time.thread_time() - start)
    return [statistics.quantiles(found, n=4)[0] for found in times]


def stored() -> Compiled:
    """The measurement that the course stores.

    >>> stored().first_call > 1
    True
    """
    file = resources.files("seattn_course.lab") / "results" / FILE
    return Compiled(**json.loads(file.read_text(encoding="utf-8")))


def write(found: Compiled, folder: Path) -> Path:
    """Stores ``found`` in ``folder``, where :func:`stored` reads it; returns the file."""
    path = folder / FILE
    path.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    return path
