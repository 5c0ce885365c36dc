"""Everything one run of kernels needs, in a temporary folder that goes when the run ends, however it ends."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import seattn_course

STOCK = "seattn-stock"
WARM = "seattn-warm"  # the kernel's and the provisioner's name, see pyproject.toml
FALLBACKS = "ordinary-kernels.txt"

# Waits until its standard input closes, which the operating system does even for a killed process.
_JANITOR = """
import shutil, sys, time
sys.stdin.read()
for _ in range(30):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    time.sleep(0.1)
"""


@contextmanager
def _run_folder() -> Iterator[Path]:
    """A temporary folder that is removed also when this process is killed: a janitor process outlives it."""
    folder = Path(tempfile.mkdtemp(prefix="seattn-"))
    janitor = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _JANITOR, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal must not reach it
    )
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        janitor.terminate()
        janitor.wait()
        janitor.stdin.close()


def install_kernelspec(folder: Path, name: str, provisioner: dict | None = None) -> None:
    """Write the kernel spec ``name``: this interpreter's ipykernel, started by ``provisioner``."""
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"],
        "display_name": name,
        "language": "python",
        "metadata": {"kernel_provisioner": provisioner} if provisioner else {},
    }
    target = folder / "jupyter" / "kernels" / name / "kernel.json"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(spec), encoding="utf-8")


def _environment(folder: Path, device: str) -> dict[str, str]:
    """What differs from the caller's environment: no settings or progress of the user's are touched."""
    changes = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp"))  # what notebooks leave there goes too
    changes |= {
        "JUPYTER_PATH": os.pathsep.join([str(folder / "jupyter"), os.environ.get("JUPYTER_PATH", "")]),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "SEATTN_PROGRESS_DIR": str(folder / "progress"),
        "SEATTN_DEVICE": device,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # what ipykernel sets where nothing is set
        # Sums are added in an order that depends on the number of threads, and their last digits with it.
        "OMP_NUM_THREADS": "1",
        "NVIDIA_TF32_OVERRIDE": "0",  # float32 products in full precision, as on a CPU
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    try:
        metadata.distribution("seattn-course")
    except metadata.PackageNotFoundError:  # `python -m seattn_course` in a checkout that nobody installed
        checkout = str(Path(seattn_course.__file__).parents[1])
        changes["PYTHONPATH"] = os.pathsep.join(filter(None, [checkout, os.environ.get("PYTHONPATH")]))
    return changes


def _no_warm_kernels() -> str | None:
    """Why no kernel can be forked here, or None."""
    if not sys.platform.startswith("linux"):  # fork is missing on Windows and unsafe with Apple's libraries
        return f"no warm kernels on {sys.platform}"
    if WARM not in {point.name for point in metadata.entry_points(group="jupyter_client.kernel_provisioners")}:
        return "no warm kernels: the package is not installed here"
    return None


@contextmanager
def _warm_process(folder: Path) -> Iterator[None]:
    """The process that forks kernels; it ends when its standard input does, with all its kernels."""
    path = folder / "kernels.sock"
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    with open(folder / "server.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "seattn_course.authoring.kernels.server", str(path)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
    try:
        give_up = time.monotonic() + 10
        while not path.exists() and server.poll() is None and time.monotonic() < give_up:
            time.sleep(0.01)
        yield
    finally:
        server.stdin.close()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@dataclass(frozen=True)
class KernelSession:
    """The kernel name to give to a Jupyter client, and what to tell the user about it."""

    name: str
    folder: Path
    reason: str | None = None

    def kernels(self) -> str:
        """One line: which kernels this run had, and why if they were not the ones asked for."""
        if self.name == STOCK:
            return f"ordinary kernels ({self.reason})" if self.reason else "ordinary kernels"
        fallbacks = self.folder / FALLBACKS
        lines = fallbacks.read_text(encoding="utf-8").splitlines() if fallbacks.exists() else []
        log = (self.folder / "server.log").read_text(encoding="utf-8").strip().splitlines()
        return f"warm kernels, {len(lines)} ordinary ones ({(log or lines)[-1]})" if lines else "warm kernels"


@contextmanager
def kernel_session(device: str = "cpu", warm: bool = True) -> Iterator[KernelSession]:
    """Prepare this process and its children for running kernels with ``SEATTN_DEVICE=device``."""
    reason = _no_warm_kernels() if warm else None
    before = dict(os.environ)
    with _run_folder() as folder, ExitStack() as stack:
        for name in ("runtime", "ipython", "progress", "tmp"):
            (folder / name).mkdir()
        stack.callback(setattr, tempfile, "tempdir", None)  # it remembers the first TMPDIR it saw
        stack.callback(os.environ.update, before)
        stack.callback(os.environ.clear)
        os.environ.update(_environment(folder, device))
        tempfile.tempdir = None
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            os.environ.pop(name, None)
        install_kernelspec(folder, STOCK)
        if not warm or reason:
            yield KernelSession(STOCK, folder, reason)
            return
        config = {"server": str(folder / "kernels.sock"), "fallback": str(folder / FALLBACKS)}
        install_kernelspec(folder, WARM, {"provisioner_name": WARM, "config": config})
        stack.enter_context(_warm_process(folder))
        yield KernelSession(WARM, folder)
