"""Which notebooks a command was asked for: paths, stems, folders, or ``all``."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from seattn_course.authoring.tree import KINDS, CourseTree, Lesson


def _means(name: str, lesson: Lesson) -> bool:
    path, notebook = Path(name).resolve(), lesson.path.resolve()
    return name in ("all", lesson.stem) or path == notebook or path in notebook.parents


def selected(tree: CourseTree, names: Iterable[str], kinds: Sequence[str] = KINDS) -> list[Lesson]:
    """The notebooks of these kinds that ``names`` mean, each once, in the course's order.

    A name is a notebook's path, a folder that holds notebooks, a stem (both languages, every kind), or ``all``.
    ValueError names one that means nothing, so that a slip of the pen never selects nothing.
    """
    lessons = [lesson for lesson in tree.lessons(*kinds) if lesson.path.is_file()]
    chosen: set[Lesson] = set()
    for name in names:
        matches = [lesson for lesson in lessons if _means(name, lesson)]
        if not matches:
            raise ValueError(f"no notebook {name!r} in {', '.join(kinds)}: give a path, a folder, a stem or all")
        chosen.update(matches)
    return [lesson for lesson in lessons if lesson in chosen]
