"""Gate "parity-prose": the twins' Markdown holds the same headings, formulas, links, images and numbers.

Numbers are compared as each language writes them: 1,024.5 in English is 1.024,5 in Turkish. Formulas and code are
compared as they stand, but for words in ``\\text{...}`` and a decimal comma ``{,}``. Order within a cell is free
for all but headings: a Turkish sentence puts its parts elsewhere.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from seattn_course.authoring.markdown import OPAQUE, blocks, headings, pieces
from seattn_course.authoring.notebooks import matched_cells
from seattn_course.authoring.prose_numbers import NUMBER
from seattn_course.authoring.tree import CourseTree, Finding

_TURKISH = re.compile(r"[1-9]\d{0,2}(\.\d{3})+(,\d+)?|\d+,\d+")
_PERCENT_BEFORE = re.compile(r"(?:%\s?|\byüzde\s)$", re.IGNORECASE)
_PERCENT_AFTER = re.compile(r"\s?%|\sper\s?cent\b")
_MINUS = re.compile(r"(?<![\w.,])[-−]$")
_SUPERSCRIPT = re.compile(r"([⁻⁺]?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def parity_prose(tree: CourseTree) -> Iterator[Finding]:
    for _, turkish, name, english_cell, turkish_cell in matched_cells(tree):
        if english_cell.cell_type != "code":
            for message in prose_differences(english_cell.source, turkish_cell.source):
                yield Finding("parity-prose", turkish.name, name, message)


def prose_differences(english: str, turkish: str) -> Iterator[str]:
    """What differs between two Markdown sources that say the same in English and in Turkish."""
    levels = [[block.level for block in headings(source)] for source in (english, turkish)]
    if levels[0] != levels[1]:
        yield f"heading levels differ: English {levels[0]}, Turkish {levels[1]}"
    for what, extract in EXTRACTED.items():
        if message := only_in_one(what, extract(english, "en"), extract(turkish, "tr")):
            yield message


def only_in_one(what: str, english: Iterable[str], turkish: Iterable[str]) -> str | None:
    """The message for what stands more often on one side than on the other; None if nothing does."""
    ours, theirs = Counter(english), Counter(turkish)
    if ours == theirs:
        return None
    sides = [
        f"{', '.join((a - b).elements()) or 'nothing'} only in {language}"
        for language, a, b in (("English", ours, theirs), ("Turkish", theirs, ours))
    ]
    return f"{what} differ: {'; '.join(sides)}"


def prose_numbers(source: str, language: str) -> list[str]:
    """The numbers in running text, headings and alt texts, written the way Python writes them."""
    texts = []
    for block in blocks(source):
        shown = (piece.text if piece.kind in ("text", "image") else OPAQUE for piece in block.pieces)
        texts.append("".join(shown))
    return [number for text in texts for number in numbers_in(text, language)]


def numbers_in(text: str, language: str) -> list[str]:
    text = _SUPERSCRIPT.sub(lambda found: f" {found[1] and '-'}{found[2].translate(_DIGITS)}", text)
    found = []
    for match in NUMBER[language].finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        digits = match.group().replace("−", "-")
        if language == "tr" and _TURKISH.fullmatch(digits):
            digits = digits.replace(".", "").replace(",", ".")
        sign = "-" if _MINUS.search(before) else ""
        percent = "%" if _PERCENT_AFTER.match(after) or _PERCENT_BEFORE.search(before.rstrip("-−")) else ""
        found.append(sign + digits.replace(",", "") + percent)
    return found


def code_numbers(source: str, language: str) -> list[str]:
    """The numbers in code spans and fenced code: code is the same in both languages."""
    return [number for piece in pieces(source, "code", "fence") for number in re.findall(r"\d[\d.]*", piece.text)]


def formulas(source: str, language: str) -> list[str]:
    return [f"${formula(piece.text, language)}$" for piece in pieces(source, "math")]


def formula(latex: str, language: str) -> str:
    """A formula without what the languages may write differently."""
    latex = re.sub(r"\\(?:text|textrm|textit|textbf|mbox)\s*\{[^{}]*\}", r"\\text{}", latex)
    point = ("," if language == "en" else r"\.").join((r"\{", r"\}"))
    latex = re.sub(rf"(?<=\d)(?:{point}|\\,)(?=\d{{3}}(?!\d))", "", latex)
    if language == "tr":
        latex = re.sub(r"(?<=\d)\{,\}(?=\d)", ".", latex)
    return " ".join(latex.split())


def links(source: str, language: str) -> list[str]:
    # every link begins with an empty piece; the pieces of its words follow
    opened = (piece for piece in pieces(source, "text") if piece.href is not None and piece.text == "")
    return [target_of(piece.href, language) for piece in opened]


def images(source: str, language: str) -> list[str]:
    return [target_of(piece.target or "", language) for piece in pieces(source, "image")]


def target_of(target: str, language: str) -> str:
    """A link's target with the language taken out: folder names, README.tr.md, anchors of translated headings."""
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return re.sub(rf"/{language}(?=/|$)", "/(language)", target)
    path, mark, _ = target.partition("#")
    segments = ["(language)" if segment == language else segment for segment in path.split("/")]
    return re.sub(r"\.tr(?=\.md$)", "", "/".join(segments)) + mark


EXTRACTED: dict[str, Callable[[str, str], list[str]]] = {
    "formulas": formulas,
    "links": links,
    "images": images,
    "numbers in the prose": prose_numbers,
    "numbers in code spans": code_numbers,
}
