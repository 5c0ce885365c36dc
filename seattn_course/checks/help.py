"""Hints, one level at a time, and the solved cell."""

import html
import inspect
import json
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from seattn_course.checks.exercise import load, stem
from seattn_course.checks.outcome import COLOURS, framed, messages

LEVELS = 3
_MARKER = re.compile(r"^\s*# (BEGIN|END) SOLUTION\s*$")
_LINE_MARKER = re.compile(r"\s*# SOLUTION\s*$")


@dataclass(frozen=True)
class Hint:
    """One hint; ``level`` 1 to 3, from a question to nearly the line of code; 4 says where the solution is."""

    exercise: str
    level: int
    language: str

    def text(self, language: str) -> str:
        words = messages(language)
        if self.level > LEVELS:
            return words.text("engine.help.no_more", id=self.exercise)
        hint = words.text(f"{self.exercise}.hint{self.level}")
        return f"{words.text('engine.help.level', level=self.level, levels=LEVELS)}: {hint}"

    def __repr__(self) -> str:
        return self.text(self.language)

    def _repr_html_(self) -> str:
        pieces = html.escape(self.text(self.language)).split("`")
        marked = "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))
        return framed(marked, COLOURS["not_attempted"], self.language)


@dataclass(frozen=True)
class Solution:
    """The solved cell as code."""

    exercise: str
    code: str
    language: str

    def __repr__(self) -> str:
        return self.code

    def _repr_html_(self) -> str:
        heading = messages(self.language).text("engine.help.solution", id=self.exercise)
        code = f'<pre style="margin:0.3em 0">{html.escape(self.code)}</pre>'
        return framed(f"{html.escape(heading)}{code}", COLOURS["not_attempted"], self.language)


def solution(exercise_id: str, language: str) -> Solution:
    """The cell ``answer-<exercise>`` of the solved notebook in this language, or else the reference's source."""
    exercise = load(exercise_id)
    code = _solved_cell(exercise_id, language)
    if code is None:
        code = textwrap.dedent(inspect.getsource(exercise.reference)).rstrip()
    return Solution(exercise_id, code, language)


def _solved_cell(exercise_id: str, language: str) -> str | None:
    lesson, name = exercise_id.split(".")
    wanted = {f"answer-{name}", f"answer-{name.replace('_', '-')}"}
    relative = Path("solutions") / language / f"{stem(lesson)}.ipynb"
    here, package = Path.cwd().resolve(), Path(__file__).resolve().parents[2]
    for folder in (here, *here.parents, package):
        try:
            notebook = json.loads((folder / relative).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        for cell in notebook.get("cells", ()):
            if cell.get("metadata", {}).get("name") in wanted:
                return without_markers("".join(cell["source"]))
    return None


def without_markers(source: str) -> str:
    """The code of a solved cell without the marks that exercise generation reads."""
    lines = [_LINE_MARKER.sub("", line) for line in source.splitlines() if not _MARKER.match(line)]
    return "\n".join(lines)
