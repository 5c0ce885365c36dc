"""The runner of the gates: sorted findings, a count, an exit status."""

from pathlib import Path

import pytest

from seattn_course.authoring.gates import GATES
from seattn_course.authoring.tree import Lesson
from seattn_course.course.command import main


@pytest.fixture
def checkout(course: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (course / "seattn_course").mkdir()
    monkeypatch.chdir(course / "notebooks")
    return course


def test_a_sound_course_passes(checkout: Path, capsys):
    assert main(["check"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{len(GATES)} gates, 20 files, 0 findings in ")


def test_findings_are_sorted_and_counted(checkout: Path, capsys):
    for language in ("tr", "en"):
        lesson = Lesson(checkout, "notebooks", language, "01_gate")
        notebook = lesson.read()
        notebook.cells[0].source += " 99."
        notebook.cells[5].source += "."
        lesson.write(notebook)
    assert main(["check", "pairing", "stale"]) == 1
    *found, summary = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[:2] for line in found] == [
        [f"notebooks/{language}/01_gate.ipynb [{cell}]", gate]
        for language in ("en", "tr")
        for cell in ("reading", "title")
        for gate in ("pairing", "stale")
    ]
    assert summary.startswith("2 gates, 20 files, 8 findings in ")


def test_an_unknown_gate_is_named(checkout: Path, capsys):
    assert main(["check", "parody"]) == 2
    assert "no gate parody" in capsys.readouterr().out
