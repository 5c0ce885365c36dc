"""What is loaded before kernels are forked, and what makes a forked process as good as a new one."""

import ctypes
import os
import signal
import time

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PROBE_SECONDS = 30


def preload() -> int:
    """Import what lessons use; returns the number of threads that torch takes by itself.

    One thread while loading, because a forked process has none of its parent's other threads. Nothing asks
    for a GPU, because CUDA cannot be used in a process forked after that. ``pyplot`` and its inline backend are
    left out: they look for their kernel when they are imported. What makes them slow is loaded.
    """
    import ipykernel.kernelapp
    import ipykernel.zmqshell  # noqa: F401
    import matplotlib.backends.backend_agg
    import matplotlib.figure
    import matplotlib.mathtext  # noqa: F401
    import PIL.PngImagePlugin  # noqa: F401
    import torch.utils.data

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])  # the first optimiser imports torch's compiler
    return threads


def fork_works() -> bool:
    """Whether a forked process can do what a lesson does, tried once."""
    pid = os.fork()
    if pid == 0:
        import torch

        torch.set_num_threads(2)
        x = torch.ones(64, 64, requires_grad=True)
        (x @ x).sum().backward()
        os._exit(0 if x.grad is not None and x.grad[0, 0] == 128 else 1)
    give_up = time.monotonic() + PROBE_SECONDS
    while time.monotonic() < give_up:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def become_fresh(request: dict, threads: int, server: int) -> None:
    """Make this forked process what a newly started one would be."""
    os.setsid()
    if ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0 or os.getppid() != server:
        os._exit(1)  # it would outlive its server
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    os.environ.clear()
    os.environ.update(request["env"], JPY_PARENT_PID=str(server))
    time.tzset()
    os.chdir(request["cwd"])

    import numpy as np
    import torch

    # Python's own random numbers are seeded anew by os.fork.
    np.random.seed()
    torch.default_generator.seed()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", threads)))
