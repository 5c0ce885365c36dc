"""The gate "sizes": notebooks up to 1 MiB, tracked files up to 48 MiB."""

import subprocess

from seattn_course.authoring import sizes
from seattn_course.authoring.tree import CourseTree, Lesson


def messages(course) -> list[str]:
    return [str(finding) for finding in sizes.sizes_gate(CourseTree(course))]


def test_a_notebook_over_the_limit(course):
    lesson = Lesson(course, "notebooks", "tr", "02_mean")
    notebook = lesson.read()
    notebook.cells[0].source += "x" * 2**20
    lesson.write(notebook)
    assert messages(course) == ["notebooks/tr/02_mean.ipynb: sizes: has 1.00 MiB; a notebook has at most 1 MiB"]


def test_a_large_tree_names_its_largest_files(course, monkeypatch):
    monkeypatch.setattr(sizes, "LARGEST_TREE", 2**20)
    (course / "data.bin").write_bytes(bytes(2**20))
    [finding] = messages(course)
    assert "the tracked files have 1.0 MiB" in finding
    assert "largest: data.bin, " in finding


def test_only_what_git_tracks_counts(course, monkeypatch):
    monkeypatch.setattr(sizes, "LARGEST_TREE", 2**20)
    subprocess.run(["git", "init", "-q", str(course)], check=True)
    subprocess.run(["git", "-C", str(course), "add", "notebooks"], check=True)
    (course / "data.bin").write_bytes(bytes(2**20))
    assert messages(course) == []
    subprocess.run(["git", "-C", str(course), "add", "data.bin"], check=True)
    assert len(messages(course)) == 1
