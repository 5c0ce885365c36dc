"""Carry a change of code from one language to the other, keeping that language's comments and docstrings.

The changed cell is taken as it stands, and each of its comments and docstrings is replaced by its counterpart.
Counterparts are found by order: when the pair was accepted, the twin recorded a hash of every comment and
docstring here, so a comment that moved with its line still finds its own. Whatever cannot be decided this way is
left to a person: `CarryError` names the line.
"""

import re
from collections import Counter

from nbformat import NotebookNode

from seattn_course.authoring.code_cells import (
    Words,
    code_tree,
    first_difference,
    words,
    written_out,
)
from seattn_course.authoring.twin_record import TwinRecord, record_of, recorded, words_hash


class CarryError(Exception):
    """A person must decide; the message says what about."""


def changed_side(english: NotebookNode, turkish: NotebookNode) -> str | None:
    """Which language's code, tags or reason changed since the pair was accepted; None if both are equal.

    CarryError if both changed, or if it is not recorded.
    """
    now = {"en": record_of(english, "en"), "tr": record_of(turkish, "tr")}
    if now["en"].shared == now["tr"].shared:
        return None
    if english.cell_type != turkish.cell_type:
        raise CarryError(f"a {english.cell_type} cell in English, a {turkish.cell_type} cell in Turkish")
    known = {"en": recorded(turkish), "tr": recorded(english)}
    place = _place(english, turkish)
    if None in known.values():
        raise CarryError(f"{place}, and the pair was never accepted: make both equal, then `seattn accept` it")
    changed = [language for language in now if now[language].shared != known[language].shared]
    if len(changed) != 1:
        raise CarryError(f"{place}; both languages changed since the pair was accepted: make them equal by hand")
    return changed[0]


def _place(english: NotebookNode, turkish: NotebookNode) -> str:
    if english.cell_type == "code":
        try:
            difference = first_difference(code_tree(english.source, "en"), code_tree(turkish.source, "tr"))
        except SyntaxError as error:
            raise CarryError(f"the code does not parse, line {error.lineno}: {error.msg}") from None
        if difference:
            (line, other_line), (code, other_code) = difference.lines, difference.codes
            return f"English line {line} is `{code}`, Turkish line {other_line} is `{other_code}`"
    return "tags, reasons or markers in comments differ"


def carry(source: NotebookNode, language: str, target: NotebookNode) -> None:
    """Give ``target`` the code, tags and reason of ``source``, which changed alone; CarryError if unclear."""
    other = "tr" if language == "en" else "en"
    if source.cell_type == "code":
        target.source = carried_code(source.source, language, target.source, recorded(target))
    for key in ("tags", "reason"):
        target.metadata.pop(key, None)
        if source.metadata.get(key):
            target.metadata[key] = source.metadata[key]
    # Only the shared part is settled: a comment edited on the other side stays to be translated.
    for cell, twin, twin_language in ((source, target, other), (target, source, language)):
        known = recorded(cell)
        cell.metadata["twin"] = str(TwinRecord(record_of(twin, twin_language).shared, known.words))


def carried_code(source: str, language: str, target: str, known: TwinRecord) -> str:
    """``source`` with the comments and docstrings of ``target``, in the target's language.

    ``known`` is what the target's cell remembers of ``source`` before its change.
    """
    other = "tr" if language == "en" else "en"
    source_words = words(source)
    lines = source.split("\n")
    for one, counterpart in reversed(_counterparts(source_words, words(target), known)):
        _replace(lines, one, counterpart)
    own_import = re.compile(rf"^(\s*from seattn_course\.){language}(?= import\b)", re.MULTILINE)
    result = own_import.sub(rf"\g<1>{other}", "\n".join(lines))
    if written_out(code_tree(result, other)) != written_out(code_tree(source, language)):
        raise CarryError("the comments of the other language do not fit into the changed code: carry it by hand")
    return result


def _counterparts(source: list[Words], target: list[Words], known: TwinRecord) -> list[tuple[Words, Words]]:
    """Each comment and docstring of the source with its counterpart in the target."""
    now = [words_hash(one) for one in source]
    added = Counter(now) - Counter(known.words)
    for one, hashed in zip(source, now):
        if added[hashed]:
            raise CarryError(
                f"line {one.start[0]}: the comment or docstring {one.text!r} was added or edited together with "
                "the code and needs a translation: carry this change by hand"
            )
    if gone := (Counter(known.words) - Counter(now)).total():
        lines = [one.start[0] for one, hashed in zip(target, known.words) if hashed not in now]
        raise CarryError(
            f"{gone} comment(s) or docstring(s) went away together with the code; in the other language they are "
            f"on line(s) {', '.join(map(str, lines))}: carry this change by hand"
        )
    kinds = dict(zip(now, (one.kind for one in source)))
    if [kinds[hashed] for hashed in known.words] != [one.kind for one in target]:
        line = source[0].start[0] if source else target[0].start[0]
        raise CarryError(
            f"line {line}: the comments of the two languages do not correspond one to one: carry this change "
            "by hand"
        )
    positions = {hashed: [i for i, old in enumerate(known.words) if old == hashed] for hashed in now}
    found = []
    for one, hashed in zip(source, now):
        if tuple(now) != known.words and len({target[i].text for i in positions[hashed]}) > 1:
            raise CarryError(
                f"line {one.start[0]}: comments changed places, and {one.text!r} stands more than once with "
                "different translations: carry this change by hand"
            )
        found.append((one, target[positions[hashed].pop(0)]))
    return found


def _replace(lines: list[str], one: Words, counterpart: Words) -> None:
    """Put the counterpart where ``one`` stands, at its indentation."""
    (first, start), (last, end) = one.start, one.end
    before, after = lines[first - 1][:start], lines[last - 1][end:]
    head, *rest = counterpart.raw.split("\n")
    if counterpart.kind == "block":
        rest = [before + line for line in rest]
    else:
        shift = start - counterpart.start[1]
        rest = [_shifted(line, shift) for line in rest]
    replaced = [before + head, *rest]
    replaced[-1] += after
    lines[first - 1 : last] = replaced


def _shifted(line: str, shift: int) -> str:
    if shift >= 0:
        return " " * shift + line if line.strip() else line
    return line[min(-shift, len(line) - len(line.lstrip(" "))) :]
