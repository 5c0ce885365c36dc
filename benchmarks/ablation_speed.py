"""How fast an ablation runs: keybar, five models x 6 seeds, here and in two processes; seeds stacked on a GPU.

    python benchmarks/ablation_speed.py [--seeds 6] [--steps 250] [--workers 2] [--folder .bench]

Serial and parallel runs must have the same numbers, and the script fails if they have not. Where torch finds a
GPU, one run after another is compared with the seeds of a model stacked into one network; elsewhere it says so.
That half has not run yet: no machine that ran this had a GPU.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch

from seattn_course.lab.ablation import Results, ablation
from seattn_course.lab.configuration import Configuration, train
from seattn_course.lab.stacked import train_stacked
from seattn_course.lab.training import Settings
from seattn_course.lab.workers import processes

ATTENTIONS = ("none", "se", "eca", "spatial", "cbam")
LIMIT = 90  # seconds: the aim for five models x 6 seeds on two cores
FASTER = 1.6  # two processes against one, the aim on an idle machine
STACKED = 5  # stacked seeds against single ones on a GPU, the aim


def timed(call: Callable[[], object]) -> tuple[object, float]:
    """What ``call`` returns, and its wall time in seconds."""
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


def numbers(results: Results) -> dict:
    """All numbers but the seconds."""
    return {cell: outcome.numbers() for cell, outcome in results.outcomes.items()}


def on_cpu(models: dict[str, Configuration], seeds: range, workers: int) -> str:
    """Serial against processes, as text."""
    train(models["none"], 0)  # the first run also loads what the others need
    before = os.getloadavg()[0]
    serial, slow = timed(lambda: ablation(models, seeds))
    parallel, fast = timed(lambda: ablation(models, seeds, executor=processes(workers)))
    if numbers(serial) != numbers(parallel):
        raise SystemExit("the numbers of the processes are not the serial ones")
    runs, load = serial.total, f"load average {before:.1f} before"
    return "\n".join(
        [
            f"keybar, {len(models)} models x {len(seeds)} seeds = {runs} runs; {os.cpu_count()} cores, "
            f"{load}, torch {torch.__version__}, {platform.machine()}",
            "",
            "| | wall s | s a run |",
            "|---|---:|---:|",
            f"| one process | {slow:.0f} | {slow / runs:.1f} |",
            f"| {workers} processes, same numbers | {fast:.0f} | {fast / runs:.1f} |",
            "",
            f"{workers} processes: {slow / fast:.2f} x as fast (aim {FASTER} on an idle machine); "
            f"{fast:.0f} s (aim under {LIMIT} s for 30 runs)",
            "",
            str(serial),
        ]
    )


def on_gpu(models: dict[str, Configuration], seeds: range) -> str:
    """Single runs against stacked seeds, as text."""
    if not torch.cuda.is_available():
        return "stacked seeds: not measured, torch finds no GPU here"
    lines = [f"stacked seeds on {torch.cuda.get_device_name()}, {len(seeds)} seeds", ""]
    lines += ["| model | s a run | s a run, stacked | ratio |", "|---|---:|---:|---:|"]
    for name, configuration in models.items():
        train_stacked(configuration, seeds, device="cuda")
        _, slow = timed(lambda made=configuration: [train(made, seed, device="cuda") for seed in seeds])
        _, fast = timed(lambda made=configuration: train_stacked(made, seeds, device="cuda"))
        ratio = slow / fast
        lines.append(f"| {name} | {slow / len(seeds):.2f} | {fast / len(seeds):.2f} | {ratio:.1f} |")
    return "\n".join([*lines, "", f"aim: {STACKED} x"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path(".bench"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    settings = Settings(steps=options.steps)
    models = {name: Configuration(attention=name, settings=settings) for name in ATTENTIONS}
    seeds = range(options.seeds)
    report = on_cpu(models, seeds, options.workers) + "\n\n" + on_gpu(models, seeds) + "\n"
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "ablation_speed.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
