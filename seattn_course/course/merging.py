"""A learner's notebook and the course's new one made into one, cell by cell through the cells' names.

Three notebooks meet: ``base``, as the course gave it; ``mine``, what the learner made of it; ``new``, as the
course has it now. Notebooks are plain dictionaries here: nbformat's reader would take seconds to import.
"""

import json
import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class Merged:
    """The merged notebook, the cells that both sides changed, and whether the learner's work is in it."""

    notebook: dict
    both_changed: tuple[str, ...]
    kept: bool


def source(cell: dict) -> str:
    """A cell's text; lines may be stored as a list, and editors differ in what they leave at the ends."""
    text = cell["source"]
    return ("".join(text) if isinstance(text, list) else text).strip()


def merge(base: dict, mine: dict, new: dict, note: str) -> Merged:
    """``new`` with the learner's cells in it.

    A cell that one side changed is taken from that side. Where both did, the learner's stays and the course's
    follows as text, below ``note``, so that the notebook runs as before. Cells that the learner added stay behind
    the cell they stood behind. Nothing of ``mine`` but outputs is left out.
    """
    old, ours, added = _named(base), _named(mine), _added(base, mine, new)
    changed = [name for name, own in ours.items() if name not in old or source(own) != source(old[name])]
    if not (changed or added or old.keys() - ours.keys()):
        # Without work of the learner's, the course's outputs are worth more than those of an older version.
        return Merged(new, (), kept=False)
    cells, both = list(added.get(None, ())), []
    for name, theirs in _named(new).items():
        own, was = ours.get(name), old.get(name)
        if was is not None and source(was) == source(theirs):  # the course left it as it was
            cells += [own] if own is not None else []
        elif own is None or name not in changed or source(own) == source(theirs):
            cells.append(theirs)
        else:
            both.append(name)
            text = _as_text(theirs, note)
            # It is there already where an update was broken off and started again.
            there = any(source(cell) == source(text) for cell in added.get(name, ()))
            cells += [own] if there else [own, text]
        cells += added.get(name, ())
    return Merged({**new, "cells": cells}, tuple(both), kept=True)


def _name(cell: dict) -> str | None:
    return cell.get("metadata", {}).get("name")


def _named(notebook: dict) -> dict[str, dict]:
    """Cells by name; of several with one name (a cell was copied or split) the first."""
    found: dict[str, dict] = {}
    for cell in notebook["cells"]:
        if _name(cell):
            found.setdefault(_name(cell), cell)
    return found


def _added(base: dict, mine: dict, new: dict) -> dict[str | None, list[dict]]:
    """The learner's own cells, by the name of the course's cell in front of them (None: at the start).

    A cell that the course has dropped is the learner's own if it was edited. Empty cells, which JupyterLab adds
    when the last one is run, are not kept. From now on these cells have no name, so that they are nobody else's.
    """
    old, ours, theirs = _named(base), _named(mine), _named(new)
    found: dict[str | None, list[dict]] = {}
    behind = None
    for cell in mine["cells"]:
        name = _name(cell)
        of_the_course = name is not None and ours[name] is cell and (name in old or name in theirs)
        if of_the_course and name in theirs:
            behind = name
        elif source(cell) and not (of_the_course and source(cell) == source(old[name])):
            metadata = {key: value for key, value in cell.get("metadata", {}).items() if key != "name"}
            found.setdefault(behind, []).append({**cell, "metadata": metadata})
    return found


def _as_text(cell: dict, note: str) -> dict:
    """The course's version of a cell as a Markdown cell."""
    words = source(cell)
    if cell["cell_type"] == "code":
        words = f"```python\n{words}\n```"
    return {"cell_type": "markdown", "id": uuid.uuid4().hex[:8], "metadata": {}, "source": f"*{note}*\n\n{words}"}


def read(content: bytes) -> dict | None:
    """The notebook in a file's bytes, or None if there is none in it."""
    try:
        notebook = json.loads(content)
        _ = [source(cell) + cell["cell_type"] + (_name(cell) or "") for cell in notebook["cells"]]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return notebook


def written(notebook: dict) -> bytes:
    """The file of a notebook, in the form that Jupyter gives it."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8")
