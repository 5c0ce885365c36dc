"""However a run ends, no process and no file of it is left."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from fault_course import code, new_course, notebook

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform == "win32", reason="the signals of this test do not exist on Windows (2026-11)"
    ),
]

# Tells where the run keeps its files, starts a process of its own, then waits to be killed.
WAIT = """
import json, os, pathlib, subprocess, time
sleeper = subprocess.Popen(["sleep", "60"])
pathlib.Path({marker!r}).write_text(json.dumps([os.environ["SEATTN_PROGRESS_DIR"], os.getpid(), sleeper.pid]))
time.sleep(60)
"""


@pytest.mark.parametrize("kernel", ["warm", "stock"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_or_killed_run_leaves_nothing(tmp_path, number, kernel):
    course, marker, temporary = new_course(tmp_path / "course"), tmp_path / "marker", tmp_path / "t"
    temporary.mkdir()
    course.add("notebooks/en/first", notebook(code("wait", WAIT.format(marker=str(marker)))))
    course.add("notebooks/en/second", notebook(code("short", "import time\ntime.sleep(60)")))
    run = subprocess.Popen(
        course.command("test", "--kernel", kernel),
        cwd=course.root,
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    give_up = time.monotonic() + 40
    while not (marker.exists() and marker.read_text()) and time.monotonic() < give_up:
        time.sleep(0.05)
    progress, *started = json.loads(marker.read_text())
    folder = Path(progress).parent
    family = psutil.Process(run.pid).children(recursive=True)
    family += [psutil.Process(pid) for pid in started if pid not in {process.pid for process in family}]
    if kernel == "stock" and number == signal.SIGKILL:
        # Nobody is left to end what an ordinary kernel's cell started; the kernel itself sees to its own end.
        family = [process for process in family if process.pid != started[1]]
    assert folder.parent == temporary
    assert folder.exists()
    run.send_signal(number)
    run.wait(20)
    _, alive = psutil.wait_procs(family, timeout=60)
    # An orphan that has ended stays a zombie until the system's first process looks.
    left = [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    for process in (*left, *(psutil.Process(pid) for pid in started if psutil.pid_exists(pid))):
        process.kill()
    assert left == []
    give_up = time.monotonic() + 10
    while list(temporary.iterdir()) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert list(temporary.iterdir()) == []
    assert {path.name for path in course.root.iterdir()} == {
        "notebooks",
        "solutions",
        "exercises",
        "seattn_course",
    }
