"""Gate "glossary": Turkish words are those of glossary.toml, in prose, comments and strings alike.

It objects to a rival term in any inflection, to an English plural with a Turkish suffix ("map'ler"), to a decimal
point in prose, to a suffix glued to an interpolated value, and to a term whose first use in a lesson is not
followed by the English in parentheses. Code spans and formulas are not read.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from seattn_course.authoring.code_cells import parse, words
from seattn_course.authoring.generation import cell_name
from seattn_course.authoring.markdown import blocks
from seattn_course.authoring.prose_numbers import readable
from seattn_course.authoring.tree import CourseTree, Finding

GATE = "glossary"
QUOTED = "quoted-rival"
_SOFT = {"k": "[kğ]", "t": "[td]", "p": "[pb]", "ç": "[çc]"}
# A noun takes up to four of these, in this course's texts; "başka" is no form of "baş".
_ENDING = (
    "(?:l[ae]r|[ıiuü]m[ıiuü]z|[ıiuü]n[ıiuü]z|s?[ıiuü]n?|n?[ıiuü]n|y?[ıiuü]|[yn]?[ae]|n?[dt][ae]n?|y?l[ae]|"
    "nc[ae]|[dt][ıiuü]r|s[ıiuü]z|l[ıiuü]|ki){0,4}"
)
_FLAT = str.maketrans("İIâîûÂÎÛ", "iıaiuAiU")
_PLURAL = re.compile(r"(?<!\w)[a-zçğıöşü]+['’]l[ae]r\w*")
_DECIMAL_POINT = re.compile(r"(?<![\w.,])\d+\.\d+(?![\w.])")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_GLUED = re.compile(r"\}['’][a-zçğıöşü]+")


@dataclass(frozen=True)
class Term:
    """One line of the glossary; ``stem`` is what the Turkish endings are added to."""

    en: str
    tr: str
    stem: str
    rivals: tuple[str, ...]
    everyday: bool


def lower(text: str) -> str:
    """Lower case as Turkish has it (İ→i, I→ı), circumflexes dropped; each character stays one character."""
    return text.translate(_FLAT).lower()


@cache
def terms() -> tuple[Term, ...]:
    entries = tomllib.loads(Path(__file__).with_name("glossary.toml").read_text(encoding="utf-8"))["term"]
    return tuple(
        Term(
            entry["en"],
            entry["tr"],
            entry.get("stem", entry["tr"]),
            tuple(entry.get("rivals", ())),
            entry.get("everyday", False),
        )
        for entry in entries
    )


def glossary_gate(tree: CourseTree) -> Iterator[Finding]:
    for lesson in tree.lessons(languages=("tr",)):
        if notebook := tree.notebook(lesson):
            for cell, message in problems(notebook, introduce=lesson.kind == "notebooks"):
                yield Finding(GATE, lesson.name, cell, message)
    for file in sorted((tree.root / "seattn_course").glob("**/tr/*.toml")):
        for key, message in _catalogue(tomllib.loads(file.read_text(encoding="utf-8"))):
            for problem in (*word_problems(message), *_glued(message)):
                yield Finding(GATE, file.relative_to(tree.root).as_posix(), key, problem)
    for page in sorted(tree.root.glob("*.tr.md")):
        for text in _prose(page.read_text(encoding="utf-8")):
            for problem in (*word_problems(text), *_decimal_points(text)):
                yield Finding(GATE, page.name, None, problem)


def problems(notebook: NotebookNode, introduce: bool) -> Iterator[tuple[str, str]]:
    """(cell name, message) for a Turkish notebook; ``introduce``: terms need their English at first use."""
    for cell in notebook.cells:
        tags, reason = cell.metadata.get("tags", []), cell.metadata.get("reason", "")
        allowed = lower(reason) if QUOTED in tags else ""
        texts = _prose(cell.source) if cell.cell_type == "markdown" else _code_texts(cell.source)
        for text in texts:
            found = [*word_problems(text, allowed), *_glued(text)]
            if cell.cell_type == "markdown":
                found += _decimal_points(text)
            yield from ((cell_name(cell), message) for message in dict.fromkeys(found))
    if introduce:
        yield from _unintroduced(notebook)


def word_problems(text: str, allowed: str = "") -> Iterator[str]:
    """Rival terms and English plurals in one Turkish text; a rival named in ``allowed`` may stand."""
    flat = lower(text)
    for term in terms():
        for rival in term.rivals:
            if rival not in allowed:
                for found in _forms(rival, r"\w*").finditer(flat):
                    yield f"says {text[found.start() : found.end()]!r}; the course says {term.tr!r}"
    for found in _PLURAL.findall(text):
        yield f"{found!r}: an English word with a Turkish plural"
    for found in _english_plurals().findall(text.lower()):
        yield f"{found!r}: an English word with a Turkish suffix"


@cache
def _forms(stem: str, ending: str) -> re.Pattern:
    last = stem[-1]
    pattern = re.escape(stem[:-1]).replace(r"\ ", r"\s+") + _SOFT.get(last, last)
    return re.compile(rf"(?<!\w){pattern}{ending}(?!\w)")


@cache
def _english_plurals() -> re.Pattern:
    nouns = "|".join(sorted({re.escape(term.en.split()[-1]) for term in terms()} | {"map", "block", "layer"}))
    return re.compile(rf"(?<![\w-])(?:{nouns})(?:l[ae]r\w*|s['’][a-zçğıöşü]+)")


def _prose(source: str) -> list[str]:
    """The prose of Markdown, block by block, without names, versions and references to tables."""
    return [" ".join(readable(block).split()) for block in blocks(source)]


def _decimal_points(text: str) -> Iterator[str]:
    for found in _DECIMAL_POINT.findall(text):
        if not _THOUSANDS.fullmatch(found):
            yield f"{found}: Turkish prose writes {found.replace('.', ',')}"


def _glued(text: str) -> Iterator[str]:
    for found in _GLUED.findall(text):
        yield f"{found[1:]!r} is glued to an interpolated value, whose ending it cannot know"


def _code_texts(source: str) -> Iterator[str]:
    """Comments, docstrings and the Turkish halves of ``t(en=..., tr=...)`` in a code cell."""
    try:
        yield from (each.text for each in words(source))
        tree = parse(source)
    except (SyntaxError, ValueError):  # a cell that is no Python is the parity gate's finding
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "tr":
            yield _string(node.value)


def _string(node: ast.expr) -> str:
    """The literal text of a string or f-string; each interpolated value is ``{}``."""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_string, node.values))
    if isinstance(node, ast.BinOp):
        return _string(node.left) + _string(node.right)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "{}"


def _catalogue(table: dict, prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _catalogue(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            yield prefix + key, value


def _unintroduced(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """The first use of each term that is not followed by its English, nor preceded by it in other parentheses."""
    longest_first = sorted(terms(), key=lambda term: -len(term.stem))
    seen: set[Term] = set()
    shown = ""
    for cell in notebook.cells:
        for block in blocks(cell.source) if cell.cell_type == "markdown" else ():
            if block.level or all(piece.href or not piece.text.strip(" ·") for piece in block.pieces):
                continue  # a heading, or a line of nothing but links: titles of other lessons
            text, taken = lower(block.text), [False] * len(block.text)
            english = [(found.end(), found.group().lower()) for found in re.finditer(r"\([^()]*\)", block.text)]
            for term in longest_first:
                for found in _forms(term.stem, _ENDING).finditer(text):
                    if any(taken[found.start() : found.end()]):
                        continue
                    taken[found.start() : found.end()] = [True] * (found.end() - found.start())
                    if term in seen or term.everyday:
                        continue
                    seen.add(term)
                    after = re.match(r"['’\w]*(?:\s[\w'’-]+)?\s?(\([^()]*\))", block.text[found.end() :])
                    earlier = shown + "".join(words for end, words in english if end <= found.start())
                    if term.en not in (after[1].lower() if after else "") and term.en not in earlier:
                        word = block.text[found.start() : found.end()]
                        yield cell_name(cell), f"{word!r} is used first without its English: ({term.en})"
            shown += "".join(words for _, words in english)
