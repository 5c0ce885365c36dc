"""The learner's record of exercises: a versioned JSON in the user's data folder, shared by both languages."""

import argparse
import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

VERSION = 1
FILE = "progress.json"
ENVIRONMENT = "SEATTN_PROGRESS_DIR"
LOCK_SECONDS = 2.0
# What a record starts with; a record of an older course gets the fields it lacks, and keeps those unknown here.
NEW_RECORD = {
    "state": "open", "attempts": 0, "failures": 0, "hints": 0, "first": None, "last": None, "passed": None,
}  # fmt: skip
STATES = ("open", "tried", "passed")


class NotRecordedError(Exception):
    """The record could not be read or written; ``key`` names the message that says why."""

    def __init__(self, key: str, **parameters: str):
        self.key = key
        self.parameters = parameters
        super().__init__(f"{key}: {parameters}")


@dataclass
class Record:
    """All that is known of a learner: exercise id -> fields of NEW_RECORD (times are UTC, ISO 8601).

    ``kept_aside`` is the name of the unreadable file that this record replaces, or None.
    """

    exercises: dict[str, dict] = field(default_factory=dict)
    extra: dict = field(default_factory=dict)
    kept_aside: str | None = None

    def of(self, exercise_id: str) -> dict:
        return self.exercises.setdefault(exercise_id, dict(NEW_RECORD))


def folder() -> Path:
    """Where the record lies: ``SEATTN_PROGRESS_DIR``, or the user's data folder."""
    chosen = os.environ.get(ENVIRONMENT)
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_data_dir("seattn-course", appauthor=False))


def read() -> Record:
    """The record as it is; a missing file is an empty record, an unreadable one is kept aside.

    NotRecordedError if a newer course wrote it, or the folder cannot be read.
    """
    path = folder() / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Record()
    except OSError as error:
        raise _refused(error) from error
    try:
        return _parsed(content)
    except (ValueError, TypeError, AttributeError, KeyError):
        return Record(kept_aside=_keep_aside(path))


def change(exercise_id: str, edit: Callable[[dict], None]) -> Record:
    """Apply ``edit`` to one exercise's fields and store the record; NotRecordedError if that cannot be done.

    The file is read again under a lock before each change, so that two notebooks lose nothing of each other's.
    """
    try:
        with _locked():
            record = read()
            edit(record.of(exercise_id))
            _write(record)
            return record
    except OSError as error:
        raise _refused(error) from error


def attempt(exercise_id: str, outcome: str) -> Record:
    """Record one check: passed counts as solved for good; wrong and error count as failures in a row."""

    def edit(fields: dict) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        fields["attempts"] += 1
        fields["first"] = fields["first"] or now
        fields["last"] = now
        if outcome == "passed":
            fields["state"], fields["failures"] = "passed", 0
            fields["passed"] = fields["passed"] or now
        else:
            fields["failures"] += 1
            fields["state"] = "passed" if fields["state"] == "passed" else "tried"

    return change(exercise_id, edit)


def hint_used(exercise_id: str, level: int) -> Record:
    """Record the highest hint the learner has seen."""

    def edit(fields: dict) -> None:
        fields["hints"] = max(fields["hints"], level)

    return change(exercise_id, edit)


def _parsed(content: bytes) -> Record:
    data = json.loads(content.decode("utf-8"))
    version = data.get("version", 0)
    if not isinstance(version, int) or isinstance(version, bool):
        raise ValueError(f"version must be an integer, got {version!r}")
    if version > VERSION:
        raise NotRecordedError("engine.progress.newer", version=str(version))
    exercises = {}
    for exercise_id, fields in data["exercises"].items():
        record = NEW_RECORD | fields
        counts = [record[name] for name in ("attempts", "failures", "hints")]
        if record["state"] not in STATES or not all(type(count) is int for count in counts):
            raise ValueError(f"record of {exercise_id} is not understood")
        exercises[exercise_id] = record
    extra = {name: value for name, value in data.items() if name not in ("version", "exercises")}
    return Record(exercises, extra)


def _keep_aside(path: Path) -> str:
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"progress.unreadable-{stamp}.json")
    try:
        path.rename(aside)
    except FileNotFoundError:  # another notebook was faster
        return "progress.unreadable-*.json"
    except OSError as error:
        raise _refused(error) from error
    return aside.name


def _write(record: Record) -> None:
    """Beside the old file, to disk, then in its place: a crash at any moment leaves one whole file."""
    path = folder() / FILE
    content = {"version": VERSION, "exercises": record.exercises, **record.extra}
    temporary = path.with_name(f".{FILE}.new")  # one name will do: the lock is held
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    from filelock import FileLock, Timeout

    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    try:
        # The lock belongs to the process, so a crash frees it.
        with FileLock(place / ".progress.lock", timeout=LOCK_SECONDS):
            yield
    except Timeout:
        raise NotRecordedError("engine.progress.busy", folder=str(place)) from None


def _refused(error: OSError) -> NotRecordedError:
    reason = error.strerror or type(error).__name__
    return NotRecordedError("engine.progress.refused", folder=str(folder()), reason=reason)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``seattn progress``."""
    parser.add_argument("--language", choices=("en", "tr"), default="en", help="language of the table")


def run(arguments: argparse.Namespace) -> int:
    """Print the table; 1 if the record cannot be read."""
    from seattn_course.checks.overview import overview

    table = overview(arguments.language)
    print(repr(table))
    return 1 if table.problem else 0
