"""The tests themselves, and the lint of all code, that in notebooks included."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def test_no_two_test_modules_have_the_same_name():
    # pytest imports them by file name: two files of one name hide each other.
    names = Counter(path.name for path in TESTS.rglob("*.py") if path.name != "conftest.py")
    assert [name for name, files in names.items() if files > 1] == []


def test_ruff_finds_nothing():
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", "."]
    ran = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
