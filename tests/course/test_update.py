"""``seattn update`` on real clones: a learner's work stays, what is new arrives, and a conflict loses neither."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seattn_course.course.language import LANGUAGES, Catalogue
from seattn_course.course.update import Update

ROOT = Path(__file__).resolve().parents[2]
EXERCISE = "exercises/en/01_gate.ipynb"
LESSON = "notebooks/en/01_gate.ipynb"
TEXT = "text/notebooks/en/01_gate.md"


def notebook(**cells: str) -> dict:
    """A notebook with a code cell for each name."""
    return {
        "cells": [
            {"cell_type": "code", "id": name, "metadata": {"name": name}, "outputs": [], "execution_count": None,
             "source": source.splitlines(keepends=True)}
            for name, source in cells.items()
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Teacher", "-c", "user.email=teacher@example.org"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def write(folder: Path, path: str, content: dict | str) -> None:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def sources(folder: Path, path: str) -> list[str]:
    cells = json.loads((folder / path).read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells]


class Course:
    """The course's own repository, and a learner's clone of it."""

    def __init__(self, folder: Path):
        self.origin, self.clone = folder / "origin", folder / "clone"
        self.origin.mkdir()
        git(self.origin, "init", "--quiet", "--initial-branch", "main")
        self.publish({
            EXERCISE: notebook(task="# task 1", answer="raise NotImplementedError", check="check('a', a)"),
            LESSON: notebook(title="one", code="print(1)"),
            TEXT: "one\n\nprint(1)\n",
            "README.md": "line 1\nline 2\nline 3\nline 4\nline 5\n",
            ".gitignore": "*.mine-*\n",
        })  # fmt: skip
        git(folder, "clone", "--quiet", str(self.origin), str(self.clone))

    def publish(self, files: dict[str, dict | str | None]) -> None:
        for path, content in files.items():
            if content is None:
                (self.origin / path).unlink()
            else:
                write(self.origin, path, content)
        git(self.origin, "add", "--all")
        git(self.origin, "commit", "--quiet", "--message", "new")

    def learner(self, path: str, content: dict | str) -> None:
        write(self.clone, path, content)

    def update(self, language: str = "en") -> tuple[int, str]:
        update = Update(self.clone.resolve(), language)
        status = update.run()
        return status, "\n".join(update.lines)

    def head(self) -> str:
        return git(self.clone, "rev-parse", "HEAD")

    def is_current(self) -> bool:
        return self.head() == git(self.origin, "rev-parse", "HEAD")


@pytest.fixture
def course(tmp_path) -> Course:
    return Course(tmp_path)


def answered(**more: str) -> dict:
    return notebook(task="# task 1", answer="def a():\n    return 'half solved'", check="check('a', a)", **more)


def test_a_half_solved_exercise_stays_and_new_lessons_arrive(course):
    course.learner(EXERCISE, answered())
    course.publish({"notebooks/en/02_mean.ipynb": notebook(title="two")})
    status, told = course.update()
    assert status == 0, told
    assert course.is_current()
    assert sources(course.clone, EXERCISE)[1] == "def a():\n    return 'half solved'"
    assert sources(course.clone, "notebooks/en/02_mean.ipynb") == ["two"]
    assert "files that are new or changed: 1" in told


def test_git_pull_alone_refuses_and_the_update_then_does_both(course):
    course.learner(EXERCISE, answered())
    course.publish({EXERCISE: notebook(task="# task 1, clearer", answer="raise NotImplementedError", more="new")})
    with pytest.raises(subprocess.CalledProcessError):
        git(course.clone, "pull", "--ff-only")
    assert "half solved" in sources(course.clone, EXERCISE)[1]
    status, told = course.update()
    assert (status, course.is_current()) == (0, True), told
    # The clearer task and the new cell arrived, the check cell that the course dropped is gone, the answer stayed.
    assert sources(course.clone, EXERCISE) == [
        "# task 1, clearer", "def a():\n    return 'half solved'", "new",
    ]  # fmt: skip
    assert f"{EXERCISE}: your work is kept" in told


@pytest.mark.parametrize(("language", "words"), [("en", "stands below each as text"), ("tr", "metin olarak")])
def test_the_same_cell_changed_on_both_sides_keeps_both(course, language, words):
    course.learner(EXERCISE, answered())
    course.publish({EXERCISE: notebook(task="# task 1", answer="raise NotImplementedError('new')", check="c")})
    status, told = course.update(language)
    assert status == 0
    assert "(answer)" in told
    assert words in told
    task, mine, theirs, check = json.loads((course.clone / EXERCISE).read_text(encoding="utf-8"))["cells"]
    assert "".join(mine["source"]) == "def a():\n    return 'half solved'"
    assert mine["cell_type"] == "code"
    assert theirs["cell_type"] == "markdown"  # so that "run all" still runs the learner's answer
    assert "NotImplementedError('new')" in theirs["source"]
    assert (task["source"], check["source"]) == (["# task 1"], ["c"])
    words = Catalogue("seattn_course.course.messages", language)
    assert course.update(language) == (0, words.text("update.current"))


def test_a_lesson_that_was_only_run_becomes_the_new_one(course):
    run = notebook(title="one", code="print(1)")
    output = {"output_type": "stream", "name": "stdout", "text": "1\n"}
    run["cells"][1] |= {"outputs": [output], "execution_count": 7}
    run["cells"].append({"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "source": ""})
    course.learner(LESSON, run)
    course.publish({LESSON: notebook(title="one, better", code="print(1)")})
    assert course.update()[0] == 0
    assert git(course.clone, "status", "--porcelain") == ""


def test_cells_of_ones_own_stay_where_they_stood(course):
    mine = notebook(title="one", code="print(1)")
    own = {"cell_type": "markdown", "id": "own", "metadata": {}, "source": "my note"}
    copy = {"cell_type": "code", "id": "copy", "metadata": {"name": "code"}, "outputs": [], "source": "print(2)"}
    mine["cells"] = [own, mine["cells"][0], own, mine["cells"][1], copy]
    course.learner(LESSON, mine)
    course.publish({LESSON: notebook(start="zero", title="one!", code="print(1)", end="last")})
    assert course.update()[0] == 0
    assert sources(course.clone, LESSON) == ["my note", "zero", "one!", "my note", "print(1)", "print(2)", "last"]


def test_a_saved_lesson_and_its_text_do_not_undo_each_other(course):
    course.learner(LESSON, notebook(title="one, with my words", code="print(1)"))
    course.learner(TEXT, "one, with my words\n\nprint(1)\n")
    course.publish({LESSON: notebook(title="one, new", code="print(1)"), TEXT: "one, new\n\nprint(1)\n"})
    status, told = course.update()
    assert (status, course.is_current()) == (0, True), told
    assert "one, with my words" in sources(course.clone, LESSON)
    assert TEXT not in told
    # The newer of the two is what JupyterLab opens.
    assert (course.clone / LESSON).stat().st_mtime_ns >= (course.clone / TEXT).stat().st_mtime_ns


def test_a_text_edited_by_hand_is_merged_or_kept_beside(course):
    course.learner("README.md", "my line 1\nline 2\nline 3\nline 4\nline 5\n")
    course.learner(TEXT, "mine\n\nprint(1)\n")
    course.publish({"README.md": "line 1\nline 2\nline 3\nline 4\nnew line 5\n", TEXT: "new\n\nprint(1)\n"})
    status, told = course.update()
    assert (status, course.is_current()) == (0, True), told
    assert (course.clone / "README.md").read_text() == "my line 1\nline 2\nline 3\nline 4\nnew line 5\n"
    assert (course.clone / TEXT).read_text() == "new\n\nprint(1)\n"
    kept = re.search(rf"kept as ({TEXT}\.mine-\S+?)\.$", told, re.MULTILINE).group(1)
    assert (course.clone / kept).read_text() == "mine\n\nprint(1)\n"


def test_a_broken_notebook_and_a_file_of_the_same_name_are_kept_beside(course):
    course.learner(EXERCISE, '{"cells": [half')
    course.learner("notebooks/en/02_mean.ipynb", notebook(own="all mine"))
    course.publish({EXERCISE: notebook(task="# task 2"), "notebooks/en/02_mean.ipynb": notebook(title="two")})
    status, told = course.update()
    assert (status, course.is_current()) == (0, True), told
    assert told.count("is kept as") == 2
    (broken,) = (course.clone / "exercises/en").glob("01_gate.mine-*.ipynb")
    (own,) = (course.clone / "notebooks/en").glob("02_mean.mine-*.ipynb")
    assert broken.read_text() == '{"cells": [half'
    assert sources(course.clone, own.relative_to(course.clone)) == ["all mine"]
    assert sources(course.clone, "notebooks/en/02_mean.ipynb") == ["two"]


def test_deleted_files_come_back_when_new_and_dropped_ones_stay_when_changed(course):
    (course.clone / EXERCISE).unlink()
    course.learner(LESSON, notebook(title="mine"))
    course.publish({EXERCISE: notebook(task="# task 2"), LESSON: None})
    status, told = course.update()
    assert (status, course.is_current()) == (0, True), told
    assert sources(course.clone, EXERCISE) == ["# task 2"]
    assert not (course.clone / LESSON).exists()
    (kept,) = (course.clone / LESSON).parent.glob("01_gate.mine-*.ipynb")
    assert sources(course.clone, kept.relative_to(course.clone)) == ["mine"]
    assert "no longer part of the course" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_in_the_way_is_a_sentence_and_changes_nothing(course, language, tmp_path):
    def expect(key: str, folder: Path = course.clone) -> None:
        update = Update(folder.resolve(), language)
        assert update.run() == 1
        said = Catalogue("seattn_course.course.messages", language).text(f"update.{key}", reason="@")
        assert update.lines[-1].startswith(said.split("@")[0])
        assert sources(course.clone, EXERCISE) == sources_before

    course.learner(EXERCISE, answered())
    sources_before = sources(course.clone, EXERCISE)
    course.publish({"new.txt": "new"})
    (tmp_path / "no_clone").mkdir()
    expect("no_git", tmp_path / "no_clone")
    git(course.clone, "checkout", "--quiet", "--detach")
    expect("no_source")
    git(course.clone, "checkout", "--quiet", "main")
    (course.clone / ".git" / "MERGE_HEAD").touch()
    expect("busy")
    (course.clone / ".git" / "MERGE_HEAD").unlink()
    git(course.clone, "remote", "set-url", "origin", str(tmp_path / "nowhere"))
    expect("offline")
    git(course.clone, "remote", "set-url", "origin", str(course.origin))
    (course.clone / ".git" / "index.lock").touch()  # another git is at work, or one that was killed
    expect("refused")
    (course.clone / ".git" / "index.lock").unlink()
    git(course.clone, "commit", "--quiet", "--all", "--message", "mine")
    expect("own_commits")


@pytest.mark.parametrize("steps", range(1, 5))
def test_broken_off_at_any_step_it_can_be_started_again(course, steps, monkeypatch):
    course.learner(EXERCISE, answered())
    course.learner(LESSON, notebook(title="one, mine", code="print(1)"))
    course.publish({
        EXERCISE: notebook(task="# task 2", answer="new", check="check('a', a)"),
        LESSON: notebook(title="one", code="print(2)"), "new.txt": "x",
    })  # fmt: skip
    changing = {"update-index", "merge"}
    real = Update.git

    def dies(self, *arguments):
        if arguments[0] in changing:
            dies.left -= 1
            if dies.left == 0:
                raise KeyboardInterrupt
        return real(self, *arguments)

    dies.left = steps
    monkeypatch.setattr(Update, "git", dies)
    if steps < 4:
        with pytest.raises(KeyboardInterrupt):
            course.update()
        assert any("half solved" in source for source in sources(course.clone, EXERCISE))
    monkeypatch.setattr(Update, "git", real)
    assert course.update()[0] == 0
    assert course.is_current()
    found = sources(course.clone, EXERCISE)
    assert [source for source in found if source == "def a():\n    return 'half solved'"]
    assert sum("new" in source for source in found) == 1
    assert sources(course.clone, LESSON) == ["one, mine", "print(2)"]


def test_the_command_updates_the_checkout_it_lies_in(course):
    for name in ("__init__.py", "__main__.py", "course"):
        place = course.clone / "seattn_course" / name
        if (ROOT / "seattn_course" / name).is_dir():
            shutil.copytree(ROOT / "seattn_course" / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            place.parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / "seattn_course" / name, place)
    course.learner(EXERCISE, answered())
    course.publish({"new.txt": "new"})
    done = subprocess.run(
        [sys.executable, "-m", "seattn_course", "update"],
        cwd=course.clone,
        env={**os.environ, "PYTHONPATH": str(course.clone), "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert "Kurs güncellendi" in done.stdout
    assert (course.clone / "new.txt").read_text() == "new"
