"""``seattn ablation``: makes the course's ablations and report cards and stores their results for the lessons."""

import argparse
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from seattn_course.lab import report_cards
from seattn_course.lab.ablation import Results, ablation
from seattn_course.lab.plans import PLANS, Plan, write
from seattn_course.lab.statistics import corrected, verdict
from seattn_course.lab.store import Store
from seattn_course.lab.workers import processes

RUNS = Path(".bench") / "ablation.sqlite"
CARDS = "cards"  # beside the plans' names: all report cards


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``seattn ablation``."""
    parser.add_argument(
        "plans", nargs="*", metavar="PLAN", help=f"of {', '.join((*PLANS, CARDS))}; all without a name"
    )
    parser.add_argument("--workers", type=int, help="processes; one for each core without a number")
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="a Dask scheduler, such as tcp://host:8786, for the runs"
    )
    parser.add_argument("--runs", type=Path, default=RUNS, help=f"finished runs are kept here ({RUNS})")
    parser.add_argument("--anew", action="store_true", help="forget what is finished of these plans first")
    parser.add_argument("--results", type=Path, help="folder for the results (the package's own)")


def run(arguments: argparse.Namespace) -> int:
    """Make the plans' runs and the cards that are missing; 1 if Ctrl-C ended it, 2 for an unknown plan."""
    known = (*PLANS, CARDS)
    names = arguments.plans or known
    if unknown := [name for name in names if name not in known]:
        print(f"no plan {', '.join(map(repr, unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    folder = arguments.results or Path(str(resources.files("seattn_course.lab"))) / "results"
    status = _ablations([name for name in names if name != CARDS], arguments, folder)
    return _cards(folder, arguments.anew) if status == 0 and CARDS in names else status


def _ablations(names: Sequence[str], arguments: argparse.Namespace, folder: Path) -> int:
    import torch

    executor, close = _executor(arguments)
    try:
        with Store(arguments.runs) as store:
            for name in names:
                plan = PLANS[name]
                if arguments.anew:
                    store.forget((made, seed) for made in plan.models.values() for seed in plan.seeds)
                print(f"{name}: {plan.question}")
                screen = _Screen()
                results = ablation(plan.models, plan.seeds, executor=executor, store=store, watch=screen.show)
                if results.interrupted:
                    kept = f"{len(results.outcomes)} of {results.total} runs are kept"
                    print(f"stopped: {kept}; the same command goes on")
                    return 1
                screen.end(results)
                print(_comparisons(results, plan))
                write(name, results, folder, torch.__version__.partition("+")[0])
    finally:
        close()
    return 0


def _cards(folder: Path, anew: bool) -> int:
    """Measures the cards that ``folder`` does not hold, or not as of today; each is kept when finished."""
    for name, attention in report_cards.CARDS.items():
        path = report_cards.file_of(name, folder)
        try:
            if not anew and report_cards.read(path, attention):
                print(f"card {name}: current")
                continue
        except (OSError, ValueError):
            pass  # missing, or not current
        print(f"card {name}: measuring", flush=True)
        try:
            card = report_cards.measure(name, progress=sys.stderr.isatty())
        except KeyboardInterrupt:
            print("stopped: finished cards are kept; the same command goes on")
            return 1
        report_cards.write(card, attention, path)
    return 0


def _executor(arguments: argparse.Namespace):
    if arguments.dask is None:
        return processes(arguments.workers), lambda: None
    from distributed import Client

    client = Client(arguments.dask)
    return client.get_executor(), client.close


class _Screen:
    """The table, which in a terminal is drawn again over itself after each run."""

    def __init__(self):
        self.lines = 0

    def show(self, results: Results) -> None:
        if sys.stdout.isatty():
            text = str(results)
            up = f"\x1b[{self.lines}F" if self.lines else ""
            print(up + "".join(f"{line}\x1b[K\n" for line in text.splitlines()), end="", flush=True)
            self.lines = text.count("\n") + 1

    def end(self, results: Results) -> None:
        if not sys.stdout.isatty():
            print(results, flush=True)


def _comparisons(results: Results, plan: Plan) -> str:
    """The plan's comparisons, in points; p of the sign-flip test, and after Holm's correction."""
    tests = {f"{model} - {other}": results.compare(model, other) for model, other in plan.comparisons()}
    holm = corrected({name: test.p_sign_flip for name, test in tests.items()})
    width = max(map(len, tests))
    lines = [f"points [95 %], sign-flip p, after Holm; worth a difference: {plan.worth:g} points"]
    for name, test in tests.items():
        low, high = test.interval.lower, test.interval.upper
        effect = f"{test.mean:+z6.1f} [{low:+z.1f}, {high:+z.1f}]"
        said = verdict(test.interval, plan.worth)
        lines.append(f"{name:<{width}} {effect}  {test.p_sign_flip:.3f}  {holm[name]:.3f}  {said}")
    return "\n".join(lines) + "\n"
