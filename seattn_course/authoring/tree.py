"""Where the course's notebooks lie, how they pair up, and what a gate reports."""

from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from seattn_course.course.language import LANGUAGES

KINDS = ("notebooks", "solutions", "exercises")
PAIRED_KINDS = ("notebooks", "solutions")  # these have a text; exercises are generated


def replace_file(path: Path, content: str) -> None:
    """Write ``content`` beside ``path``, then rename: a crash leaves the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_text(content, encoding="utf-8", newline="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


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
        """The stored notebook; OSError without a file, ValueError if the file is no valid notebook."""
        try:
            notebook = nbformat.reads(self.path.read_text(encoding="utf-8"), as_version=4)
            nbformat.validate(notebook)
        except (ValueError, AttributeError, KeyError, TypeError, nbformat.ValidationError) as error:
            raise ValueError(f"{self.name} is no notebook: {str(error).splitlines()[0]}") from error
        return notebook

    def write(self, notebook: nbformat.NotebookNode) -> None:
        """Replace the file in one step, so that a crash leaves the old one whole."""
        replace_file(self.path, nbformat.writes(notebook) + "\n")

    def write_text(self, text: str) -> None:
        """Replace the notebook's text in one step."""
        replace_file(self.text_path, text)


@dataclass(frozen=True)
class CourseTree:
    """A checkout of the course, as it was when the tree was made: each notebook is read once and shared."""

    root: Path
    _notebooks: dict[Path, nbformat.NotebookNode | None] = field(default_factory=dict, repr=False, compare=False)

    def lessons(self, *kinds: str, languages: tuple[str, ...] = LANGUAGES) -> list[Lesson]:
        """Every notebook of these kinds (all kinds by default), with a file or with a text, in order."""
        found = []
        for kind in kinds or KINDS:
            for language in languages:
                files = (self.root / kind / language).glob("*.ipynb")
                stems = {path.stem for path in files if ".mine-" not in path.stem}  # learners' own copies
                if kind in PAIRED_KINDS:
                    stems |= {path.stem for path in (self.root / "text" / kind / language).glob("*.md")}
                found += [Lesson(self.root, kind, language, stem) for stem in sorted(stems)]
        return found

    def notebook(self, lesson: Lesson) -> nbformat.NotebookNode | None:
        """The lesson's notebook, to be read and not changed; None if there is no file or it is no notebook."""
        if lesson.path not in self._notebooks:
            try:
                notebook = lesson.read()
                nbformat.validate(notebook)
                self._notebooks[lesson.path] = notebook
            except (OSError, ValueError, nbformat.ValidationError):
                self._notebooks[lesson.path] = None
        return self._notebooks[lesson.path]

    def twins(self, *kinds: str) -> list[tuple[Lesson, Lesson]]:
        """(English, Turkish) for every stem of these kinds that exists in either language."""
        pairs = {(lesson.kind, lesson.stem): None for lesson in self.lessons(*kinds)}
        return [(Lesson(self.root, kind, "en", stem), Lesson(self.root, kind, "tr", stem)) for kind, stem in pairs]

    def file_count(self) -> int:
        """How many notebooks and texts there are."""
        lessons = self.lessons()
        return sum(lesson.path.exists() for lesson in lessons) + sum(
            lesson.text_path.exists() for lesson in lessons if lesson.kind in PAIRED_KINDS
        )


def find_root(start: Path | None = None) -> Path:
    """The checkout that holds ``start`` (by default the working folder); FileNotFoundError outside one."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "notebooks").is_dir() and (folder / "seattn_course").is_dir():
            return folder
    raise FileNotFoundError(f"{start} is not in a checkout of the course (no notebooks/ beside seattn_course/)")
