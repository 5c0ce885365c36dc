"""Workers and driver killed half way: no finished run is lost or made again, the numbers are the serial ones."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import ablation_driver
import psutil
import pytest

from seattn_course.lab.ablation import ablation
from seattn_course.lab.configuration import Configuration
from seattn_course.lab.store import Store
from seattn_course.lab.training import Settings

TOTAL = len(ablation_driver.SEEDS) * len(ablation_driver.REDUCTIONS)
BLOCKS = 2  # each of which leaves a line in the log


def start(store: Path, log: Path) -> subprocess.Popen:
    program = [sys.executable, ablation_driver.__file__, str(store), str(log)]
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environ)


def read_until(driver: subprocess.Popen, count: int) -> None:
    while int(driver.stdout.readline()) < count:
        pass


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux", reason="2026-11-25: kills forked processes, which only Linux has here"
)
def test_workers_and_driver_are_killed_half_way(tmp_path):
    store, log = tmp_path / "runs.sqlite", tmp_path / "log"
    driver = start(store, log)
    read_until(driver, 3)
    psutil.Process(driver.pid).children()[0].kill()  # a worker; all runs under way are lost with its pool
    read_until(driver, 9)
    workers = psutil.Process(driver.pid).children()
    assert len(workers) == 2
    driver.kill()
    assert driver.wait() == -signal.SIGKILL
    assert psutil.wait_procs(workers, timeout=20)[1] == []  # none is left behind

    with Store(store) as kept:
        held = len(kept)
    assert 9 <= held < TOTAL
    second = start(store, log)
    lines = second.communicate(timeout=120)[0].split()
    assert second.returncode == 0
    assert int(lines[0]) == held  # taken up where it was
    assert lines[-2:] == ["made", str(TOTAL - held)]  # and no finished run again
    started = len(log.read_text().splitlines())
    # Lost: the two runs under way at each kill, and what workers began in the 50 ms until they missed the driver.
    assert BLOCKS * TOTAL <= started <= BLOCKS * (TOTAL + 8)

    models, factories = ablation_driver.grid(str(log))
    serial = ablation(models, ablation_driver.SEEDS, factories=factories)
    with Store(store) as kept:
        for (name, seed), outcome in serial.outcomes.items():
            assert kept.get(models[name], seed).numbers() == outcome.numbers()


SHORT = {"settings": Settings(steps=30), "batch": 16, "width": 8, "test": 200}
MODELS = {name: Configuration(attention=name, **SHORT) for name in ("none", "se", "eca", "spatial")}


@pytest.fixture
def cluster(tmp_path):
    """A real scheduler and two worker processes of one thread on this computer."""
    distributed = pytest.importorskip("distributed", reason="2026-11-25: Dask is an extra: pip install .[dask]")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with (
        distributed.LocalCluster(**options, local_directory=str(tmp_path), silence_logs=50) as made,
        distributed.Client(made) as client,
    ):
        yield client


@pytest.mark.slow
def test_dask_gives_the_serial_numbers_though_a_worker_dies(cluster):
    pids = list(cluster.run(os.getpid).values())
    killed = []

    def watch(results):
        if len(results.outcomes) == 3 and not killed:
            os.kill(pids[0], signal.SIGKILL)
            killed.append(time.monotonic())

    with Store() as store:
        spread = ablation(MODELS, range(3), executor=cluster.get_executor(), store=store, watch=watch)
        assert len(store) == 12
    assert killed
    assert spread.finished
    serial = ablation(MODELS, range(3))
    assert {cell: outcome.numbers() for cell, outcome in spread.outcomes.items()} == {
        cell: outcome.numbers() for cell, outcome in serial.outcomes.items()
    }
