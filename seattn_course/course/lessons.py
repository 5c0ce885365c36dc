"""The lessons that there are, as their own heads tell, and the table of them that is the course's home.

Everything that lists lessons reads it here: the table, the road map, the links between lessons. A lesson that is
added to ``notebooks`` appears in all of them.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from seattn_course.course.language import LANGUAGES, Catalogue

ROOT = Path(__file__).resolve().parents[2]
TITLE = re.compile(r"^# (?P<number>\d+) · (?P<title>.+)$", re.MULTILINE)
TIME = {
    "en": re.compile(r"^\*\*Time:\*\* (\d+) minutes?, and (\d+)(?: minutes?)? for the exercises\b", re.MULTILINE),
    "tr": re.compile(r"^\*\*Süre:\*\* (\d+) dakika; alıştırmalar için (\d+) dakika\b", re.MULTILINE),
}


@dataclass(frozen=True)
class LessonHead:
    """What the first cell of a lesson says of it; times in minutes."""

    stem: str
    number: int
    title: str
    minutes: int
    exercise_minutes: int

    @property
    def short_title(self) -> str:
        """The title without what follows its colon, for a link."""
        return self.title.partition(":")[0]


def head_of(stem: str, first_cell: str, language: str) -> LessonHead:
    """The head in a lesson's first cell; ValueError says which line is missing."""
    title, time = TITLE.search(first_cell), TIME[language].search(first_cell)
    if not title or not stem.startswith(f"{int(title['number']):02d}_"):
        raise ValueError(f"{stem} must begin with '# {stem[:2].lstrip('0') or '0'} · ' and its title")
    if not time:
        raise ValueError(f"{stem} must state its times in its first cell as /{TIME[language].pattern}/")
    return LessonHead(stem, int(title["number"]), title["title"].strip(), int(time[1]), int(time[2]))


def lesson_heads(language: str, root: Path = ROOT) -> list[LessonHead]:
    """Every lesson of one language, in order; one whose file or head cannot be read is left out."""
    found = []
    for path in sorted((root / "notebooks" / language).glob("*.ipynb")):
        if ".mine-" in path.name:
            continue
        try:
            cell = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
            found.append(head_of(path.stem, "".join(cell["source"]), language))
        except (OSError, ValueError, TypeError, KeyError, IndexError):
            continue
    return found


@dataclass(frozen=True)
class LessonTable:
    """The course's home: each lesson with its times, its exercises solved, and where everything lies.

    It is Markdown, which JupyterLab, GitHub and the site all show; its links are relative to a lesson's folder.
    """

    language: str
    heads: tuple[LessonHead, ...]
    states: dict[str, dict[str, str]]  # lesson's stem -> exercise -> passed, tried or open
    problem: str | None = None

    def _repr_markdown_(self) -> str:
        from seattn_course.checks.overview import MARKS

        words = Catalogue("seattn_course.course.messages", self.language)
        other = next(language for language in LANGUAGES if language != self.language)
        names = [words.text(f"home.{name}") for name in ("lesson", "time", "solved", "more")]
        lines = [f"| | {' | '.join(names)} |", "|---:|---|---|---|---|"]
        for head in self.heads:
            states = list(self.states.get(head.stem, {}).values())
            marks = "".join(MARKS[state] for state in states)
            links = " · ".join(
                f"[{words.text(f'home.{kind}')}](../../{kind}/{self.language}/{head.stem}.ipynb)"
                for kind in ("exercises", "solutions")
            )
            lines.append(
                f"| {head.number} | [{head.title}]({head.stem}.ipynb) "
                f"| {words.text('home.minutes', lesson=head.minutes, exercises=head.exercise_minutes)} "
                f"| {states.count('passed')}/{len(states)} {marks} "
                f"| {links} · [{words.text('home.other')}](../{other}/{head.stem}.ipynb) |"
            )
        return "\n".join(lines) + "\n\n" + self._below(words)

    def __repr__(self) -> str:
        words = Catalogue("seattn_course.course.messages", self.language)
        width = max((len(head.title) for head in self.heads), default=0)
        lines = []
        for head in self.heads:
            states = list(self.states.get(head.stem, {}).values())
            time = words.text("home.minutes", lesson=head.minutes, exercises=head.exercise_minutes)
            solved = f"{states.count('passed')}/{len(states)}"
            lines.append(f"{head.number:>2} {head.title:<{width}} {time:<12} {solved}")
        return "\n".join([*lines, self._below(words)])

    def _below(self, words: Catalogue) -> str:
        from seattn_course.checks.outcome import messages

        legend = f"{messages(self.language).text('engine.progress.legend')}. {words.text('home.legend')}"
        return f"{legend} {self.problem}" if self.problem else legend


def lesson_table(language: str, root: Path = ROOT) -> LessonTable:
    """The table as lessons and record stand now."""
    from seattn_course.checks.exercise import stem
    from seattn_course.checks.overview import overview

    record = overview(language)
    states = {stem(lesson): exercises for lesson, exercises in record.states.items()}
    problem = record.problem.text(language) if record.problem else None
    return LessonTable(language, tuple(lesson_heads(language, root)), states, problem)
