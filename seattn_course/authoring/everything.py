"""The ``seattn everything`` verb, which ``make test`` calls: unit tests, gates, every notebook, and one total."""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from seattn_course.authoring.tree import find_root
from seattn_course.course.language import LANGUAGES

COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|deselected)\b")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Stage:
    """One part of the validation, as it ended: its exit status, its last line, how long it took."""

    name: str
    status: int
    last_line: str
    seconds: float

    @property
    def counts(self) -> Counter:
        """pytest's counts ("passed", "failed", ...) in the last line; empty for a stage that counts otherwise."""
        found = COUNT.findall(self.last_line)
        return Counter({word.replace("errors", "error"): int(number) for number, word in found})


def run_stage(name: str, command: list[str], write: Callable[[bytes], object]) -> Stage:
    """Run ``command``, passing on its output as it comes."""
    started = time.perf_counter()
    tail = b""
    process = subprocess.Popen(command, cwd=find_root(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while chunk := os.read(process.stdout.fileno(), 65536):
        write(chunk)
        tail = (tail + chunk)[-4096:]
    status = process.wait()
    lines = COLOUR.sub("", tail.decode("utf-8", "replace")).strip().splitlines()
    return Stage(name, status, lines[-1].strip("= ") if lines else "", time.perf_counter() - started)


def total(stages: list[Stage]) -> list[str]:
    """A line for each stage, and pytest's counts summed over all of them, in pytest's own form."""
    found = [
        f"{stage.name:<11} {'ok' if stage.status == 0 else 'FAILED':<7} {stage.last_line}" for stage in stages
    ]
    counts = sum((stage.counts for stage in stages), Counter())
    # A stage may fail without a failed test: a gate's finding, or a run that broke off.
    unsaid = [stage for stage in stages if stage.status and not (stage.counts["failed"] or stage.counts["error"])]
    counts["failed"] += len(unsaid)
    summary = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()) if number)
    return [*found, f"{summary or 'nothing ran'} in {sum(stage.seconds for stage in stages):.0f}s"]


def parallel() -> list[str]:
    """pytest's options for one worker a processor; tests that share fixtures stay together (tests/conftest.py)."""
    return ["-n", str(os.cpu_count() or 1), "--dist", "loadgroup", "-q"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", choices=LANGUAGES, help="only the notebooks in one language")
    parser.add_argument("--kernel", choices=("warm", "stock"), default="warm", help="as in seattn test")
    parser.add_argument("--changed", action="store_true", help="only the notebooks that changes can affect")


def run(arguments: argparse.Namespace) -> int:
    """0 if every stage succeeded, 1 otherwise; a failing stage does not keep the next from running."""
    notebooks = ["--kernel", arguments.kernel]
    notebooks += ["--language", arguments.language] if arguments.language else []
    notebooks += ["--changed"] if arguments.changed else []
    seattn = [sys.executable, "-m", "seattn_course"]
    colour = "yes" if sys.stdout.isatty() else "no"
    commands = {
        "unit tests": [sys.executable, "-m", "pytest", "tests", "--color", colour, *parallel()],
        "gates": [*seattn, "check"],
        "notebooks": [*seattn, "test", *notebooks],
    }
    stages = []
    for name, command in commands.items():
        print(f"\n== {name}", flush=True)
        stages.append(run_stage(name, command, lambda chunk: os.write(sys.stdout.fileno(), chunk)))
    print("\n== total", *total(stages), sep="\n", flush=True)
    return int(any(stage.status for stage in stages))
