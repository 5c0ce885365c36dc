"""Small courses in a temporary folder, with notebooks written for the test, and `seattn test` run over them."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output


def stream(text):
    return new_output("stream", name="stdout", text=text)


def code(name, source, outputs=(), count=None, **metadata):
    """A code cell as `seattn execute` stores it; ``count`` None leaves the numbering to ``notebook``."""
    cell = new_code_cell(source, outputs=list(outputs), metadata={"name": name, **metadata}, execution_count=count)
    cell.id = name
    return cell


def notebook(*cells, run=True):
    """A notebook of these cells, numbered as a run from top to bottom leaves them."""
    for number, cell in enumerate(cells, start=1):
        if run and cell.execution_count is None:
            cell.execution_count = number
    return new_notebook(cells=list(cells))


@dataclass
class Course:
    """A course of its own: ``seattn`` takes the folder for a checkout."""

    root: Path

    def add(self, name, content):
        path = self.root / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else nbformat.writes(content), encoding="utf-8")
        return path

    def command(self, *arguments):
        return [sys.executable, "-m", "seattn_course", *arguments]

    def run(self, *arguments, timeout=120):
        return subprocess.run(
            self.command(*arguments), cwd=self.root, capture_output=True, text=True, timeout=timeout, check=False
        )


def new_course(folder):
    for kind in ("notebooks", "solutions", "exercises"):
        (folder / kind / "en").mkdir(parents=True)
    (folder / "seattn_course").mkdir()
    return Course(folder)
