"""The ``seattn`` command: one verb, one module; a verb's module is imported only when it is called."""

import argparse
import importlib
import sys
from collections.abc import Sequence

# verb: (module with add_arguments(parser) and run(arguments) -> exit status, one line of help)
VERBS = {
    "lab": ("seattn_course.course.launch", "open the course in JupyterLab"),
    "update": ("seattn_course.course.update", "fetch what is new in the course; your work stays"),
    "progress": ("seattn_course.course.progress", "show which exercises are solved"),
    "site": ("seattn_course.authoring.site", "build the course as a static site in both languages"),
    "ablation": ("seattn_course.lab.recompute", "make the ablations and report cards that lesson 14 shows"),
    "report-card": ("seattn_course.lab.card_command", "measure an attention module and write its report card"),
    "check": ("seattn_course.authoring.gates", "run the gates that execute no notebook"),
    "sync": ("seattn_course.authoring.sync", "carry edits between a notebook, its text and its twin"),
    "accept": ("seattn_course.authoring.accept", "record that a translation is current again"),
    "exercises": ("seattn_course.authoring.exercises", "generate the exercises from the solutions"),
    "claims": ("seattn_course.authoring.claims", "print the ledger of claims, or write its rows into the lessons"),
    "execute": ("seattn_course.authoring.execute", "run notebooks and store their outputs"),
    "test": ("seattn_course.authoring.validate", "run every notebook and compare its outputs"),
    "everything": ("seattn_course.authoring.everything", "unit tests, gates, every notebook: what make test runs"),
    "wrong-answers": ("seattn_course.authoring.wrong_answers", "test the exercise checker and print its table"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns its exit status (0 success, 1 findings or failures, 2 wrong usage)."""
    argv = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="seattn", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, (module_name, line) in VERBS.items():
        subparser = verbs.add_parser(verb, help=line, description=line)
        # Only the verb that was typed pays for its imports; the others need no arguments to be listed.
        if argv and argv[0] == verb:
            module = importlib.import_module(module_name)
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    arguments = parser.parse_args(argv)
    return int(arguments.run(arguments) or 0)
