"""``seattn everything``: its total adds up, and nothing that failed can pass."""

import argparse
import sys

import pytest

from seattn_course.authoring import everything
from seattn_course.authoring.everything import Stage, run_stage, total


def stage(name: str, status: int, last_line: str) -> Stage:
    return Stage(name, status, last_line, 1.5)


def test_the_total_adds_the_counts_of_pytest():
    lines = total(
        [
            stage("unit tests", 0, "310 passed, 2 skipped, 1 xfailed in 40.1s"),
            stage("gates", 0, "14 gates, 32 files, 0 findings in 3.2 s"),
            stage("notebooks", 0, "64 passed in 20.0s"),
        ]
    )
    assert lines[-1] == "374 passed, 2 skipped, 1 xfailed in 4s"
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("stages", "summary"),
    [
        ([("unit tests", 1, "2 failed, 8 passed in 1s"), ("gates", 0, "0 findings")], "2 failed, 8 passed"),
        ([("unit tests", 0, "8 passed in 1s"), ("gates", 1, "3 findings")], "1 failed, 8 passed"),
        ([("unit tests", 2, "2 errors in 1s"), ("notebooks", 0, "8 passed")], "2 error, 8 passed"),
        ([("unit tests", -9, ""), ("notebooks", 0, "8 passed")], "1 failed, 8 passed"),
        ([("unit tests", 5, "no tests ran in 0.1s")], "1 failed"),
    ],
)
def test_a_stage_that_failed_is_counted(stages, summary):
    lines = total([stage(*each) for each in stages])
    assert lines[-1].startswith(summary + " in ")
    assert sum("FAILED" in line for line in lines) == sum(status != 0 for _, status, _ in stages)


def test_output_passes_through_and_its_last_line_is_kept():
    seen = []
    code = "print('\\x1b[32mfirst'); print('==== \\x1b[1m3 passed\\x1b[0m in 1s ===='); raise SystemExit(1)"
    ended = run_stage("unit tests", [sys.executable, "-c", code], seen.append)
    assert (ended.status, ended.last_line) == (1, "3 passed in 1s")
    assert b"first" in b"".join(seen)


@pytest.mark.parametrize("broken", [None, "unit tests", "gates", "notebooks"])
def test_every_stage_runs_and_any_failure_fails_the_whole(broken, monkeypatch, capsys):
    commands = {}

    def pretend(name, command, write):
        commands[name] = command
        return stage(name, int(name == broken), "1 passed in 1s")

    monkeypatch.setattr(everything, "run_stage", pretend)
    parser = argparse.ArgumentParser()
    everything.add_arguments(parser)
    options = parser.parse_args(["--language", "tr", "--kernel", "stock", "--changed"])
    assert everything.run(options) == int(broken is not None)
    assert list(commands) == ["unit tests", "gates", "notebooks"]
    assert commands["notebooks"][3:] == ["test", "--kernel", "stock", "--language", "tr", "--changed"]
    assert "== total" in capsys.readouterr().out
