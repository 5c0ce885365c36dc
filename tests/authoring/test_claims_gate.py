"""The gate "claims" and ``seattn claims``: the lessons' verdicts are those of the ledger."""

import re
from pathlib import Path

import pytest

from seattn_course.authoring.claims import claims_gate, write_rows
from seattn_course.authoring.sync import synchronise
from seattn_course.authoring.tree import CourseTree, Lesson, find_root
from seattn_course.course.claims import read_ledger

LEDGER = """
[claim.C15]
en = "A gate draws nothing new."
tr = "Kapı yeni bir şey çizmez."

[[verdict]]
claim = "C15"
lesson = "01_gate"
verdict = "true"
cells = ["gate"]
en = { claim = "Nothing new", found = "true", where = "section 1" }
tr = { claim = "Yeni bir şey yok", found = "doğru", where = "1. bölüm" }
"""
TABLES = {
    "en": "| claim | verdict | shown in |\n|---|---|---|\n| Nothing new (C15) | true | section 1 |",
    "tr": "| iddia | karar | gösterildiği yer |\n|---|---|---|\n| Yeni bir şey yok (C15) | doğru | 1. bölüm |",
}


@pytest.fixture
def course(course: Path) -> Path:
    (course / "claims.toml").write_text(LEDGER, encoding="utf-8")
    for language, table in TABLES.items():
        text = Lesson(course, "notebooks", language, "01_gate").text_path
        text.write_text(
            f'{text.read_text(encoding="utf-8")}\n+++ {{"name": "claims"}}\n\n{table}\n', encoding="utf-8"
        )
    assert synchronise(CourseTree(course)).refused == []
    return course


def messages(root: Path) -> list[str]:
    return [str(finding) for finding in claims_gate(CourseTree(root))]


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_true_table_passes(course):
    assert messages(course) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('found = "doğru"', 'found = "yanlış"', "has no such row"),
        ('cells = ["gate"]', 'cells = ["gone"]', "[gone]"),
        ('cells = ["gate"]', 'cells = ["equation"]', "a code cell that is not there"),
        ('verdict = "true"', 'verdict = "maybe"', "verdict must be one of"),
        ('cells = ["gate"]', "cells = []", "names no cell"),
        ('claim = "C15"', 'claim = "C99"', "no claim 'C99'"),
        ('lesson = "01_gate"', 'lesson = "09_gone"', "which is no lesson"),
        ('where = "1. bölüm"', 'where = ""', "in each language"),
        ('tr = "Kapı yeni bir şey çizmez."', "", "claim C15 needs en and tr"),
    ],
)
def test_what_is_wrong_is_named(course, old, new, said):
    change(course / "claims.toml", old, new)
    assert said in "\n".join(messages(course))


def test_a_verdict_changed_in_one_lesson_is_named_with_its_cell(course):
    change(Lesson(course, "notebooks", "tr", "01_gate").text_path, "| doğru |", "| yanlış |")
    synchronise(CourseTree(course))
    [wrong, lacking] = messages(course)
    assert "notebooks/tr/01_gate.ipynb [claims]" in wrong
    assert "lacks a row" in lacking


def test_rows_are_written_from_the_ledger(course):
    change(course / "claims.toml", 'found = "doğru"', 'found = "burada doğru"')
    tree = CourseTree(course)
    assert write_rows(tree, read_ledger(root=course)) == ["text/notebooks/tr/01_gate.md"]
    synchronise(tree)
    assert messages(course) == []


def test_the_courses_ledger_holds_every_claim():
    ledger = read_ledger("tr", find_root(Path(__file__)))
    assert list(ledger.claims) == [f"C{number:02}" for number in range(1, 42)]
    table = ledger._repr_markdown_()
    assert len(table.splitlines()) == 2 + len(ledger.verdicts)
    assert all(line.count(" | ") >= 4 for line in table.splitlines()[2:])
    assert re.search(r"\| \*\*C01\*\* .*örnek", table)
    assert str(len(ledger.verdicts)) in repr(ledger)
