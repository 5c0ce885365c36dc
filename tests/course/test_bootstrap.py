"""The first minutes on a strange computer: whatever is missing ends in one sentence, never a traceback."""

import ast
import json
import re
import string
import sys
from pathlib import Path

import pytest

from seattn_course.course import bootstrap, installation
from seattn_course.course.language import LANGUAGES

COURSE = Path(bootstrap.__file__).parent
READ_BY_OLD_PYTHONS = ("bootstrap.py", "installation.py", "__init__.py", "../__init__.py")


def messages(language: str) -> dict[str, str]:
    return json.loads((COURSE / "messages" / language / "bootstrap.json").read_text(encoding="utf-8"))


def placeholders(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


@pytest.fixture
def installed(monkeypatch):
    """``installed(problem)`` is what main() says, and its status, when the installation ends in ``problem``."""

    def attempt(problem, capsys, *argv: str) -> tuple[int, str]:
        def ensure(*_):
            if problem:
                raise problem

        monkeypatch.setattr(bootstrap, "ensure", ensure)
        status = bootstrap.main(list(argv))
        return status, capsys.readouterr().err

    return attempt


@pytest.mark.parametrize("name", READ_BY_OLD_PYTHONS)
def test_an_old_python_can_read_what_it_must(name):
    source = (COURSE / name).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names}
    assert foreign <= {"seattn_course.course.installation"}


def test_the_languages_are_those_of_the_course():
    assert bootstrap.LANGUAGES == LANGUAGES  # written twice: an old Python cannot import the other


def test_both_languages_have_every_sentence_with_the_same_placeholders():
    english, turkish = messages("en"), messages("tr")
    assert english.keys() == turkish.keys()
    for key in english:
        assert placeholders(english[key]) == placeholders(turkish[key]), key


@pytest.mark.parametrize("language", ["en", "tr"])
@pytest.mark.parametrize("key", sorted(messages("en")))
def test_every_sentence_can_be_said(key, language, capsys, installed):
    values = {"value": "de", "python": "python3", "minor": "3.11", "reason": "?", "package": "torch", "signal": 9}
    problem = installation.Stop(key, tail="last words", seconds=3, **values)
    status, said = installed(problem, capsys, "--language", language, "--again", "make lab")
    assert status == 1
    assert said.strip() == said.rstrip("\n")
    assert "{" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "tr_TR.UTF-8"}, "tr"),
        ({"LANG": "tr_TR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "tr_TR"}, "tr"),
        ({"LANG": "tr", "LC_ALL": ""}, "tr"),
        ({"LANG": "C.UTF-8"}, "en"),
    ],
)
def test_without_a_choice_the_locale_decides(environ, language):
    assert bootstrap.locale_language(environ) == language
    assert bootstrap.chosen_language("", environ) == language
    assert bootstrap.chosen_language("tr", environ) == "tr"


def test_an_unknown_language_is_named_with_those_there_are(capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    assert bootstrap.main(["--language", "de"]) == 2
    said = capsys.readouterr().err
    assert "L=de" in said
    assert "L=tr" in said


@pytest.mark.parametrize("other", [None, "python3.13"])
@pytest.mark.parametrize(
    ("again", "repeat"), [("make lab L=tr", "make lab L=tr PYTHON={}"), ("", "{} " + bootstrap.SCRIPT)]
)
def test_an_old_python_is_told_which_one_to_take(other, again, repeat, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    monkeypatch.setattr(bootstrap, "find_other_python", lambda: other)
    monkeypatch.setattr(bootstrap, "ROOT", str(tmp_path))
    assert bootstrap.main(["--language", "en", "--again", again]) == 1
    said = capsys.readouterr().err
    assert "3.11 or newer" in said
    assert said.strip().endswith(repeat.format(other or "python3.12"))
    assert not list(tmp_path.iterdir())


def test_a_venv_that_is_there_serves_an_old_python_too(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    monkeypatch.setattr(installation.Installation, "venv_version", lambda self: "3.12")
    started = []
    monkeypatch.setattr(bootstrap.os, "execv", lambda *call: started.append(call))
    monkeypatch.setattr(bootstrap, "find_other_python", lambda: None)
    there = installation.Installation(str(tmp_path), {})
    with pytest.raises(installation.Stop):  # execv returns here, and only here
        bootstrap.ensure(there, [], None)
    assert started[0][0] == there.python
    with pytest.raises(installation.Stop):
        bootstrap.ensure(installation.Installation(str(tmp_path), {"PYTHON": "python3.8"}), [], None)
    assert len(started) == 1


def test_a_python_on_the_path_counts_only_if_it_starts():
    there = {"python3.13", "python3.12"}
    found = bootstrap.find_other_python(
        which=lambda name: name in there, call=lambda command, **_: 0 if command[0] == "python3.12" else 127
    )
    assert found == "python3.12"
    assert bootstrap.find_other_python(which=lambda name: None) is None


@pytest.mark.parametrize(
    ("problem", "status", "words"),
    [
        (KeyboardInterrupt(), 130, "Interrupted"),
        (OSError(28, "No space left on device"), 1, "disk is full"),
        (PermissionError(13, "Permission denied"), 1, "may not be written to"),
        (OSError(5, "Input/output error"), 1, "Input/output error"),
    ],
)
def test_an_error_of_the_system_is_a_sentence_too(problem, status, words, capsys, installed):
    ended, said = installed(problem, capsys, "--language", "en", "--again", "make test")
    assert ended == status
    assert words in said
    assert "make test" in said
    assert not re.search(r"Traceback|Errno \d+\]", said) or "Input/output" in said
