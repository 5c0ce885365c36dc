"""Everything one run of kernels needs, in a temporary folder that goes when the run ends, however it ends."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import seattn_course

STOCK = "seattn-stock"

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


def install_kernelspec(folder: Path, name: str, provisioner: str | None = None) -> None:
    """Write the kernel spec ``name``: this interpreter's ipykernel, started by ``provisioner``."""
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"],
        "display_name": name,
        "language": "python",
        "metadata": {"kernel_provisioner": {"provisioner_name": provisioner}} if provisioner else {},
    }
    target = folder / "jupyter" / "kernels" / name / "kernel.json"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(spec), encoding="utf-8")


def _environment(folder: Path, device: str) -> dict[str, str]:
    """What differs from the caller's environment: no settings or progress of the user's are touched."""
    changes = {
        "JUPYTER_PATH": os.pathsep.join([str(folder / "jupyter"), os.environ.get("JUPYTER_PATH", "")]),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "SEATTN_PROGRESS_DIR": str(folder / "progress"),
        "SEATTN_DEVICE": device,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # what ipykernel sets where nothing is set
        # Sums are added in an order that depends on the number of threads, and their last digits with it.
        "OMP_NUM_THREADS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    try:
        metadata.distribution("seattn-course")
    except metadata.PackageNotFoundError:  # `python -m seattn_course` in a checkout that nobody installed
        checkout = str(Path(seattn_course.__file__).parents[1])
        changes["PYTHONPATH"] = os.pathsep.join(filter(None, [checkout, os.environ.get("PYTHONPATH")]))
    return changes


@contextmanager
def kernel_session(device: str = "cpu") -> Iterator[str]:
    """Prepare this process for running kernels; yields the kernel's name."""
    with _run_folder() as folder:
        for name in ("runtime", "ipython", "progress"):
            (folder / name).mkdir()
        install_kernelspec(folder, STOCK)
        before = dict(os.environ)
        os.environ.update(_environment(folder, device))
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            os.environ.pop(name, None)
        try:
            yield STOCK
        finally:
            os.environ.clear()
            os.environ.update(before)
