"""``seattn report-card my_attention.py:MyAttention``: a report card as an HTML page and a PNG."""

import argparse
import importlib.util
import re
import sys
from pathlib import Path

from seattn_course.attention.factory import ATTENTION_NAMES, Attention
from seattn_course.course.language import LANGUAGES
from seattn_course.lab.report_card import report_card
from seattn_course.lab.training import Settings
from seattn_course.show import Show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``seattn report-card``."""
    parser.add_argument("attention", help="path.py:Name of a class or function, or a name such as se")
    parser.add_argument("--seeds", type=int, default=5, help="networks to train on each task (5)")
    parser.add_argument("--steps", type=int, default=Settings().steps, help="other steps make a trial only")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the two files (this one)")
    parser.add_argument("--language", choices=LANGUAGES, default="en")


def run(arguments: argparse.Namespace) -> int:
    """Measure, write both files, print the verdicts; 2 for wrong arguments, 1 after Ctrl-C."""
    try:
        attention = load(arguments.attention)
        card = report_card(attention, seeds=arguments.seeds, settings=Settings(steps=arguments.steps))
    except (TypeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped: no report card was written", file=sys.stderr)
        return 1
    page = Show(arguments.language).report_card(card)
    print(page)
    for path in page.save(arguments.out, f"report_card_{re.sub(r'[^0-9A-Za-z]+', '_', card.name)}"):
        print(path)
    return 0


def load(text: str) -> Attention:
    """A name of ``ATTENTION_NAMES`` as it is, or what ``path.py:Name`` names; ValueError for anything else."""
    if text.lower() in ATTENTION_NAMES:
        return text
    path, _, name = text.rpartition(":")
    if not path.endswith(".py"):
        known = ", ".join(ATTENTION_NAMES)
        raise ValueError(f"attention must be path.py:Name or one of {known}, got {text!r}")
    if not Path(path).is_file():
        raise ValueError(f"attention must name a file that exists, got {path!r}")
    specification = importlib.util.spec_from_file_location(Path(path).stem, path)
    module = importlib.util.module_from_spec(specification)
    try:
        specification.loader.exec_module(module)
    except Exception as error:  # the learner's file: anything may go wrong in it
        raise ValueError(
            f"attention must be in a file that runs, got {type(error).__name__}: {error}"
        ) from error
    if not hasattr(module, name):
        raise ValueError(f"attention must be a name that {path} defines, got {name!r}")
    return getattr(module, name)
