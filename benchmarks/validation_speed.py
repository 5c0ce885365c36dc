"""How fast the validation is, beside stock nbval, nbmake and ``jupyter execute`` over the same notebooks.

    python benchmarks/validation_speed.py [--notebooks 24] [--skip nbmake --skip "jupyter execute"]

Writes small torch notebooks to a temporary folder, stores their outputs, and has each tool run them once, with a
cold start each, no other load being there. Wall time is what a maintainer waits; CPU time includes all child
processes. nbmake and ``jupyter execute`` compare no outputs: they only look for exceptions. Then twelve broken
notebooks: ours and stock nbval have to agree on each. Exits with 1 if they do not, or if the aim is missed.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

AIM = 5.0  # times less wall time than stock serial nbval, on two cores
OVERHEAD_AIM = 1.0  # s of CPU a notebook beyond what its cells compute
NAMES = ("seattn test", "nbval", "nbmake", "jupyter execute")

SE_BLOCK = """
class SE(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        self.fc1 = nn.Linear(channels, channels // reduction)
        self.fc2 = nn.Linear(channels // reduction, channels)

    def forward(self, x):
        z = x.mean(dim=(2, 3))
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        return x * gate[:, :, None, None]
""".strip()
TRAIN = """
optimizer = torch.optim.SGD(block.parameters(), lr=0.1)
for _ in range(20):
    loss = (block(x) - 0.25).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item() < 1)
""".strip()
PLOT = """
import matplotlib.pyplot as plt
figure, axes = plt.subplots()
axes.bar(range(8), block.fc2.bias.detach()[:8])
plt.close(figure)
""".strip()


def lesson(number: int) -> list[str]:
    """The code cells of one good notebook; every third one draws."""
    size, reduction = 16 + 8 * (number % 4), 2 + 2 * (number % 2)
    cells = [
        "import torch\nfrom torch import nn",
        SE_BLOCK,
        f"torch.manual_seed({number})\nblock = SE({size}, {reduction})\nx = torch.rand(4, {size}, 12, 12)",
        "print(sum(p.numel() for p in block.parameters()))\ntuple(block(x).shape)",
        TRAIN,
    ]
    return [*cells, PLOT] if number % 3 == 0 else cells


def text(value: str, name: str = "stdout") -> nbformat.NotebookNode:
    return new_output("stream", name=name, text=value)


ERROR = new_output("error", ename="ValueError", evalue="r=3", traceback=[])
PERMITTED = {"tags": ["raises-exception"], "reason": "shows the error"}
# (source, stored outputs, metadata) of the last cell of a broken notebook
BROKEN = {
    "edited_number": ("print(580)", [text("582\n")], {}),
    "edited_float": ("print(0.5866)", [text("0.5867\n")], {}),
    "edited_word": ("print('gate')", [text("kapı\n")], {}),
    "missing_output": ("print(1)", [], {}),
    "extra_output": ("x = 1", [text("1\n")], {}),
    "other_stream": ("import sys\nprint(1, file=sys.stderr)", [text("1\n")], {}),
    "exception": ("1 / 0", [], {}),
    "wrong_order": ("print(defined_later)", [text("1\n")], {}),
    "failed_claim": ("assert 0.35 < 0.3", [], {}),
    "other_error": ("raise ValueError('r=4')", [ERROR], PERMITTED),
    "dead_kernel": ("import os\nos._exit(1)", [], {}),
    "hanging": ("import time\ntime.sleep(60)", [], {}),
}
BROKEN_TIMEOUT = 4  # s; stock nbval takes all of it to see that a kernel is dead


@dataclass(frozen=True)
class Run:
    """One tool's run: seconds of wall and CPU time, exit status and what it printed."""

    wall: float
    cpu: float
    status: int
    output: str


def measured(command: list[str], folder: Path) -> Run:
    """Run a command in ``folder``; CPU time is that of all its processes."""
    log = folder / "log.txt"
    before, started = os.times(), time.perf_counter()
    with log.open("w") as file:
        status = subprocess.run(command, cwd=folder, stdout=file, stderr=subprocess.STDOUT, check=False).returncode
    wall, after = time.perf_counter() - started, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    output = log.read_text(errors="replace")
    log.unlink()
    return Run(wall, cpu, status, output)


def new_course(folder: Path) -> Path:
    for kind in ("notebooks", "solutions", "exercises"):
        (folder / kind / "en").mkdir(parents=True)
    (folder / "seattn_course").mkdir()
    return folder / "notebooks" / "en"


def write(path: Path, sources: list[str]) -> None:
    cells = [
        new_code_cell(source, metadata={"name": f"cell-{n}"}, id=f"cell-{n}") for n, source in enumerate(sources)
    ]
    nbformat.write(new_notebook(cells=cells), path)


def write_broken(folder: Path) -> None:
    for name, (source, outputs, metadata) in BROKEN.items():
        cells = [
            new_code_cell("import torch", execution_count=1, metadata={"name": "good"}, id="good"),
            new_code_cell(
                source, outputs=outputs, execution_count=2, metadata={"name": name} | metadata, id="bad"
            ),
        ]
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")


def ours(*options: str) -> list[str]:
    return [sys.executable, "-m", "seattn_course", "test", *options]


def stock(timeout: int) -> list[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "--nbval"]
    return [*command, "--nbval-current-env", "--nbval-cell-timeout", str(timeout), "notebooks"]


def commands(notebooks: list[str]) -> dict[str, Callable[[], list[str]]]:
    nbmake = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "--nbmake", "notebooks"]
    return {
        "seattn test": lambda: ours(),
        "nbval": lambda: stock(120),
        "nbmake": lambda: nbmake,
        "jupyter execute": lambda: [str(Path(sys.executable).with_name("jupyter-execute")), *notebooks],
    }


def cells_alone(sources: list[list[str]], folder: Path) -> float:
    """CPU seconds of the cells themselves, run in one process that has everything imported and warmed up."""
    script = folder / "cells.py"
    script.write_text(
        "import time\nfrom importlib import import_module\n"
        "import_module('matplotlib').use('Agg')\nimport matplotlib.pyplot\n"
        f"notebooks = {[sources[0], *sources]!r}\n"
        "for number, cells in enumerate(notebooks):\n"
        "    if number == 1: started = time.process_time()\n"
        "    for cell in cells: exec(cell, globals())\n"
        "print('seconds', time.process_time() - started)\n"
    )
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.split("seconds")[1])


def failing(run: Run) -> set[str]:
    """The notebooks that a run's short summary calls failed."""
    return set(re.findall(r"^(?:FAILED|ERROR) \S*?notebooks/en/(\w+)\.ipynb", run.output, re.MULTILINE))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notebooks", type=int, default=24, help="how many good ones (%(default)s)")
    parser.add_argument("--skip", action="append", choices=NAMES[2:], default=[], help="a rival to leave out")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        good, broken = Path(temporary) / "good", Path(temporary) / "broken"
        folder = new_course(good)
        sources = [lesson(number) for number in range(arguments.notebooks)]
        for number, cells in enumerate(sources):
            write(folder / f"{number:02}_small.ipynb", cells)
        stored = measured([sys.executable, "-m", "seattn_course", "execute", "all"], good)
        if stored.status:
            raise SystemExit(f"the notebooks could not be executed:\n{stored.output}")

        paths = [f"notebooks/en/{path.name}" for path in sorted(folder.iterdir())]
        load = f"load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else "load unknown"
        print(f"{len(paths)} notebooks, {os.cpu_count()} cores, {load}")
        runs = {}
        for name, command in commands(paths).items():
            if name not in arguments.skip:
                runs[name] = run = measured(command(), good)
                ratio = run.wall / runs["seattn test"].wall
                verdict = "passed" if run.status == 0 else f"FAILED (status {run.status})"
                line = f"{name:16} {run.wall:6.1f} s wall ({ratio:4.1f} x), {run.cpu:6.1f} s CPU"
                print(f"{line}, {run.cpu / len(paths):5.2f} s CPU a notebook: {verdict}", flush=True)
        own = cells_alone(sources, good)
        overhead = (runs["seattn test"].cpu - own) / len(paths)
        print(f"cells alone: {own:.1f} s CPU; ours adds {overhead:.2f} s a notebook (aim: {OVERHEAD_AIM:g})")
        ratio = runs["nbval"].wall / runs["seattn test"].wall
        print(f"{ratio:.1f} x less wall time than stock serial nbval (aim: {AIM:g})")

        write_broken(new_course(broken))
        verdicts = {
            "seattn test": failing(measured(ours("--timeout", str(BROKEN_TIMEOUT)), broken)),
            "nbval": failing(measured(stock(BROKEN_TIMEOUT), broken)),
        }
    agreed = [name for name in BROKEN if all(name in found for found in verdicts.values())]
    for name in set(BROKEN) - set(agreed):
        print(
            f"{name}: found broken by {', '.join(tool for tool, found in verdicts.items() if name in found)} only"
        )
    print(f"{len(agreed)} of {len(BROKEN)} broken notebooks found by both")
    all_pass = all(run.status == 0 for run in runs.values())
    met = all_pass and len(agreed) == len(BROKEN) and ratio >= AIM and overhead < OVERHEAD_AIM
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
