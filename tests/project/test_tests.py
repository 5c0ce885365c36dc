"""The tests themselves: pytest imports them by file name, so two files of one name hide each other."""

from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def test_no_two_test_modules_have_the_same_name():
    names = Counter(path.name for path in TESTS.rglob("*.py") if path.name != "conftest.py")
    assert [name for name, files in names.items() if files > 1] == []
