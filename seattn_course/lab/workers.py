"""Worker processes for an ablation on this computer."""

import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor

from seattn_course import arguments


def processes(workers: int | None = None) -> Callable[[], Executor]:
    """For ``executor``: so many processes (one for each core) of one thread, forked, so that they start at once.

    They end with the process that made them, however it ends, and leave Ctrl-C to it. On other systems than Linux
    they are not forked: each imports everything anew, which takes seconds, and attention of your own must come
    from a file.

    >>> processes(2)().submit(abs, -3).result()
    3
    """
    workers = (os.cpu_count() or 1) if workers is None else arguments.positive_int("workers", workers)
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")

    def make() -> Executor:
        pool = ProcessPoolExecutor(workers, context, _start_worker, (os.getpid(),))
        with (
            warnings.catch_warnings()
        ):  # Python 3.12 and later: a notebook has threads; runs take no locks of theirs
            warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
            pool.submit(int).result()  # the first job starts all workers
        return pool

    return make


def _start_worker(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def leave_with_parent() -> None:
        while os.getppid() == parent:
            time.sleep(0.05)
        os._exit(1)

    threading.Thread(target=leave_with_parent, daemon=True).start()


def close(executor: Executor) -> None:
    """Ends an executor of our own at once: after Ctrl-C or a death nobody waits for what still runs."""
    workers = list((getattr(executor, "_processes", None) or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in workers:
        process.terminate()
    for process in workers:
        process.join()
