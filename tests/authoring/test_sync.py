"""Sync carries edits both ways by content, refuses where two edits meet, and never loses an output or a word."""

import os
import re
import shutil
from pathlib import Path

import pytest

from seattn_course.authoring.gates import run_gates
from seattn_course.authoring.notebooks import cells_by_name
from seattn_course.authoring.sync import Report, run, synchronise
from seattn_course.authoring.tree import CourseTree, Lesson
from seattn_course.course.command import main


@pytest.fixture
def lesson(course: Path) -> Lesson:
    return Lesson(course, "notebooks", "tr", "01_gate")


def sync(lesson: Lesson) -> Report:
    return synchronise(CourseTree(lesson.root))


def edit_text(lesson: Lesson, old: str, new: str) -> None:
    text = lesson.text_path.read_text(encoding="utf-8")
    assert old in text
    lesson.write_text(text.replace(old, new))


def edit_notebook(lesson: Lesson, name: str, old: str, new: str) -> None:
    notebook = lesson.read()
    cell = cells_by_name(notebook)[name]
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    lesson.write(notebook)


def cell(lesson: Lesson, name: str):
    return cells_by_name(lesson.read())[name]


def files(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_nothing_to_do_changes_no_file(course: Path):
    before = files(course)
    for path in course.rglob("*.md"):
        os.utime(path, (0, 0))  # times decide nothing
    report = synchronise(CourseTree(course))
    assert (report.done, report.refused) == ([], [])
    assert files(course) == before


def test_the_notebook_goes_to_the_text_even_if_it_is_older(lesson: Lesson):
    edit_notebook(lesson, "reading", "gösteriyor", "söylüyor")
    os.utime(lesson.path, (0, 0))
    assert sync(lesson).refused == []
    assert "söylüyor" in lesson.text_path.read_text(encoding="utf-8")
    assert run_gates(CourseTree(lesson.root), ["pairing"]) == []


def test_the_text_goes_to_the_notebook_and_outputs_stay(lesson: Lesson):
    before = lesson.read()
    edit_text(lesson, "Çıktı ne gösteriyor?", "Çıktı ne söylüyor?")
    edit_text(lesson, "# bütün kanal için tek sayı", "# kanalın tamamı için")
    edit_text(lesson, "Kapısından geçen kanal.", "Kapısından geçmiş kanal.")
    os.utime(lesson.text_path, (0, 0))
    report = sync(lesson)
    assert report.refused == []
    assert report.unexecuted[lesson.name] == []
    assert "söylüyor" in cell(lesson, "reading").source
    for old, new in zip(before.cells, lesson.read().cells):
        assert new.get("outputs") == old.get("outputs")
        assert new.get("execution_count") == old.get("execution_count")
        assert new.metadata.get("twin") == old.metadata.get("twin")
        assert new.id == new.metadata.name


def test_changed_code_loses_its_output_in_both_languages_and_no_other_does(lesson: Lesson):
    edit_text(lesson, "scale(2.0, gate)\n```\n\n+++", "scale(3.0, gate)\n```\n\n+++")
    report = sync(lesson)
    assert report.refused == []
    for language in ("en", "tr"):
        twin = lesson.twin(language)
        assert report.unexecuted[twin.name] == ["scale"]
        assert (cell(twin, "scale").outputs, cell(twin, "scale").execution_count) == ([], None)
        assert cell(twin, "gate").outputs
        assert "scale(3.0, gate)" in twin.text_path.read_text(encoding="utf-8")
    assert "# one number for the whole channel" in cell(lesson.twin(), "scale").source
    assert run_gates(CourseTree(lesson.root), ["pairing", "parity", "stale"]) == []


def test_cells_added_moved_and_removed_in_the_text(lesson: Lesson):
    text = lesson.text_path.read_text(encoding="utf-8")
    start, end = text.index("```{code-cell} ipython3\n:name: figure"), len(text)
    figure = text[start:end]
    text = text[:start] + '+++ {"name": "new"}\n\nYeni.\n'
    gate = "```{code-cell} ipython3\n:name: gate\n"
    lesson.write_text(text.replace(gate, f"{figure}\n{gate}"))
    before = cell(lesson, "figure").outputs
    sync(lesson)
    assert [each.metadata.name for each in lesson.read().cells] == [
        "title", "setup", "equation", "figure", "gate", "scale", "reading", "new",
    ]  # fmt: skip
    assert cell(lesson, "figure").outputs == before
    assert "twin" not in cell(lesson, "new").metadata


def test_both_changed_is_refused_and_nothing_is_lost(lesson: Lesson):
    edit_notebook(lesson, "reading", "gösteriyor", "söylüyor")
    edit_text(lesson, "· Kapı\n", "· Bir kapı\n")
    before = lesson.path.read_bytes(), lesson.text_path.read_bytes()
    (message,) = sync(lesson).refused
    for part in (lesson.name, "text/notebooks/tr/01_gate.md", "title, reading", "both changed"):
        assert part in message
    assert (lesson.path.read_bytes(), lesson.text_path.read_bytes()) == before


def test_both_changed_alike_is_no_conflict(lesson: Lesson):
    edit_notebook(lesson, "reading", "gösteriyor", "söylüyor")
    edit_text(lesson, "gösteriyor", "söylüyor")
    assert sync(lesson).refused == []
    assert run_gates(CourseTree(lesson.root), ["pairing"]) == []


def test_without_a_recorded_sync_a_difference_is_refused(lesson: Lesson):
    notebook = lesson.read()
    del notebook.metadata.seattn["text"]
    lesson.write(notebook)
    edit_text(lesson, "gösteriyor", "söylüyor")
    (message,) = sync(lesson).refused
    assert "no earlier sync is recorded" in message


def test_one_refused_lesson_does_not_stop_the_others(lesson: Lesson):
    other = Lesson(lesson.root, "notebooks", "en", "02_mean")
    lesson.path.write_text("{ broken", encoding="utf-8")
    edit_text(other, "Squeezing takes", "To squeeze is to take")
    report = sync(lesson)
    assert len(report.refused) == 1
    assert "notebooks/tr/01_gate.ipynb is no notebook" in report.refused[0]
    assert "To squeeze" in cell(other, "title").source


def test_a_new_text_makes_a_notebook(lesson: Lesson):
    for language in ("en", "tr"):
        old, new = lesson.twin(language), Lesson(lesson.root, "notebooks", language, "05_new")
        shutil.copy(old.text_path, new.text_path)
    report = sync(new)
    assert report.refused == []
    assert report.unexecuted[new.name] == ["setup", "gate", "scale", "figure"]
    assert new.read().metadata.seattn.language == "tr"
    assert [each.id for each in new.read().cells] == [each.id for each in old.read().cells]


def test_a_notebook_without_text_gets_one(lesson: Lesson):
    before = lesson.text_path.read_text(encoding="utf-8")
    lesson.text_path.unlink()
    assert sync(lesson).done == ["wrote text/notebooks/tr/01_gate.md"]
    assert lesson.text_path.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('{"name": "reading"}', '{"tags": ["x"]}', "cell 6 has no name; its first line is '### Çıktı ne"),
        ('{"name": "reading"}', '{"name": "equation"}', "the name stands 2 times; here on cell 3, '## Denklem'"),
        ('{"name": "reading"}', '{"name": "reading"', "cannot be read"),
        ("kernelspec:", "kernelspec: [", "cannot be read"),
        ('{"name": "reading"}', '{"name": ["reading"]}', "cannot be read: ['reading'] is not of type 'string'"),
    ],
)
def test_a_text_that_cannot_be_joined_is_refused(lesson: Lesson, old, new, message):
    edit_text(lesson, old, new)
    before = lesson.path.read_bytes()
    (refusal,) = sync(lesson).refused
    assert "text/notebooks/tr/01_gate.md" in refusal
    assert message in refusal
    assert lesson.path.read_bytes() == before


def test_a_source_that_a_text_cannot_hold_is_refused(lesson: Lesson):
    edit_notebook(lesson, "reading", "### Çıktı", "+++\n\n### Çıktı")
    before = lesson.text_path.read_bytes()
    (message,) = sync(lesson).refused
    assert re.search(r"the source of .*reading.* does not survive", message)
    assert lesson.text_path.read_bytes() == before


def test_a_carry_that_needs_a_person_is_refused_by_cell_and_line(lesson: Lesson):
    edit_text(lesson, "u = 0.35  # 1. kanalın değeri", "u = 0.45  # ikinci kanalın değeri")
    (message,) = sync(lesson).refused
    assert message.startswith("notebooks/en/01_gate.ipynb and notebooks/tr/01_gate.ipynb [gate]: line 3: the com")
    assert "0.35" in cell(lesson.twin(), "gate").source
    assert "0.45" in cell(lesson, "gate").source  # the edit itself reached its own notebook


def test_a_failed_write_leaves_the_old_file(lesson: Lesson, monkeypatch: pytest.MonkeyPatch):
    before = lesson.path.read_bytes()

    def full_disk(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        lesson.write(lesson.read())
    assert lesson.path.read_bytes() == before
    assert list(lesson.path.parent.glob(".*")) == []


def test_the_verb_says_what_needs_executing(lesson: Lesson, monkeypatch: pytest.MonkeyPatch, capsys):
    (lesson.root / "seattn_course").mkdir()
    monkeypatch.chdir(lesson.root)
    assert main(["sync"]) == 0
    assert capsys.readouterr().out == "nothing to do\n"
    edit_text(lesson, "scale(2.0, gate)\n```\n\n+++", "scale(3.0, gate)\n```\n\n+++")
    assert main(["sync"]) == 0
    out = capsys.readouterr().out
    assert "carried the Turkish change of [scale] to notebooks/en/01_gate.ipynb" in out
    assert "needs executing: seattn execute notebooks/en/01_gate.ipynb" in out
    edit_text(lesson, "· Kapı\n", "· Bir kapı\n")
    edit_notebook(lesson, "reading", "gösteriyor", "söylüyor")
    assert run(None) == 1
    assert "refused: notebooks/tr/01_gate.ipynb" in capsys.readouterr().out


def test_the_demonstration(lesson: Lesson):
    """One line of code, one sentence and one number, each changed in one language, are each caught by name."""
    edit_notebook(lesson, "scale", "return x * gate", "return gate * x * 1.0")
    edit_notebook(lesson, "title", "Daha fazlası", "Çok daha fazlası")
    edit_notebook(lesson, "reading", "1,17", "1,71")
    found = [str(finding) for finding in run_gates(CourseTree(lesson.root), ["parity", "parity-prose"])]
    assert found == [
        "notebooks/tr/01_gate.ipynb [reading]: parity-prose: numbers in the prose differ: only in English 1.17; "
        "only in Turkish 1.71",
        "notebooks/tr/01_gate.ipynb [scale]: parity: code differs: English line 4 `x`, Turkish line 4 `gate * x`",
    ]
    report = sync(lesson)
    assert report.refused == []
    assert "carried the Turkish change of [scale] to notebooks/en/01_gate.ipynb" in report.done
    assert cell(lesson.twin(), "scale").source == (
        'def scale(x, gate):\n    """The channel after its gate."""\n    # one number for the whole channel\n'
        "    return gate * x * 1.0\n\n\nscale(2.0, gate)"
    )
    stale = [str(finding) for finding in run_gates(CourseTree(lesson.root), ["stale"])]
    advice = "the Turkish cell changed after this translation was accepted; update it, then `seattn accept"
    assert stale == [
        f"notebooks/en/01_gate.ipynb [{name}]: stale: {advice} notebooks/en/01_gate.ipynb {name}`"
        for name in ("reading", "title")
    ]
