"""Comparison of outputs made on different hardware: text and integers exactly, floats within a tolerance.

A GPU adds in another order than a CPU, so the last digits differ. A float in the output may differ from the stored
one by RELATIVE of it, by one unit of the last place it is printed with, or by ABSOLUTE, whichever is largest. All
else has to be equal, but for white space beside numbers (PyTorch pads columns) and the device in a tensor's repr.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from nbformat import NotebookNode

from seattn_course.authoring.validation.report import NOT_COMPARED, is_progress_bar

RELATIVE = 1e-4
ABSOLUTE = 1e-6

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)(?![\w.]*\w)")
_DEVICE = re.compile(r",\s+device='cuda(?::\d+)?'")


def differences(stored: Iterable[NotebookNode], new: Iterable[NotebookNode]) -> list[str]:
    """What differs between two cells' outputs, one message for each kind of output; empty if nothing does."""
    before, after = _by_kind(stored), _by_kind(new)
    found = [f"the stored {kind} is missing" for kind in before if kind not in after]
    found += [f"{kind} is not stored: {_short(after[kind][0])}" for kind in after if kind not in before]
    for kind in before.keys() & after.keys():
        if len(before[kind]) != len(after[kind]):
            found.append(f"{len(after[kind])} outputs of {kind}, stored are {len(before[kind])}")
            continue
        for old, now in zip(before[kind], after[kind], strict=True):
            if problem := text_difference(old, now):
                found.append(f"{kind}: {problem}")
    return sorted(found)


def text_difference(stored: str, new: str) -> str | None:
    """The first difference between two texts that the tolerance does not allow, or None."""
    old_text, old_numbers = _taken_apart(stored)
    new_text, new_numbers = _taken_apart(_DEVICE.sub("", new))
    if len(old_numbers) != len(new_numbers):
        return f"stored {len(old_numbers)} numbers, now {len(new_numbers)}: {_short(new)}"
    if old_text != new_text:
        pairs = zip(old_text, new_text, strict=True)
        old, now = next((old, now) for old, now in pairs if old != now)
        return f"stored {_short(old)}, now {_short(now)}"
    for old, now in zip(old_numbers, new_numbers, strict=True):
        if not _near(old, now):
            return f"stored {old}, now {now}"
    return None


def _near(stored: str, new: str) -> bool:
    if not (_has_point(stored) and _has_point(new)) or (stored[-1] == "." == new[-1]):
        return stored == new  # integers, also those that end a sentence
    mantissa, _, exponent = stored.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    last_place = 10.0 ** (int(exponent or 0) - decimals) if decimals else 0.0
    allowed = max(RELATIVE * abs(float(stored)), last_place, ABSOLUTE)
    return abs(float(stored) - float(new)) <= allowed * (1 + 1e-9)  # 0.3 - 0.2 is not quite 0.1


def _has_point(number: str) -> bool:
    return not number.lstrip("+-").isdigit()


def _taken_apart(text: str) -> tuple[list[str], list[str]]:
    """The text between the numbers, and the numbers."""
    between = _NUMBER.split(text)
    for i in range(len(between)):
        if i > 0:
            between[i] = re.sub(r"^\s+", " ", between[i])
        if i < len(between) - 1:
            between[i] = between[i].rstrip()
    return between, _NUMBER.findall(text)


def _by_kind(outputs: Iterable[NotebookNode]) -> dict[str, list[str]]:
    """Everything comparable in the outputs, by stream name, media type or part of an error."""
    found: dict[str, list[str]] = defaultdict(list)
    for output in outputs:
        if is_progress_bar(output):
            continue
        for kind, value in _parts(output):
            if output.output_type == "stream" and kind in found:
                found[kind][0] += value
            else:
                found[kind].append(value)
    return found


def _parts(output: NotebookNode) -> Iterator[tuple[str, str]]:
    if output.output_type == "stream":
        yield output.name, output.text
    elif output.output_type == "error":
        yield "exception", f"{output.ename}: {output.evalue}"
    else:
        for kind, value in output.data.items():
            if kind not in NOT_COMPARED:
                yield kind, _as_text(value)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "…")
