"""The ledger of claims (claims.toml): what is said about channel attention, and what the course found."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from seattn_course.course.language import LANGUAGES, Catalogue

FILE = "claims.toml"
KINDS = ("true", "false", "depends", "published", "open")
WORDS = ("claim", "found", "where")


@dataclass(frozen=True)
class Verdict:
    """What one lesson found about one claim.

    ``kind`` is one of KINDS; ``cells`` name the cells that show it; ``seeds`` counts the trainings behind it (0
    where nothing is trained); ``words[language]`` holds claim, finding and place in words.
    """

    claim: str
    lesson: str
    kind: str
    cells: tuple[str, ...]
    seeds: int
    words: dict[str, dict[str, str]]

    def row(self, language: str) -> str:
        """The verdict's row in the table that ends its lesson."""
        words = self.words[language]
        return f"| {words['claim']} ({self.claim}) | {words['found']} | {words['where']} |"


@dataclass(frozen=True)
class Ledger:
    """All claims and verdicts; shown as a table in ``language``."""

    claims: dict[str, dict[str, str]]
    verdicts: tuple[Verdict, ...]
    language: str = "en"

    def of_lesson(self, stem: str) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.lesson == stem]

    def _repr_markdown_(self) -> str:
        label = Catalogue("seattn_course.show.labels", self.language).text
        heads = [label(f"claims.{name}") for name in ("claim", "verdict", "found", "seeds", "lesson")]
        lines = [f"| {' | '.join(heads)} |", "|---|---|---|---|---|"]
        for number, texts in self.claims.items():
            said = f"**{number}** {texts[self.language]}"
            for verdict in (found for found in self.verdicts if found.claim == number):
                words = verdict.words[self.language]
                place = f"[{int(verdict.lesson[:2])}]({verdict.lesson}.ipynb), {words['where']}"
                kind = label(f"claims.{verdict.kind}")
                lines.append(f"| {said} | {kind} | {words['found']} | {verdict.seeds or '–'} | {place} |")
                said = ""
        return "\n".join(lines)

    def __repr__(self) -> str:
        kinds = [verdict.kind for verdict in self.verdicts]
        label = Catalogue("seattn_course.show.labels", self.language).text
        counts = ", ".join(f"{label(f'claims.{kind}')}: {kinds.count(kind)}" for kind in KINDS)
        return label("claims.summary", claims=len(self.claims), verdicts=len(kinds), counts=counts)


def read_ledger(language: str = "en", root: Path | None = None) -> Ledger:
    """The ledger of the checkout ``root`` (by default this one); ValueError names an entry that is incomplete."""
    path = (root or Path(__file__).resolve().parents[2]) / FILE
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    claims, verdicts = document.get("claim", {}), []
    for number, texts in claims.items():
        if set(texts) != set(LANGUAGES) or not all(texts.values()):
            raise ValueError(f"{FILE}: claim {number} needs {' and '.join(LANGUAGES)}, got {sorted(texts)}")
    for entry in document.get("verdict", []):
        name = f"verdict on {entry.get('claim')} of {entry.get('lesson')}"
        unknown = set(entry) - {"claim", "lesson", "verdict", "cells", "seeds", *LANGUAGES}
        words = {language: entry.get(language, {}) for language in LANGUAGES}
        if unknown or any(set(said) != set(WORDS) or not all(said.values()) for said in words.values()):
            raise ValueError(f"{FILE}: {name} needs {', '.join(WORDS)} in each language, and no other keys")
        if entry["claim"] not in claims:
            raise ValueError(f"{FILE}: {name}: there is no claim {entry['claim']!r}")
        if entry.get("verdict") not in KINDS:
            raise ValueError(f"{FILE}: {name}: verdict must be one of {KINDS}, got {entry.get('verdict')!r}")
        if not entry.get("cells"):
            raise ValueError(f"{FILE}: {name} names no cell that shows it")
        verdicts.append(
            Verdict(
                entry["claim"],
                entry["lesson"],
                entry["verdict"],
                tuple(entry["cells"]),
                entry.get("seeds", 0),
                words,
            )
        )
    return Ledger(claims, tuple(verdicts), language)
