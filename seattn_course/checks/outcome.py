"""What a check answers: one dataclass, rendered as HTML and as plain text, in either language."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from seattn_course.course.language import Catalogue

PACKAGE = "seattn_course.checks.messages"
OUTCOMES = ("passed", "wrong", "error", "not_attempted", "checker_bug")
SYMBOLS = {"passed": "✓", "wrong": "✗", "error": "!", "not_attempted": "…", "checker_bug": "?"}
# Colours with a contrast of at least 4.5:1 on white and on JupyterLab's dark background alike would be grey;
# the colour is therefore only the bar at the left, and the words carry the meaning.
COLOURS = {
    "passed": "#009E73",
    "wrong": "#D55E00",
    "error": "#D55E00",
    "not_attempted": "#6b6b6b",
    "checker_bug": "#CC79A7",
}


def messages(language: str) -> Catalogue:
    """The checker's sentences in one language."""
    return Catalogue(PACKAGE, language)


@dataclass(frozen=True)
class Message:
    """A catalogue key and the values for its placeholders; a value may itself be a Message."""

    key: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        values = {
            name: value.text(language) if isinstance(value, Message) else value
            for name, value in self.parameters.items()
        }
        return messages(language).text(self.key, **values)


@dataclass(frozen=True)
class Result:
    """The answer of one check.

    Attributes:
        exercise: the exercise's id.
        outcome: one of OUTCOMES.
        key: catalogue key of the sentence that explains the outcome.
        parameters: the values of that sentence's placeholders.
        probe: name of the probe that objected, or None.
        language: in which the notebook shows it; ``text`` and ``html`` take any.
        frames: (line, function, source) of the learner's own code that raised.
        printed: the beginning of what the learner's code printed during the check.
        remarks: further sentences, such as where to find help.
    """

    exercise: str
    outcome: str
    key: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    probe: str | None = None
    language: str = "en"
    frames: tuple[tuple[int, str, str], ...] = ()
    printed: str = ""
    remarks: tuple[Message, ...] = ()

    def __post_init__(self):
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome must be one of {', '.join(OUTCOMES)}, got {self.outcome!r}")

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    def with_remarks(self, *remarks: Message) -> "Result":
        return replace(self, remarks=(*self.remarks, *remarks))

    def headline(self, language: str) -> str:
        """Outcome and title, such as "✓ Passed: SE block with two Linear layers"."""
        words = messages(language)
        title = words.text(f"{self.exercise}.title")
        return f"{SYMBOLS[self.outcome]} {words.text(f'engine.outcome.{self.outcome}', title=title)}"

    def explanation(self, language: str) -> str:
        return Message(self.key, self.parameters).text(language)

    def _blocks(self, language: str) -> list[tuple[str, str]]:
        """(heading, preformatted text) of what belongs below the explanation."""
        words = messages(language)
        blocks = []
        if self.frames:
            lines = [
                words.text("engine.frame", line=line, function=function) + f"\n    {source}"
                for line, function, source in self.frames
            ]
            blocks.append((words.text("engine.frames"), "\n".join(lines)))
        if self.printed:
            blocks.append((words.text("engine.printed"), self.printed.rstrip()))
        return blocks

    def text(self, language: str) -> str:
        """Plain text, for a terminal and for validation."""
        parts = [self.headline(language), self.explanation(language)]
        for heading, body in self._blocks(language):
            parts.append(f"{heading}\n" + "\n".join(f"    {line}" for line in body.splitlines()))
        parts += [remark.text(language) for remark in self.remarks]
        return "\n".join(parts)

    def html(self, language: str) -> str:
        """HTML without JavaScript; everything that is not the checker's own markup is escaped."""
        parts = [
            f"<strong>{html.escape(self.headline(language))}</strong>",
            _paragraph(self.explanation(language)),
        ]
        for heading, body in self._blocks(language):
            parts.append(_paragraph(heading))
            parts.append(f'<pre style="margin:0 0 0 1em">{html.escape(body)}</pre>')
        parts += [_paragraph(remark.text(language)) for remark in self.remarks]
        return framed("".join(parts), COLOURS[self.outcome], language)

    def __repr__(self) -> str:
        return self.text(self.language)

    def _repr_html_(self) -> str:
        return self.html(self.language)


def framed(inner: str, colour: str, language: str) -> str:
    """``inner`` in the course's box: a coloured bar at the left, no background (light and dark themes)."""
    style = f"border-left:4px solid {colour};padding:0.2em 0 0.2em 0.8em;margin:0.3em 0"
    return f'<div lang="{language}" style="{style}">{inner}</div>'


def _paragraph(text: str) -> str:
    """A paragraph; `code` between backticks becomes code."""
    pieces = html.escape(text).split("`")
    marked = "".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces))
    return f'<p style="margin:0.3em 0">{marked}</p>'
