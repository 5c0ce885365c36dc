"""What ``torch.compile`` costs and gains, measured by ``benchmarks/compile_speed.py`` and stored for lesson 15."""

import json
import time
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path

import torch

from seattn_course.lab.configuration import one_thread
from seattn_course.lab.profiling import latency
from seattn_course.models import SEResNetTiny

FILE = "compile.json"
BATCH = 16


@dataclass(frozen=True)
class Compiled:
    """Seconds of the first compiled call, which writes and builds the code, and of one call of each kind after it.

    network: and its input, in words. torch: its version. speedup: eager over compiled, in the same round.
    """

    network: str
    torch: str
    first_call: float
    eager: float
    compiled: float
    speedup: float

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
        start = time.perf_counter()
        made(x)
        first = time.perf_counter() - start
        timed = latency({"compiled": lambda: made(x), "eager": lambda: net(x)}, rounds=rounds)
    return Compiled(
        network=f"SEResNetTiny, ({BATCH}, 3, 32, 32)",
        torch=torch.__version__.partition("+")[0],
        first_call=round(first, 1),
        eager=float(f"{timed['eager'].median:.3g}"),
        compiled=float(f"{timed['compiled'].median:.3g}"),
        speedup=round(timed["eager"].ratio, 2),
    )


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
