"""Installing: what is done once, what is never done twice, and what each failure of pip is called."""

import json
import os
import stat
import sys
import threading
import time
from pathlib import Path

import pytest

from seattn_course.course import installation
from seattn_course.course.bootstrap import ensure
from seattn_course.course.installation import THIS_PYTHON, Installation, Stop, diagnose

PROJECT = """
[build-system]
requires = ["setuptools>=77"]
[project]
name = "course"
version = "1"
dependencies = ["torch>=2.9"]
[tool.ruff]
line-length = 100
"""
# Stands for .venv/bin/python: says its version, notes how pip is called, and answers as the test wants.
FAKE_PYTHON = """#!/bin/sh
if [ "$1" = "-c" ]; then echo {version}; exit 0; fi
echo "$@" >> "{calls}"
cat "{answer}"
. "{ending}"
"""


class Course:
    """A small checkout with a .venv whose Python is a shell script."""

    def __init__(self, root: Path):
        self.root = root
        self.said: list[str] = []
        (root / "pyproject.toml").write_text(PROJECT)
        (root / "constraints.txt").write_text("# pins\ntorch==2.13.0\n")
        self.calls_file, self.answer, self.ending = root / "calls", root / "answer", root / "ending"
        self.make_venv()
        self.pip_answers("", "exit 0")

    def make_venv(self, version: str = THIS_PYTHON) -> None:
        script = self.root / ".venv" / "bin" / "python"
        script.parent.mkdir(parents=True, exist_ok=True)
        (self.root / ".venv" / "lib" / f"python{version}").mkdir(parents=True, exist_ok=True)
        script.write_text(
            FAKE_PYTHON.format(version=version, calls=self.calls_file, answer=self.answer, ending=self.ending)
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)

    def pip_answers(self, text: str, ending: str) -> None:
        self.answer.write_text(text)
        self.ending.write_text(ending + "\n")

    def calls(self) -> list[str]:
        """How pip was called since the last time this was asked."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        self.calls_file.unlink(missing_ok=True)
        return lines

    def installation(self, **environ: str) -> Installation:
        return Installation(str(self.root), {"PATH": os.environ["PATH"], **environ})

    def ensure(self, *extras: str, **environ: str) -> list[str]:
        ensure(self.installation(**environ), list(extras), lambda key, **values: self.said.append(key))
        return self.calls()


@pytest.fixture
def course(tmp_path, monkeypatch) -> Course:
    made = Course(tmp_path)

    def make_environment(self, report):
        report("anew")
        made.make_venv()
        for leftover in (self.unfinished, self.stamp):
            Path(leftover).unlink(missing_ok=True)

    monkeypatch.setattr(Installation, "make_environment", make_environment)
    return made


def test_the_second_start_installs_nothing(course):
    first = course.ensure()
    assert first[-1].endswith("--no-build-isolation --editable .")
    assert all("--constraint constraints.txt" in call for call in first)
    assert course.ensure() == []
    assert "done" in course.said


def test_an_extra_is_added_once_and_kept(course):
    course.ensure()
    assert course.ensure("test")[-1].endswith("--editable .[test]")
    assert course.ensure() == course.ensure("test") == []
    assert course.ensure("browser")[-1].endswith("--editable .[browser,test]")


@pytest.mark.parametrize(
    ("file", "old", "new", "installs"),
    [
        ("pyproject.toml", "torch>=2.9", "torch>=2.10", True),
        ("pyproject.toml", "line-length = 100", "line-length = 110", False),
        ("constraints.txt", "2.13.0", "2.13.1", True),
        ("constraints.txt", "# pins", "# the pins", False),
    ],
)
def test_what_pip_would_do_otherwise_is_what_counts(course, file, old, new, installs):
    course.ensure()
    path = course.root / file
    path.write_text(path.read_text().replace(old, new))
    assert bool(course.ensure()) == installs
    assert course.ensure() == []


def test_torch_alone_comes_from_the_index_that_was_named(course):
    calls = course.ensure("test", TORCH_INDEX="file:///wheels")
    named = [call for call in calls if "--index-url file:///wheels" in call]
    assert len(named) == 1
    assert named[0].endswith("torch torchvision")
    assert "--no-deps" in named[0]
    assert course.ensure() == course.ensure(TORCH_INDEX="file:///wheels") == course.ensure(TORCH_INDEX="") == []
    assert course.ensure(TORCH_INDEX="file:///other")


def test_another_python_is_taken_only_when_it_was_named(course):
    course.make_venv("3.99")
    course.ensure()
    assert "anew" not in course.said
    course.ensure(PYTHON=sys.executable)
    assert "anew" in course.said


def test_a_venv_whose_python_is_gone_is_made_anew(course):
    course.ensure()
    (course.root / ".venv" / "bin" / "python").unlink()
    assert course.ensure()
    assert "anew" in course.said


@pytest.mark.parametrize("ending", ["kill -9 $$", "kill -15 $$"])
def test_an_installation_that_was_cut_short_starts_anew(course, ending):
    course.pip_answers("Collecting torch\n", ending)
    with pytest.raises(Stop) as stop:
        course.ensure()
    assert stop.value.key == "killed"
    assert "anew" not in course.said
    course.pip_answers("", "exit 0")
    assert course.ensure()
    assert "anew" in course.said
    assert course.ensure() == []


def test_an_interrupted_installation_starts_anew(course, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(Installation, "run_pip", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            course.ensure()
    assert course.ensure()
    assert "anew" in course.said


FAILURES = [
    ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk"),
    ("ERROR: Could not install packages due to an OSError: [Errno 122] Disk quota exceeded", "disk"),
    ("OSError: [Errno 13] Permission denied: '/srv/course/.venv/lib'", "permission"),
    ("NameResolutionError: Failed to resolve: Temporary failure in name resolution", "offline"),
    ("Failed to establish a new connection: [Errno 111] Connection refused\n"
     "ERROR: No matching distribution found for setuptools", "offline"),
    ("SSLError(SSLCertVerificationError(1, 'certificate verify failed'))", "offline"),
    ("ERROR: No matching distribution found for torch==2.13.0", "no-build"),
    ("ERROR: ResolutionImpossible", "pip"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "key"), FAILURES)
def test_a_failure_of_pip_is_told_for_what_it_is(course, words, key):
    course.pip_answers(f"Collecting something\n{words}\n", "exit 1")
    with pytest.raises(Stop) as stop:
        course.ensure()
    assert stop.value.key == key
    assert words.splitlines()[-1] in stop.value.values["tail"]
    if key == "no-build":
        assert stop.value.values["package"] == "torch"
    log = (course.root / ".venv" / "install.log").read_text()
    assert words in log
    course.pip_answers("", "exit 0")
    assert course.ensure()
    # pip undoes nothing when the disk is full; after its other failures .venv is what it was.
    assert ("anew" in course.said) == (key == "disk")


def test_a_learner_without_a_network_goes_on_with_what_is_there(course):
    course.ensure()
    (course.root / "constraints.txt").write_text("torch==2.13.1\n")
    course.pip_answers("Failed to establish a new connection", "exit 1")
    assert course.ensure()
    assert course.said[-1] == "offline-but-there"
    with pytest.raises(Stop):  # a validation, though, must not pass on yesterday's packages
        course.ensure("test")


def test_pip_stays_in_the_venv_whatever_the_user_has_set(course):
    found = course.installation(PYTHONPATH="/x", PIP_TARGET="/y", PIP_USER="1", HTTPS_PROXY="p").pip_environment()
    assert not {"PYTHONPATH", "PIP_TARGET"} & set(found)
    assert (found["PIP_USER"], found["HTTPS_PROXY"]) == ("0", "p")


@pytest.mark.parametrize("retries", ["0", "1"])
def test_a_closed_index_is_no_network(tmp_path, retries):
    """The real pip, with an index on a port where nobody listens."""
    (tmp_path / "constraints.txt").write_text("")
    (tmp_path / ".venv").mkdir()
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    environ = os.environ | nowhere | {"PIP_RETRIES": retries, "PIP_CONFIG_FILE": os.devnull}
    there = Installation(str(tmp_path), environ)
    there.python = sys.executable
    with pytest.raises(Stop) as stop:
        there.run_pip("setuptools", "--ignore-installed")
    assert stop.value.key == "offline"


def test_a_python_without_venv_names_the_package_that_brings_it(tmp_path, monkeypatch):
    monkeypatch.setattr(installation.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Stop) as stop:
        Installation(str(tmp_path), {}).make_environment(lambda key: None)
    assert (stop.value.key, stop.value.values["minor"]) == ("no-venv", THIS_PYTHON)


def test_a_folder_where_no_venv_can_be_made_says_why(tmp_path):
    (tmp_path / ".venv").write_text("a file stands in the way")
    with pytest.raises(Stop) as stop:
        Installation(str(tmp_path), dict(os.environ)).make_environment(lambda key: None)
    assert stop.value.key == "no-environment"
    assert ".venv" in stop.value.values["reason"]


@pytest.mark.slow
def test_a_half_made_venv_is_replaced_by_one_that_works(tmp_path):
    (tmp_path / ".venv" / "lib").mkdir(parents=True)
    (tmp_path / ".venv" / "lib" / "leftover").touch()
    there = Installation(str(tmp_path), dict(os.environ))
    said = []
    there.make_environment(said.append)
    assert said == ["anew"]
    assert there.venv_version() == THIS_PYTHON
    assert not (tmp_path / ".venv" / "lib" / "leftover").exists()


@pytest.mark.parametrize("stamp", ["", "{", "[]", json.dumps({"extras": 3})])
def test_a_broken_stamp_is_no_stamp(course, stamp):
    course.ensure()
    (course.root / ".venv" / "seattn-installed.json").write_text(stamp)
    assert course.ensure()
    assert course.ensure() == []


def test_the_surer_sign_is_told_first():
    assert diagnose("Connection reset by peer ... No space left on device")[0] == "disk"


def test_a_second_start_waits_for_the_first_and_finds_it_done(course):
    there, said, second = course.installation(), [], []
    with there.alone(said.append):
        waiting = threading.Thread(target=lambda: second.append(course.ensure()))
        waiting.start()
        while "waiting" not in course.said:
            time.sleep(0.01)
        there.install([], lambda key, **values: None)
        assert course.calls()
    waiting.join(timeout=30)
    assert second == [[]]
    assert said == []
