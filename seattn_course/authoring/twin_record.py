"""What a cell remembers of its twin: ``metadata.twin``, written when the translation was accepted.

``<shared>:<words>``, two parts that change for different reasons. ``shared`` is a hash of what both languages have
in common: type, tags, reason and the code's syntax tree; when it has changed on one side only, `seattn sync`
carries the code. ``words`` are hashes of what is translated: a Markdown cell's source, or each comment and
docstring of a code cell in order; when they have changed, the translation is stale.
"""

import re
from dataclasses import dataclass

from nbformat import NotebookNode

from seattn_course.authoring.code_cells import Words, code_tree, markers, words, written_out
from seattn_course.authoring.notebooks import digest, shared_metadata


@dataclass(frozen=True)
class TwinRecord:
    shared: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.shared}:{'.'.join(self.words)}"


def words_hash(one: Words) -> str:
    return digest(f"{one.kind} {one.text}", 8)


def record_of(cell: NotebookNode, language: str) -> TwinRecord:
    """The record that the twin of ``cell`` should hold now."""
    metadata = shared_metadata(cell)
    shared = [cell.cell_type, str(sorted(metadata.get("tags", []))), metadata.get("reason", "")]
    if cell.cell_type != "code":
        return TwinRecord(digest("\n".join(shared), 12), (digest(" ".join(cell.source.split()), 8),))
    try:
        shared.append(written_out(code_tree(cell.source, language)))
    except SyntaxError:
        shared.append(cell.source)
    shared.append(str(markers(cell.source)))
    translated = tuple(words_hash(one) for one in words(cell.source))
    return TwinRecord(digest("\n".join(shared), 12), translated)


def recorded(cell: NotebookNode) -> TwinRecord | None:
    """What ``cell`` remembers of its twin; None if its translation was never accepted."""
    value = cell.metadata.get("twin")
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{12}:([0-9a-f]{8}(\.[0-9a-f]{8})*)?", value):
        return None
    shared, _, translated = value.partition(":")
    return TwinRecord(shared, tuple(filter(None, translated.split("."))))


def remember(english: NotebookNode, turkish: NotebookNode) -> None:
    """Record on both cells that they say the same now."""
    english.metadata["twin"] = str(record_of(turkish, "tr"))
    turkish.metadata["twin"] = str(record_of(english, "en"))
