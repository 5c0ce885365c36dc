"""A forked kernel behaves like a freshly started one, and falls back to one where forking fails."""

import contextlib
import json
import os
import signal
import sys
import time
from importlib import metadata
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

import seattn_course
from seattn_course.authoring.kernels.provisioner import ForkedKernel
from seattn_course.authoring.kernels.session import STOCK, WARM, install_kernelspec, kernel_session

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"),
        reason="kernels are forked on Linux only (2026-11); elsewhere they fall back",
    ),
]

FACTS = """
import json, os, random, signal, sys, threading
import numpy as np, torch
import multiprocessing
print(json.dumps({
    "path": sys.path, "main": __name__, "cwd": os.getcwd(), "argv": sys.argv[1:2],
    "environment": sorted(os.environ),
    "omp": os.environ.get("OMP_NUM_THREADS"), "threads": torch.get_num_threads(),
    "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    "child": signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL,
    "own group": os.getpgid(0) == os.getpid() == os.getsid(0),
    "process": multiprocessing.current_process().name, "start": multiprocessing.get_start_method(allow_none=True),
    "background": sorted(type(thread).__name__ for thread in threading.enumerate()),
    "dtype": str(torch.get_default_dtype()), "gradients": torch.is_grad_enabled(),
    "cuda": torch.cuda.is_initialized(), "pyplot": "matplotlib.pyplot" in sys.modules,
}))
"""
SEEDED = "import torch\ntorch.manual_seed(3)\nx = torch.rand(64, 64)\nprint((x @ x).sum().item())"
RANDOM = "import random, numpy, torch\nprint(random.random(), numpy.random.rand(), torch.rand(1).item())"


@pytest.fixture(scope="module")
def session():
    with kernel_session() as running:
        yield running


def outputs_of(kernel, *sources, folder="."):
    """The outputs of these cells, run in one new kernel."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, kernel_name=kernel, timeout=30, resources=resources).execute()
    return [cell.outputs for cell in notebook.cells]


def text_of(kernel, source, folder="."):
    return outputs_of(kernel, source, folder=folder)[0][0].text


@contextlib.contextmanager
def running_kernel(name):
    manager = KernelManager(kernel_name=name)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=30)
    try:
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def both(session, tmp_path_factory):
    """The outputs of the same cells in a forked and in an ordinary kernel, and the folder they ran in."""
    folder = tmp_path_factory.mktemp("folder")
    cells = (FACTS, SEEDED, "import matplotlib.pyplot as plt", "plt.plot([1, 2]);", "print(plt.get_backend())")
    return outputs_of(session.name, *cells, folder=folder), outputs_of(STOCK, *cells, folder=folder), folder


def test_warm_kernels_need_no_port_that_another_program_may_take(session):
    with running_kernel(session.name) as (manager, _):
        assert manager.transport == "ipc"
        assert Path(manager.ip).parent == session.folder
    assert not list(session.folder.glob(f"{Path(manager.ip).name}*")), "the sockets are gone with the kernel"


def test_forked_and_ordinary_kernels_see_the_same_world(session, both):
    warm, stock, folder = both
    assert session.name == WARM
    assert json.loads(warm[0][0].text) == json.loads(stock[0][0].text)
    assert json.loads(warm[0][0].text)["cwd"] == str(folder)


def test_same_seed_gives_the_same_numbers_as_an_ordinary_kernel(both):
    warm, stock, _ = both
    assert warm[1][0].text == stock[1][0].text


def test_figures_come_out_inline_as_in_an_ordinary_kernel(both):
    warm, stock, _ = both
    assert [set(output.data) for output in warm[3]] == [{"image/png", "text/plain"}]
    assert warm[4][0].text == stock[4][0].text


def test_kernels_are_forked_and_say_so(session):
    with running_kernel(session.name) as (manager, _):
        assert isinstance(manager.provisioner.process, ForkedKernel)
    assert session.kernels() == "warm kernels"


def test_each_kernel_has_random_numbers_of_its_own(session):
    first, second = (text_of(session.name, RANDOM).split() for _ in range(2))
    assert all(a != b for a, b in zip(first, second, strict=True))


def test_training_and_worker_processes_work_after_the_fork(session):
    source = """
import torch
from torch.utils.data import DataLoader
net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8))
optimizer = torch.optim.Adam(net.parameters())
for batch in DataLoader(torch.ones(4, 3, 8, 8), batch_size=2, num_workers=1):
    net(batch).square().mean().backward()
    optimizer.step()
print("trained")
"""
    assert text_of(session.name, source) == "trained\n"


def test_interrupt_stops_a_cell_and_the_kernel_goes_on(session):
    with running_kernel(session.name) as (manager, client):
        message = client.execute("import time\ntime.sleep(30)")
        time.sleep(0.5)
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=60)
        while reply["parent_header"].get("msg_id") != message:
            reply = client.get_shell_msg(timeout=60)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert client.execute_interactive("1", timeout=60)["content"]["status"] == "ok"


@pytest.mark.parametrize(
    ("source", "status"), [("import os; os._exit(3)", 3), ("raise_signal(9)", -9), ("quit()", 0)]
)
def test_exit_status_arrives(session, source, status):
    with running_kernel(session.name) as (manager, client):
        client.execute("from signal import raise_signal\n" + source)
        assert manager.provisioner.process.wait(timeout=60) == status
        assert not manager.is_alive()


def test_what_a_cell_started_ends_with_its_kernel(session):
    with running_kernel(session.name) as (manager, client):
        client.execute_interactive("import subprocess; sleeper = subprocess.Popen(['sleep', '60'])", timeout=60)
        family = psutil.Process(manager.provisioner.pid).children()
        client.execute("import os; os._exit(1)")
        manager.provisioner.process.wait(timeout=60)
    gone, alive = psutil.wait_procs(family, timeout=60)
    assert len(gone) == 1
    assert not alive


def test_kernel_ends_when_its_client_does(session):
    with running_kernel(session.name) as (manager, _):
        kernel = psutil.Process(manager.provisioner.pid)
        manager.provisioner.process.connection.close()  # what the system does for a killed client
        assert psutil.wait_procs([kernel], timeout=60)[0]
        manager.provisioner.process.returncode = -signal.SIGKILL


def test_no_warm_process_means_an_ordinary_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    config = {"server": str(tmp_path / "nobody"), "fallback": str(tmp_path / "fallback")}
    install_kernelspec(tmp_path, "lonely", {"provisioner_name": WARM, "config": config})
    assert text_of("lonely", "print(6 * 7)") == "42\n"
    assert "FileNotFoundError" in (tmp_path / "fallback").read_text()


def test_killed_server_takes_its_kernels_along_and_the_next_kernel_is_ordinary():
    with kernel_session() as session, running_kernel(session.name) as (manager, _):
        kernel = psutil.Process(manager.provisioner.pid)
        server = kernel.parent()
        assert server.pid != os.getpid()
        server.kill()
        assert psutil.wait_procs([kernel], timeout=60)[0]
        assert not manager.is_alive()
        assert text_of(session.name, "print(6 * 7)") == "42\n"
        assert "1 ordinary" in session.kernels()


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_platforms_without_a_safe_fork_get_ordinary_kernels(platform, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    with kernel_session() as session:
        assert session.name == STOCK
        assert platform in session.kernels()


def test_checkout_that_nobody_installed_is_found_by_its_kernels(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    monkeypatch.setattr(metadata, "entry_points", lambda group: ())
    with kernel_session() as session:
        checkout = Path(seattn_course.__file__).parents[1]
        assert os.environ["PYTHONPATH"].split(os.pathsep)[0] == str(checkout)
        assert session.kernels() == "ordinary kernels (no warm kernels: the package is not installed here)"


def test_session_leaves_environment_and_folder_as_they_were():
    before = dict(os.environ)
    with kernel_session(warm=False) as session:
        for name in ("SEATTN_PROGRESS_DIR", "TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
            assert os.environ[name].startswith(str(session.folder))
        folder = session.folder
    assert dict(os.environ) == before
    assert not folder.exists()
