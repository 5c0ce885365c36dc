"""``progress()``: which exercises are solved, as a small table with a bar, in either language."""

import html
from dataclasses import dataclass

from seattn_course.checks.exercise import exercises_by_lesson, stem
from seattn_course.checks.outcome import COLOURS, Message, framed, messages
from seattn_course.course import progress

MARKS = {"passed": "✓", "tried": "•", "open": "–"}
CELLS = 20


@dataclass(frozen=True)
class Overview:
    """The state of every exercise, lesson by lesson; ``problem`` says why the record could not be read."""

    states: dict[str, dict[str, str]]
    language: str
    problem: Message | None = None

    @property
    def counts(self) -> tuple[int, int]:
        """(solved, all)."""
        states = [state for lesson in self.states.values() for state in lesson.values()]
        return states.count("passed"), len(states)

    def _bar(self, solved: int, total: int) -> str:
        full = CELLS * solved // total if total else 0
        return "█" * full + "░" * (CELLS - full)

    def __repr__(self) -> str:
        words = messages(self.language)
        solved, total = self.counts
        width = max((len(stem(lesson)) for lesson in self.states), default=0)
        lines = [words.text("engine.progress.summary", bar=self._bar(solved, total), solved=solved, total=total)]
        for lesson, exercises in self.states.items():
            done = list(exercises.values()).count("passed")
            marks = "  ".join(f"{MARKS[state]} {name}" for name, state in exercises.items())
            lines.append(f"{stem(lesson):<{width}}  {done}/{len(exercises)}  {marks}")
        lines.append(words.text("engine.progress.legend"))
        if self.problem:
            lines.append(self.problem.text(self.language))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        words = messages(self.language)
        solved, total = self.counts
        percent = 100 * solved / total if total else 0
        track = "display:inline-block;width:12em;height:0.8em;border:1px solid #6b6b6b;vertical-align:middle"
        bar = (
            f'<span style="{track}" role="img" aria-label="{solved}/{total}">'
            f'<span style="display:block;width:{percent:.0f}%;height:100%;background:{COLOURS["passed"]}"></span>'
            "</span>"
        )
        summary = html.escape(words.text("engine.progress.summary", bar="", solved=solved, total=total).strip())
        head = "".join(
            f'<th scope="col" style="text-align:left">{html.escape(words.text(f"engine.progress.{name}"))}</th>'
            for name in ("lesson", "solved", "exercises")
        )
        rows = "".join(
            f'<tr><td style="text-align:left">{html.escape(stem(lesson))}</td>'
            f"<td>{list(exercises.values()).count('passed')}/{len(exercises)}</td>"
            '<td style="text-align:left">'
            + "&ensp; ".join(f"{MARKS[state]}&nbsp;{html.escape(name)}" for name, state in exercises.items())
            + "</td></tr>"
            for lesson, exercises in self.states.items()
        )
        legend = html.escape(words.text("engine.progress.legend"))
        problem = f"<p>{html.escape(self.problem.text(self.language))}</p>" if self.problem else ""
        inner = f"{bar} {summary}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return framed(f"{inner}<small>{legend}</small>{problem}", COLOURS["passed"], self.language)


def overview(language: str) -> Overview:
    """The table as the record stands now."""
    problem = None
    try:
        record = progress.read()
        if record.kept_aside:
            problem = Message("engine.progress.kept_aside", {"file": record.kept_aside})
    except progress.NotRecordedError as error:
        record, problem = progress.Record(), Message(error.key, error.parameters)
    states = {
        lesson: {name: record.exercises.get(f"{lesson}.{name}", progress.NEW_RECORD)["state"] for name in names}
        for lesson, names in exercises_by_lesson().items()
    }
    return Overview(states, language, problem)
