"""The numbers that prose states: how each is written, what it may mean, and which need no witness.

Excused are names (ResNet-50, conv1, V2), versions, dates, years of citations, numbers of lessons, tables and
steps, and the promised minutes. All else is a ``Mention`` that somebody must have computed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seattn_course.authoring.markdown import OPAQUE, Block

# How each language groups thousands and writes decimals; formulas and code use the point in both.
NUMBER = {
    "en": re.compile(r"(?:[1-9]\d{0,2}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)(?:e[-+−]?\d+)?"),
    "tr": re.compile(r"(?:[1-9]\d{0,2}(?:\.\d{3})+(?!\d)(?:,\d+)?|\d+(?:[.,]\d+)?)(?:e[-+−]?\d+)?"),
}
_SCALES = {"k": 1e3, "thousand": 1e3, "bin": 1e3, "M": 1e6, "million": 1e6, "milyon": 1e6, "G": 1e9,
           "billion": 1e9, "milyar": 1e9}  # fmt: skip
_SCALE = re.compile(r"\s?(k|M|G|thousand|million|billion|bin|milyon|milyar)(?![^\W\d])|\s?([MG])(?=(?:FLOP|MAC))")
_PERCENT = re.compile(r"\s?%|\s(?:percent|per cent)\b")
_PERCENT_BEFORE = re.compile(r"(?:%\s?|\byüzde\s)[-−+]?$", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:\b(?:about|around|roughly|nearly|almost|some|approximately|yaklaşık|kabaca|neredeyse)\s|[≈~∼]\s?)"
    r"(?:%\s?|yüzde\s)?[-−+]?$",
    re.IGNORECASE,
)
_ABOUT_AFTER = re.compile(r"\s(?:kadar|civarı|dolayı)", re.IGNORECASE)
_VALUE_BEFORE = re.compile(r"[=≈<>≤≥~∼]\s?[-−+]?$")
_UNIT_AFTER = re.compile(r"\s?(?:×(?!\s?[\dHWC])|[mµn]?s\b|sn\b|[KMG]i?B\b|times\b|kat\b|-fold\b|sigma\b|σ)")
_POWER_OF_TEN = re.compile(r"(?:\s?[·×]\s?)?10(?:\^\(?([-−]?\d+)\)?|([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))")
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December|" \
          "Ocak|Şubat|Mart|Nisan|Mayıs|Haziran|Temmuz|Ağustos|Eylül|Ekim|Kasım|Aralık"  # fmt: skip
_PARTS_EN = "lesson|section|chapter|table|figure|fig\\.|eq\\.|equation|exercise|step|cell|part|page|appendix|item"
_PARTS_TR = "ders|bölüm|tablo|şekil|denklem|alıştırma|adım|hücre|kısım|sayfa|madde"
_YEAR = r"(?:19|20)\d\d"
_LIST = r"\d{1,2}(?:\.\d{1,2})?(?!\d|[.,]\d)"
EXCUSED = [
    re.compile(pattern)
    for pattern in (
        r"https?://\S+|\barXiv:\S+|\bdoi:\S+",
        rf"\b{_YEAR}-\d\d-\d\d\b|\b\d{{1,2}} (?:{_MONTHS}) {_YEAR}\b|\b(?:{_MONTHS}) \d{{1,2}}, {_YEAR}\b",
        rf"(?<=\bILSVRC ){_YEAR}\b|(?<=\b[Ii]n ){_YEAR}\b|(?<=\bsince ){_YEAR}\b|\b{_YEAR}(?='[dt][ae]\b| yılı)",
        rf"(?<=\()(?:[^()]*[^\W\d][^()]* )?{_YEAR}(?=[;,)])",
        # after a letter digits are part of a name; "ResNet-50" and "top-1" are names, "x-1" is not
        r"(?<!\w)(?=[^\W\d])\w*\d[\w.]*\w|(?<!\w)(?=[^\W\d])\w*\d|(?<!\w)(?:[^\W\d]\w*-)*[^\W\d]\w+-\d+\w*",
        r"\b\d+\s?×\s?\d+d\b|\b(?:8|16|32|64)[ -]bit",
        r"\b(?:Python|PyTorch|[Tt]orch|torchvision|timm|NumPy|JupyterLab|Jupyter|CUDA|nbval)\s\d+(?:\.\d+)*",
        rf"(?i:\b(?:{_PARTS_EN}|{_PARTS_TR})(?:s|ler|lar)?) {_LIST}(?:(?:, | and | to | ve | ile |[-–]){_LIST})*",
        # "16. adımda" is a place, "16 adımda" a count
        rf"(?i:\b(?:\d{{1,2}}(?:\.?(?: ve |, |[-–])))*\d{{1,2}}\. (?:{_PARTS_TR}))\w*",
        r"\b\d{1,3}(?:(?: to | ile |\s?[-–]\s?)\d{1,3})?(?: minutes?\b| min\b| dakika\w*)",
    )
]
_HEADING = re.compile(r"^\d{1,2}(?:\.\d{1,2})*\.?(?=\s)")
_TUPLE = re.compile(r"(?<=\d)x(?=\d)")


@dataclass(frozen=True)
class Quantity:
    """One reading of a written number: its value and the unit of its last stated digit."""

    value: float
    step: float
    rounded: bool = False  # an integer of which the prose says "about"
    percent: bool = False
    signed: bool = False


@dataclass(frozen=True)
class Mention:
    """A number in prose as it is written, where it stands, and every way to read it (each may be a list)."""

    text: str
    start: int
    end: int
    readings: tuple[tuple[Quantity, ...], ...]
    counting: bool  # a small integer that merely counts: needs no witness


def value_of(text: str, language: str) -> tuple[float, float]:
    """The value of a number written in that language, and the unit of its last stated digit."""
    mantissa, _, exponent = text.replace("−", "-").partition("e")
    if language == "tr" and re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+(,\d+)?|\d+,\d+", mantissa):
        mantissa = mantissa.replace(".", "").replace(",", ".")
    mantissa = mantissa.replace(",", "")
    decimals = len(mantissa.partition(".")[2])
    scale = 10.0 ** int(exponent or 0)
    return float(mantissa) * scale, 10.0**-decimals * scale


def readable(block: Block) -> str:
    """The block's running text with everything excused blanked out (same length, so that places stay)."""
    parts = []
    for piece in block.pieces:
        text = piece.text if piece.kind in ("text", "image") else OPAQUE
        parts.append(re.sub(rf"\b{_YEAR}\b", lambda year: OPAQUE * 4, text) if piece.href else text)
    text = _TUPLE.sub("×", "".join(parts)).replace("\n", " ")
    return _HEADING.sub("", excuse(text)) if block.level else excuse(text)


def excuse(text: str) -> str:
    for pattern in EXCUSED:
        text = pattern.sub(lambda match: OPAQUE * len(match.group()), text)
    return text


def read_number(text: str, start: int, language: str) -> tuple[float, float, int] | None:
    """The number that begins at ``start``: value, unit of its last stated digit, and where it ends (1.5·10^-5)."""
    found = NUMBER[language].match(text, start)
    if not found:
        return None
    value, step = value_of(found.group(), language)
    power = _POWER_OF_TEN.match(text, found.end())
    factor = _factor(power) if power else 1.0
    return value * factor, step * factor, (power or found).end()


def _factor(power: re.Match) -> float:
    return 10.0 ** int((power.group(1) or power.group(2)).translate(_SUPERSCRIPTS))


def mentions(text: str, language: str) -> Iterator[Mention]:
    """Every number in a text from ``readable``, in order."""
    place = 0
    while found := NUMBER[language].search(text, place):
        start = found.start()
        power = _POWER_OF_TEN.match(text, start)
        if power:
            value, step, end = _factor(power), 9 * _factor(power), power.end()  # 10^-5 is an order of magnitude
        else:
            value, step, end = read_number(text, start, language)
        place = end
        rounded = power is not None or end > found.end()
        yield _mention(text, start, end, found.group(), value, step, rounded, language)


def _mention(
    text: str, start: int, end: int, digits: str, value: float, step: float, rounded: bool, language: str
) -> Mention:
    before, after = text[max(0, start - 24) : start], text[end : end + 24]
    scale, percent = _SCALE.match(after), _PERCENT.match(after)
    is_percent = bool(percent or _PERCENT_BEFORE.search(before))
    about = bool(_ABOUT.search(before) or _ABOUT_AFTER.match(after))
    signed = bool(re.search(r"(?:^|[\s(\[=≈,;:%])[-−+]$", before))
    if about and step == 1 and value:
        step = 10.0 ** (len(digits.rstrip("0")) and len(digits) - len(digits.rstrip("0")))
    if signed and before[-1] != "+":
        value = -value
    first = Quantity(value, step, about or rounded or step < 1, is_percent, signed)
    readings = [(first,)]
    if scale:
        factor = _SCALES[scale.group(1) or scale.group(2)]
        readings.append((Quantity(value * factor, step * factor, True, False, signed),))
    if language == "en" and "," in digits:  # "(2,128,128)" may be a list
        readings.append(tuple(Quantity(float(part), 1) for part in digits.split(",") if "." not in part))
    shown = end + max(match.end() if match else 0 for match in (scale, percent))
    plain = not (is_percent or scale or signed or about or rounded or step < 1)
    valued = _VALUE_BEFORE.search(before) or _UNIT_AFTER.match(after)
    return Mention(
        text[start:shown].strip(), start, shown, tuple(readings), plain and value <= 12 and not valued
    )
