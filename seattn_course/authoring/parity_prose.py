"""Gate "parity-prose": the twins' Markdown holds the same headings, formulas, links, images and numbers.

Numbers are compared as each language writes them: 1,024.5 in English is 1.024,5 in Turkish. Formulas and code are
compared as they stand, but for words in ``\\text{...}`` and a decimal comma ``{,}``. Order within a cell is free
for all but headings: a Turkish sentence puts its parts elsewhere.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from seattn_course.authoring.markdown import OPAQUE, blocks, headings, pieces
from seattn_course.authoring.parity import compared_cells
from seattn_course.authoring.prose_numbers import NUMBER
from seattn_course.authoring.tree import CourseTree, Finding

_TURKISH = re.compile(r"[1-9]\d{0,2}(\.\d{3})+(,\d+)?|\d+,\d+")
_PERCENT_BEFORE = re.compile(r"(?:%\s?|\byüzde\s)$", re.IGNORECASE)
_PERCENT_AFTER = re.compile(r"\s?%|\sper\s?cent\b")
_MINUS = re.compile(r"(?<![\w.,])[-−]$")
_SUPERSCRIPT = re.compile(r"([⁻⁺]?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def _number_words(*stems: str) -> dict[str, re.Pattern]:
    return {str(value): re.compile(rf"\b(?:{stem})\b", re.IGNORECASE) for value, stem in enumerate(stems)}


ENGLISH_WORDS = _number_words(
    "zero", "one|first", "two|second", "three|third", "four|fourth", "five|fifth", "six|sixth", "seven|seventh",
    "eight|eighth", "nine|ninth", "ten|tenth", "eleven|eleventh", "twelve|twelfth", "thirteen|thirteenth",
    "fourteen|fourteenth", "fifteen|fifteenth",
)  # fmt: skip
TURKISH_WORDS = _number_words(
    r"sıfır\w*", r"bir|birinci\w*|ilk", r"iki\w*", r"üç\w*", r"dör[td]\w*", r"beş\w*", r"altı\w*", r"yedi\w*",
    r"sekiz\w*", r"dokuz\w*", r"on|onuncu\w*", r"on bir\w*", r"on iki\w*", r"on üç\w*", r"on dör[td]\w*",
    r"on beş\w*",
)  # fmt: skip


def parity_prose_gate(tree: CourseTree) -> Iterator[Finding]:
    for _, turkish, name, english_cell, turkish_cell in compared_cells(tree):
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
    if message := number_differences(english, turkish):
        yield message


def only_in_one(what: str, english: Iterable[str], turkish: Iterable[str]) -> str | None:
    """The message for what stands more often on one side than on the other; None if nothing does."""
    ours, theirs = Counter(english), Counter(turkish)
    sides = [", ".join((a - b).elements()) for a, b in ((ours, theirs), (theirs, ours))]
    if not any(sides):
        return None
    return f"{what} differ: only in English {sides[0] or 'nothing'}; only in Turkish {sides[1] or 'nothing'}"


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


def number_differences(english: str, turkish: str) -> str | None:
    """As ``only_in_one`` for the prose's numbers; a small one may be spelled out, as in "üçüncü ders"."""
    ours, theirs = Counter(prose_numbers(english, "en")), Counter(prose_numbers(turkish, "tr"))
    turkish = turkish.replace("İ", "i")  # which Python does not take for the capital of i
    return only_in_one(
        "numbers in the prose",
        _not_spelled_out(ours - theirs, turkish, TURKISH_WORDS),
        _not_spelled_out(theirs - ours, english, ENGLISH_WORDS),
    )


def _not_spelled_out(surplus: Counter[str], other: str, words: dict[str, re.Pattern]) -> Iterator[str]:
    for number, count in surplus.items():
        in_words = len(words[number].findall(other)) if number in words else 0
        yield from [number] * (count - in_words)


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
    other = "tr" if language == "en" else "en"
    path, mark, anchor = target.partition("#")
    for folder, name in ((language, "(this language)"), (other, "(other language)")):
        path = re.sub(rf"(?:^|(?<=/)){folder}(?=/|$)", name, path)
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return path + mark + anchor
    return re.sub(r"\.tr(?=\.md$)", "", path) + mark


EXTRACTED: dict[str, Callable[[str, str], list[str]]] = {
    "formulas": formulas,
    "links": links,
    "images": images,
    "numbers in code spans": code_numbers,
}
