"""The progress file: killed in mid-write, shared by notebooks, old, unreadable, unwritable: nothing is lost."""

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from seattn_course.checks.outcome import messages
from seattn_course.course import command, notebook, progress

ONE, TWO = "se_block.linear", "se_by_hand.hidden"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A progress folder of the test's own."""
    monkeypatch.setenv(progress.ENVIRONMENT, str(tmp_path / "progress"))
    return tmp_path / "progress"


@pytest.fixture
def english():
    return notebook.Notebook("en")


def test_attempts_are_counted_and_dated():
    progress.attempt(ONE, "wrong")
    progress.attempt(ONE, "error")
    record = progress.read().of(ONE)
    assert (record["state"], record["attempts"], record["failures"], record["passed"]) == ("tried", 2, 2, None)
    progress.attempt(ONE, "passed")
    record = progress.read().of(ONE)
    assert (record["state"], record["attempts"], record["failures"]) == ("passed", 3, 0)
    assert record["first"] <= record["passed"] == record["last"]
    assert record["last"].endswith("+00:00")


def test_once_solved_stays_solved():
    progress.attempt(ONE, "passed")
    progress.attempt(ONE, "wrong")
    assert progress.read().of(ONE)["state"] == "passed"


def test_hints_are_remembered_at_their_deepest():
    for level in (1, 3, 2):
        progress.hint_used(ONE, level)
    assert progress.read().of(ONE)["hints"] == 3


def test_the_file_is_versioned_json(place):
    progress.attempt(ONE, "passed")
    data = json.loads((place / progress.FILE).read_text(encoding="utf-8"))
    assert data["version"] == progress.VERSION
    assert set(data["exercises"][ONE]) == set(progress.NEW_RECORD)


def test_without_the_environment_it_lies_in_the_users_data_folder(monkeypatch):
    monkeypatch.delenv(progress.ENVIRONMENT)
    assert progress.folder().name == "seattn-course"


KILLED = """
import os, signal, sys
from seattn_course.course import progress
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "half":
    dump = progress.json.dump
    def half(content, file, **kwargs):
        file.write(progress.json.dumps(content, **kwargs)[:40]); file.flush(); die()
    progress.json.dump = half
else:
    setattr(progress.os, sys.argv[1], die)
progress.attempt("se_by_hand.hidden", "passed")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on Windows (2026-11)")
@pytest.mark.parametrize("moment", ["half", "fsync", "replace"])
def test_killed_in_the_middle_of_a_write_the_old_file_stays_whole(place, moment):
    progress.attempt(ONE, "passed")
    before = (place / progress.FILE).read_bytes()
    done = subprocess.run([sys.executable, "-c", KILLED, moment], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (place / progress.FILE).read_bytes() == before
    # The dead process holds no lock, and what it left behind disturbs nobody.
    progress.attempt(TWO, "passed")
    record = progress.read()
    assert record.kept_aside is None
    assert {record.of(ONE)["state"], record.of(TWO)["state"]} == {"passed"}


def _many_attempts(folder, exercise_id, times):
    os.environ[progress.ENVIRONMENT] = folder
    for _ in range(times):
        progress.attempt(exercise_id, "wrong")
        progress.hint_used(exercise_id, 1)


def test_two_notebooks_at_once_lose_nothing(place):
    context = multiprocessing.get_context("spawn")
    arguments = [(ONE, 25), (TWO, 25), (ONE, 25)]
    workers = [context.Process(target=_many_attempts, args=(str(place), *a)) for a in arguments]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(90)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    record = progress.read()
    assert record.of(ONE)["attempts"] == 50
    assert record.of(TWO)["attempts"] == 25


def test_an_older_file_is_read_and_what_it_lacks_is_filled_in(place):
    place.mkdir()
    old = {"exercises": {ONE: {"state": "passed", "attempts": 4}}, "name": "Ada"}  # no version, few fields
    (place / progress.FILE).write_text(json.dumps(old), encoding="utf-8")
    progress.attempt(TWO, "wrong")
    data = json.loads((place / progress.FILE).read_text(encoding="utf-8"))
    assert data["version"] == progress.VERSION
    assert data["exercises"][ONE]["state"] == "passed"
    assert data["exercises"][ONE]["attempts"] == 4
    assert data["exercises"][ONE]["hints"] == 0
    assert data["name"] == "Ada"


def test_fields_and_exercises_unknown_here_are_kept(place):
    progress.attempt(ONE, "passed")
    path = place / progress.FILE
    data = json.loads(path.read_text(encoding="utf-8"))
    data["exercises"][ONE]["mood"] = "proud"
    data["exercises"]["gone.exercise"] = {"state": "passed"}
    path.write_text(json.dumps(data), encoding="utf-8")
    progress.attempt(TWO, "wrong")
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["exercises"][ONE]["mood"] == "proud"
    assert data["exercises"]["gone.exercise"]["state"] == "passed"


def test_a_newer_file_is_left_alone(place, english):
    place.mkdir()
    newer = json.dumps({"version": progress.VERSION + 1, "exercises": {"x": "unknown form"}})
    (place / progress.FILE).write_text(newer, encoding="utf-8")
    result = english.check(TWO, 0.5)
    assert result.passed
    assert "newer version" in repr(result)
    assert (place / progress.FILE).read_text(encoding="utf-8") == newer
    assert "newer version" in repr(english.progress())


GARBAGE = [
    b"\x00\xff\xfe garbage",
    b"",
    b"{",
    b"[]",
    b"null",
    b"3",
    b'"text"',
    b'{"version": 1}',
    b'{"version": "one"}',
    b'{"version": true, "exercises": {}}',
    b'{"version": 1, "exercises": []}',
    b'{"version": 1, "exercises": {"a": 3}}',
    b'{"version": 1, "exercises": {"a": {"attempts": "many"}}}',
    b'{"version": 1, "exercises": {"a": {"state": "?"}}}',
]


@pytest.mark.parametrize("content", GARBAGE)
def test_an_unreadable_file_is_kept_aside(place, english, content):
    place.mkdir()
    (place / progress.FILE).write_bytes(content)
    result = english.check(TWO, 0.5)
    assert result.passed
    (aside,) = place.glob("progress.unreadable-*.json")
    assert aside.read_bytes() == content
    assert aside.name in repr(result)
    assert progress.read().of(TWO)["state"] == "passed"


def test_two_unreadable_files_are_both_kept(place):
    place.mkdir()
    for _ in range(2):
        (place / progress.FILE).write_bytes(b"{")
        assert progress.read().kept_aside
    assert len(list(place.glob("progress.unreadable-*.json"))) == 2


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_an_unwritable_folder_is_said_and_the_check_answers_all_the_same(english, monkeypatch, place, number):
    def refuse(*_args, **_kwargs):
        raise OSError(number, os.strerror(number))

    progress.attempt(ONE, "passed")
    before = (place / progress.FILE).read_bytes()
    monkeypatch.setattr(progress.os, "replace", refuse)
    result = english.check(TWO, 0.5)
    assert result.passed
    assert os.strerror(number) in repr(result)
    assert str(place) in repr(result)
    assert (place / progress.FILE).read_bytes() == before


def test_a_folder_that_cannot_be_made_is_said(english, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(progress.ENVIRONMENT, str(tmp_path / "file" / "below"))
    assert "SEATTN_PROGRESS_DIR" in repr(english.check(TWO, 0.5))
    assert english.hint(TWO).level == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere (2026-11)")
def test_a_read_only_folder_is_said(english, place):
    place.mkdir(mode=0o500)
    result = english.check(TWO, 0.5)
    assert result.passed
    assert str(place) in repr(result)


def test_a_lock_held_by_another_notebook_does_not_hang(english, monkeypatch, place):
    place.mkdir()
    monkeypatch.setattr(progress, "LOCK_SECONDS", 0.1)
    holder = textwrap.dedent(f"""
        import sys
        from filelock import FileLock
        with FileLock({str(place / ".progress.lock")!r}):
            print("held", flush=True)
            sys.stdin.read()
    """)
    with subprocess.Popen([sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline().strip() == b"held"
        result = english.check(TWO, 0.5)
        assert result.passed
        assert "another notebook" in repr(result)
    assert repr(english.check(TWO, 0.5)).count("another notebook") == 0


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_verb_prints_the_table(language, capsys):
    progress.attempt(TWO, "passed")
    progress.attempt(ONE, "wrong")
    assert command.main(["progress", "--language", language]) == 0
    text = capsys.readouterr().out
    assert "✓ hidden" in text
    assert "• linear" in text
    assert messages(language).text("engine.progress.legend") in text


def test_the_verb_says_when_the_record_cannot_be_read(place, capsys):
    place.mkdir()
    (place / progress.FILE).write_text(json.dumps({"version": 99, "exercises": {}}))
    assert command.main(["progress"]) == 1
    assert "newer version" in capsys.readouterr().out
