"""The ``seattn check`` verb: the registry of gates that execute no notebook, and its runner.

A gate is one function in one module: it takes the course's tree and yields a Finding for each thing it objects
to. Gates read notebooks through ``CourseTree.notebook``, which parses each file once and gives None for a file
that is missing or no JSON (the gates "pairing", "exercises" and "readable" say so).
"""

import argparse
import time
from collections.abc import Callable, Iterable

from seattn_course.authoring.claims import claims_gate
from seattn_course.authoring.execution import execution_gate
from seattn_course.authoring.exercise_gate import exercises_gate
from seattn_course.authoring.glossary import glossary_gate
from seattn_course.authoring.images import images_gate
from seattn_course.authoring.links import links_gate
from seattn_course.authoring.navigation import navigation_gate
from seattn_course.authoring.numbers import numbers_gate
from seattn_course.authoring.pairing import pairing_gate
from seattn_course.authoring.parity import parity_gate
from seattn_course.authoring.parity_outputs import parity_outputs_gate
from seattn_course.authoring.parity_prose import parity_prose_gate
from seattn_course.authoring.readable import readable_gate
from seattn_course.authoring.reasons import reasons_gate
from seattn_course.authoring.sizes import sizes_gate
from seattn_course.authoring.stale import stale_gate
from seattn_course.authoring.tree import CourseTree, Finding, find_root

Gate = Callable[[CourseTree], Iterable[Finding]]

GATES: dict[str, Gate] = {
    "readable": readable_gate,
    "pairing": pairing_gate,
    "parity": parity_gate,
    "parity-prose": parity_prose_gate,
    "parity-outputs": parity_outputs_gate,
    "stale": stale_gate,
    "exercises": exercises_gate,
    "execution": execution_gate,
    "numbers": numbers_gate,
    "claims": claims_gate,
    "glossary": glossary_gate,
    "images": images_gate,
    "links": links_gate,
    "navigation": navigation_gate,
    "reasons": reasons_gate,
    "sizes": sizes_gate,
}


def run_gates(tree: CourseTree, names: Iterable[str] = ()) -> list[Finding]:
    """The findings of the gates ``names`` (of all of them by default), sorted by file, cell and gate."""
    chosen = list(names) or list(GATES)
    findings = [finding for name in chosen for finding in GATES[name](tree)]
    return sorted(findings, key=lambda found: (found.path, found.cell or "", found.gate, found.message))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("gates", nargs="*", metavar="GATE", help=f"of {', '.join(GATES)}; all by default")


def run(arguments: argparse.Namespace) -> int:
    unknown = sorted(set(arguments.gates) - set(GATES))
    if unknown:
        print(f"no gate {', '.join(unknown)}; there are {', '.join(GATES)}")
        return 2
    started = time.perf_counter()
    tree = CourseTree(find_root())
    findings = run_gates(tree, arguments.gates)
    for finding in findings:
        print(finding)
    seconds = time.perf_counter() - started
    gates = len(arguments.gates or GATES)
    print(f"{gates} gates, {tree.file_count()} files, {len(findings)} findings in {seconds:.1f} s")
    return 1 if findings else 0
