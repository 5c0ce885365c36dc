"""Finished runs, in one SQLite file under the hashes of their configurations."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from seattn_course.lab.configuration import Configuration, Outcome

_TABLE = """
CREATE TABLE IF NOT EXISTS runs (
    key TEXT PRIMARY KEY,          -- hash of configuration and seed
    configuration TEXT NOT NULL,   -- JSON
    seed INTEGER NOT NULL,
    outcome TEXT NOT NULL,         -- JSON
    torch TEXT NOT NULL,           -- version
    stored TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)
"""


class Store:
    """A file that keeps each run from the moment it is finished; a context manager. None: in memory only.

    A run is stored in one transaction that is on disk when :meth:`put` returns: a process that is killed leaves
    whole runs only. A run that is stored already stays as it is. ValueError if the file is something else.
    """

    def __init__(self, path: str | Path | None = None):
        if path is not None:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = sqlite3.connect(":memory:" if path is None else path, timeout=60)
            with self._connection:
                self._connection.execute(_TABLE)
        except sqlite3.Error as error:
            raise ValueError(
                f"path must be a file of finished runs or a new one, got {str(path)!r}: {error}"
            ) from None

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Releases the file; nothing is pending."""
        self._connection.close()

    def __len__(self) -> int:
        return self._connection.execute("SELECT count(*) FROM runs").fetchone()[0]

    def put(self, configuration: Configuration, seed: int, outcome: Outcome) -> None:
        """Keeps one run."""
        import torch

        row = (
            configuration.key(seed),
            configuration.canonical(),
            seed,
            json.dumps(asdict(outcome)),
            torch.__version__,
        )
        with self._connection:
            self._connection.execute(
                "INSERT OR IGNORE INTO runs (key, configuration, seed, outcome, torch) VALUES (?, ?, ?, ?, ?)", row
            )

    def get(self, configuration: Configuration, seed: int) -> Outcome | None:
        """The stored run, or None."""
        found = self._connection.execute(
            "SELECT outcome FROM runs WHERE key = ?", (configuration.key(seed),)
        ).fetchone()
        return None if found is None else outcome_from(json.loads(found[0]))

    def forget(self, runs: Iterable[tuple[Configuration, int]]) -> None:
        """Removes these runs, so that they are made anew."""
        with self._connection:
            self._connection.executemany(
                "DELETE FROM runs WHERE key = ?", [(configuration.key(seed),) for configuration, seed in runs]
            )


def outcome_from(fields: dict) -> Outcome:
    """An outcome from its JSON object."""
    return Outcome(**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})
