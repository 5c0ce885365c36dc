"""`seattn test --changed` runs what a change can affect, and no less."""

import subprocess

import pytest
from fault_course import code, new_course, notebook

from seattn_course.authoring.tree import CourseTree, Lesson
from seattn_course.authoring.validation.changed import affected, affected_by, changed_paths

STEMS = ("02_se_by_hand", "03_se_block")


@pytest.fixture
def lessons(tmp_path):
    kinds = ("notebooks", "solutions", "exercises")
    return [
        Lesson(tmp_path, kind, language, stem) for kind in kinds for language in ("en", "tr") for stem in STEMS
    ]


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("notebooks/en/03_se_block.ipynb", {"notebooks"}),
        ("text/notebooks/tr/03_se_block.md", {"notebooks"}),
        ("solutions/tr/03_se_block.ipynb", {"solutions", "exercises"}),
        ("text/solutions/en/03_se_block.md", {"solutions", "exercises"}),
        ("exercises/en/03_se_block.ipynb", {"exercises"}),
    ],
)
def test_a_notebook_brings_its_twin_and_what_is_made_from_it(lessons, path, kinds):
    found = affected_by([path], lessons)
    assert {lesson.stem for lesson in found} == {"03_se_block"}
    assert {lesson.kind for lesson in found} == kinds
    assert {lesson.language for lesson in found} == {"en", "tr"}


@pytest.mark.parametrize("path", ["seattn_course/attention/eca.py", "pyproject.toml", "constraints.txt"])
def test_the_package_and_its_environment_affect_everything(lessons, path):
    assert affected_by(["README.md", path], lessons) == lessons


def test_other_files_affect_no_notebook(lessons):
    assert affected_by(["README.md", "tests/course/test_device.py", "notebooks/en/data/photo.png"], lessons) == []


def git(folder, *arguments):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_edited_and_new_files_are_seen_committed_ones_are_not(tmp_path):
    course = new_course(tmp_path)
    for stem in STEMS:
        course.add(f"notebooks/en/{stem}", notebook(code("one", "1")))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "all")
    assert changed_paths(tmp_path) == []
    done = course.run("test", "--changed")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "0 passed, 0 failed"

    course.add("notebooks/en/03_se_block", notebook(code("one", "2")))
    course.add("notebooks/tr/02_se_by_hand", notebook(code("one", "1")))
    assert set(changed_paths(tmp_path)) == {"notebooks/en/03_se_block.ipynb", "notebooks/tr/02_se_by_hand.ipynb"}


def test_everything_runs_where_git_cannot_tell(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    lessons = [Lesson(tmp_path, "notebooks", "en", stem) for stem in STEMS]
    assert affected(CourseTree(tmp_path), lessons) == lessons
