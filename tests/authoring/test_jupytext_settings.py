"""JupyterLab, the jupytext command and this package write one and the same text, and lose nothing that is ours.

JupyterLab is represented by jupytext's contents manager, which is what answers its open and save.
"""

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class

from seattn_course.authoring.gates import run_gates
from seattn_course.authoring.notebooks import to_text
from seattn_course.authoring.sync import synchronise
from seattn_course.authoring.tree import CourseTree, Lesson, find_root

SETTINGS = ("jupytext.toml", "solutions/jupytext.toml", "text/solutions/jupytext.toml")


@pytest.fixture
def paired(course: Path) -> Path:
    """The small course with the repository's own jupytext settings."""
    for name in SETTINGS:
        shutil.copy(find_root(Path(__file__)) / name, course / name)
    return course


@pytest.fixture(params=["notebooks", "solutions"])
def lesson(request, paired: Path) -> Lesson:
    return Lesson(paired, request.param, "tr", "01_gate")


def manager(root: Path):
    made = build_sync_jupytext_contents_manager_class(LargeFileManager)(root_dir=str(root))
    made.log.setLevel(logging.ERROR)
    return made


def make_newer(path: Path, than: Path) -> None:
    os.utime(path, (than.stat().st_atime, than.stat().st_mtime + 10))


def test_a_save_in_jupyterlab_writes_our_text(lesson: Lesson):
    before = lesson.text_path.read_text(encoding="utf-8")
    lesson.text_path.unlink()
    lab = manager(lesson.root)
    lab.save(lab.get(lesson.name), lesson.name)
    assert lesson.text_path.read_text(encoding="utf-8") == before


def test_an_edit_in_jupyterlab_stays_ours(lesson: Lesson):
    lab = manager(lesson.root)
    model = lab.get(lesson.name)
    model["content"]["cells"][0]["source"] = "# Başka"
    lab.save(model, lesson.name)
    assert lesson.text_path.read_text(encoding="utf-8") == to_text(lesson.read())
    report = synchronise(CourseTree(lesson.root))
    assert report.refused == []
    assert run_gates(CourseTree(lesson.root), ["pairing"]) == []
    assert "Başka" in lesson.text_path.read_text(encoding="utf-8")


def test_a_newer_text_opened_in_jupyterlab_keeps_outputs_and_acceptances(lesson: Lesson):
    old = lesson.read()
    text = lesson.text_path.read_text(encoding="utf-8")
    lesson.write_text(text.replace(old.cells[0].source, "# Başka"))
    make_newer(lesson.text_path, lesson.path)
    lab = manager(lesson.root)
    lab.save(lab.get(lesson.name), lesson.name)
    assert synchronise(CourseTree(lesson.root)).refused == []
    new = lesson.read()
    assert new.cells[0].source == "# Başka"
    for before, after in zip(old.cells, new.cells):
        assert after.get("outputs") == before.get("outputs")
        assert after.metadata == before.metadata
        assert after.id == before.id


def jupytext(root: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "jupytext", "--quiet", *arguments], cwd=root, check=True, timeout=60)


def test_the_command_writes_our_text(lesson: Lesson):
    before = lesson.text_path.read_text(encoding="utf-8")
    lesson.text_path.unlink()
    text_name = lesson.text_path.relative_to(lesson.root).as_posix()
    jupytext(lesson.root, "--to", "md:myst", "--output", text_name, lesson.name)
    assert lesson.text_path.read_text(encoding="utf-8") == before


def test_the_command_reads_our_text(lesson: Lesson):
    old = lesson.read()
    lesson.path.unlink()
    jupytext(lesson.root, "--to", "ipynb", "--output", lesson.name, str(lesson.text_path))
    new = lesson.read()
    assert [(cell.cell_type, cell.source) for cell in new.cells] == [(c.cell_type, c.source) for c in old.cells]
