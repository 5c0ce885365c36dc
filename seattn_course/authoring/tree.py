"""Where the course's notebooks lie, how they pair up, and what a gate reports."""

from dataclasses import dataclass
from pathlib import Path

import nbformat

from seattn_course.course.language import LANGUAGES

KINDS = ("notebooks", "solutions", "exercises")
PAIRED_KINDS = ("notebooks", "solutions")  # these have a text; exercises are generated


@dataclass(frozen=True)
class Finding:
    """One thing a gate objects to: which gate, which file, which cell (by name, or None), and why."""

    gate: str
    path: str
    cell: str | None
    message: str

    def __str__(self) -> str:
        place = f"{self.path} [{self.cell}]" if self.cell else self.path
        return f"{place}: {self.gate}: {self.message}"


@dataclass(frozen=True)
class Lesson:
    """One notebook file of the course: its kind, language and stem name it."""

    root: Path
    kind: str
    language: str
    stem: str

    @property
    def path(self) -> Path:
        return self.root / self.kind / self.language / f"{self.stem}.ipynb"

    @property
    def text_path(self) -> Path:
        return self.root / "text" / self.kind / self.language / f"{self.stem}.md"

    @property
    def name(self) -> str:
        return self.path.relative_to(self.root).as_posix()

    def twin(self, language: str | None = None) -> "Lesson":
        """The same notebook in ``language`` (by default the course's other language)."""
        if language is None:
            language = next(other for other in LANGUAGES if other != self.language)
        return Lesson(self.root, self.kind, language, self.stem)

    def as_kind(self, kind: str) -> "Lesson":
        return Lesson(self.root, kind, self.language, self.stem)

    def read(self) -> nbformat.NotebookNode:
        """The stored notebook; ValueError (json's own) if the file is no JSON."""
        return nbformat.reads(self.path.read_text(encoding="utf-8"), as_version=4)

    def write(self, notebook: nbformat.NotebookNode) -> None:
        """Replace the file in one step, so that a crash leaves the old one whole."""
        temporary = self.path.with_suffix(".ipynb.new")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
        temporary.replace(self.path)


@dataclass(frozen=True)
class CourseTree:
    """A checkout of the course."""

    root: Path

    def lessons(self, *kinds: str, languages: tuple[str, ...] = LANGUAGES) -> list[Lesson]:
        """Every notebook of these kinds (all kinds by default), with a file or with a text, in order."""
        found = []
        for kind in kinds or KINDS:
            for language in languages:
                stems = {path.stem for path in (self.root / kind / language).glob("*.ipynb")}
                if kind in PAIRED_KINDS:
                    stems |= {path.stem for path in (self.root / "text" / kind / language).glob("*.md")}
                found += [Lesson(self.root, kind, language, stem) for stem in sorted(stems)]
        return found


def find_root(start: Path | None = None) -> Path:
    """The checkout that holds ``start`` (by default the working folder); FileNotFoundError outside one."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "notebooks").is_dir() and (folder / "seattn_course").is_dir():
            return folder
    raise FileNotFoundError(f"{start} is not inside a checkout of the course (no notebooks/ beside seattn_course/)")
