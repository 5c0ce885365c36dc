"""Published figures from facts.toml, and which of them a Markdown cell cites in a way the learner sees."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from seattn_course.authoring.markdown import Block

FILE = "facts.toml"
_PLACE = re.compile(
    r"(?P<kind>table|section|figure)s?\s(?P<number>\d+(?:\.\d+)*)"
    r"|(?P<turkish>tablo|bölüm|şekil)\w*\s(?P<after>\d+(?:\.\d+)*)|(?P<before>\d+(?:\.\d+)*)\.\s(?P<named>tablo|bölüm|şekil)",
    re.IGNORECASE,
)
_ENGLISH = {"tablo": "table", "bölüm": "section", "şekil": "figure"}
_FIELDS = {"source", "where", "unit", "what", "values"}
_UNCHECKED = "unchecked"  # an entry may have this field too: what of it was not compared with the source


@dataclass(frozen=True)
class Fact:
    """Values that one table (or section) of one source publishes, with their unit."""

    key: str
    url: str
    where: str
    unit: str
    values: tuple[float, ...]


def read_facts(root: Path) -> list[Fact]:
    """The facts of the course's facts.toml; none without one. ValueError names an entry that is incomplete."""
    path = root / FILE
    if not path.exists():
        return []
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    sources = document.get("source", {})
    facts = []
    for key, entry in document.get("fact", {}).items():
        if entry.keys() - {_UNCHECKED} != _FIELDS:
            raise ValueError(f"{FILE}: fact {key!r} has {sorted(entry)}, it needs {sorted(_FIELDS)}")
        if not sources.get(entry["source"], {}).get("url", "").startswith("https://"):
            raise ValueError(f"{FILE}: fact {key!r} names source {entry['source']!r}, which has no https url")
        if not _PLACE.fullmatch(entry["where"]) or not entry["values"]:
            raise ValueError(f"{FILE}: fact {key!r} needs values and a place such as 'table 10' or 'section 5.4'")
        if not entry.get(_UNCHECKED, "-"):
            raise ValueError(f"{FILE}: fact {key!r} says {_UNCHECKED!r} without saying what")
        values = tuple(float(value) for value in entry["values"].values())
        facts.append(Fact(key, sources[entry["source"]]["url"], entry["where"], entry["unit"], values))
    return facts


def places(text: str) -> list[str]:
    """The tables and sections that a link's text names, as facts.toml writes them: "table 10"."""
    found = []
    for match in _PLACE.finditer(text):
        kind = (match["kind"] or _ENGLISH[(match["turkish"] or match["named"]).lower()]).lower()
        found.append(f"{kind} {match['number'] or match['after'] or match['before']}")
    return found


def cited(blocks: tuple[Block, ...], facts: list[Fact]) -> tuple[list[float], list[str]]:
    """The values that the links of a cell cite, and a message for each place cited that facts.toml lacks."""
    values: list[float] = []
    unknown: list[str] = []
    urls = {fact.url for fact in facts}
    for href, text in _links(blocks):
        if href not in urls:
            continue
        for place in places(text):
            matching = [fact for fact in facts if fact.url == href and fact.where == place]
            values += [value for fact in matching for value in fact.values]
            if not matching:
                unknown.append(f"cites {place} of {href}, which {FILE} does not hold")
    return values, unknown


def _links(blocks: tuple[Block, ...]) -> list[tuple[str, str]]:
    """(target, whole text) of each link: a link's text may come in several pieces."""
    links: list[list[str]] = []
    for block in blocks:
        for piece in block.pieces:
            if piece.href and not piece.text:
                links.append([piece.href, ""])
            elif piece.href and links:
                links[-1][1] += piece.text
    return [(href, text) for href, text in links]
