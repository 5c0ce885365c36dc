"""A program that runs a small ablation, to be killed by tests/lab/test_ablation_faults.py.

    python ablation_driver.py STORE LOG

Prints the number of finished runs at the start and after each run, then how many it made. Each model that is built
leaves a line in LOG.
"""

import functools
import sys
from pathlib import Path

from seattn_course.attention import SEBlock
from seattn_course.lab.ablation import Results, ablation
from seattn_course.lab.configuration import own
from seattn_course.lab.store import Store
from seattn_course.lab.training import Settings
from seattn_course.lab.workers import processes

SEEDS = range(5)
REDUCTIONS = (1, 2, 4, 8)


def logged(channels: int, reduction: int, log: str) -> SEBlock:
    with open(log, "a", encoding="utf-8") as file:
        file.write(f"{reduction}\n")
    return SEBlock(channels, reduction)


def grid(log: str) -> tuple[dict, dict]:
    """Models and factories: SE blocks of four widths."""
    factories = {f"SE r={r}": functools.partial(logged, reduction=r, log=log) for r in REDUCTIONS}
    short = {"settings": Settings(steps=25), "batch": 16, "width": 8, "test": 200}
    return {name: own(factory, name, **short) for name, factory in factories.items()}, factories


def tell(results: Results) -> None:
    print(len(results.outcomes), flush=True)


def main(path: str, log: str) -> None:
    models, factories = grid(log)
    with Store(Path(path)) as store:
        results = ablation(models, SEEDS, executor=processes(2), store=store, factories=factories, watch=tell)
    print("made", results.made, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
