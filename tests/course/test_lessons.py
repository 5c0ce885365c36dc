"""The course's home: the table of lessons is read from the lessons, and its links lead to files."""

import json
import re
from pathlib import Path

import pytest

from seattn_course.course import progress
from seattn_course.course.language import LANGUAGES
from seattn_course.course.lessons import ROOT, head_of, lesson_heads, lesson_table
from seattn_course.course.notebook import Notebook

FIRST_CELL = {
    "en": "# 7 · A block: its parts\n\n**Time:** 40 minutes, and 60 for the exercises. Stop anywhere.",
    "tr": "# 7 · Bir blok: parçaları\n\n**Süre:** 40 dakika; alıştırmalar için 60 dakika daha.",
}


@pytest.fixture(autouse=True)
def own_record(tmp_path, monkeypatch):
    monkeypatch.setenv(progress.ENVIRONMENT, str(tmp_path))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_head_says_number_title_and_times(language):
    head = head_of("07_block", FIRST_CELL[language], language)
    assert (head.number, head.minutes, head.exercise_minutes) == (7, 40, 60)
    assert head.short_title == {"en": "A block", "tr": "Bir blok"}[language]


@pytest.mark.parametrize(
    ("stem", "cell", "said"),
    [("08_block", FIRST_CELL["en"], "# 8 · "), ("07_block", "# 7 · A block", "its times"), ("00_a", "", "# 0 · ")],
)
def test_a_line_that_is_missing_is_named(stem, cell, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        head_of(stem, cell, "en")


def test_a_lesson_that_cannot_be_read_and_a_learners_copy_are_left_out(tmp_path):
    folder = tmp_path / "notebooks" / "en"
    folder.mkdir(parents=True)
    good = json.dumps({"cells": [{"cell_type": "markdown", "source": FIRST_CELL["en"].splitlines(True)}]})
    for name, content in {"07_block": good, "07_block.mine-1": good, "08_a": "{", "09_b": '{"cells": []}'}.items():
        (folder / f"{name}.ipynb").write_text(content, encoding="utf-8")
    assert [head.stem for head in lesson_heads("en", tmp_path)] == ["07_block"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lesson_is_in_the_table_and_every_link_leads_to_a_file(language):
    table = lesson_table(language)
    folder = ROOT / "notebooks" / language
    assert [head.stem for head in table.heads] == sorted(path.stem for path in folder.glob("??_*.ipynb"))
    text = table._repr_markdown_()
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) == 4 * len(table.heads)
    assert [link for link in links if not (folder / link).resolve().is_file()] == []
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in text.split("\n\n")[0].splitlines()} == {6}
    assert all(head.title in repr(table) for head in table.heads)


def test_what_is_solved_shows_in_both_languages(monkeypatch):
    progress.attempt("se_block.linear", "passed")
    progress.attempt("se_block.conv", "wrong")
    for language in LANGUAGES:
        table = Notebook(language).lessons()
        row = next(line for line in table._repr_markdown_().splitlines() if "03_se_block" in line)
        assert re.search(r"\| 1/\d+ ✓•–+ \|", row)


def test_a_record_that_cannot_be_read_is_said(tmp_path):
    Path(tmp_path, progress.FILE).write_text("{", encoding="utf-8")
    assert "could not be read" in lesson_table("en")._repr_markdown_()
