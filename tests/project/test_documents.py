"""README and CONTRIBUTING: their commands exist, the READMEs agree, lessons and pictures are there."""

import argparse
import importlib
import re
import shlex
from pathlib import Path

import nbformat
import pytest

from seattn_course.course.command import VERBS

ROOT = Path(__file__).resolve().parents[2]
READMES = {"en": ROOT / "README.md", "tr": ROOT / "README.tr.md"}
DOCUMENTS = [*READMES.values(), ROOT / "CONTRIBUTING.md"]
GUIDES = [ROOT / "docs" / "first_hour.md", ROOT / "docs" / "first_hour.tr.md"]
TARGETS = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE).group(1).split()
VARIABLES = {"L", "PYTHON", "NO_BROWSER", "KERNEL", "CHANGED", "ONCE", "TORCH_INDEX"}
LESSONS = 16
PICTURE_BYTES = 200_000


def code_of(document: Path) -> list[str]:
    """Every command: lines of the shell blocks, and what stands between backticks in the text."""
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`]+)`", outside)


def commands(document: Path, first: str) -> list[list[str]]:
    """The words after ``first``, for each command that starts with it (environment variables may stand before)."""
    found = []
    for line in code_of(document):
        for part in re.split(r"&&|;", line):
            # <that address> is one word that the reader replaces.
            words = shlex.split(re.sub(r"<[^>]*>", "VALUE", part)) if re.search(rf"\b{first}\b", part) else []
            while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                words.pop(0)
            if words and words[0] in (first, f".venv/bin/{first}"):
                found.append(words[1:])
    return found


@pytest.mark.parametrize("document", [*DOCUMENTS, *GUIDES], ids=lambda path: path.name)
def test_every_make_command_exists(document):
    found = commands(document, "make")
    assert found
    for words in found:
        assert [word for word in words if "=" not in word and word not in TARGETS] == [], words
        assert {word.split("=")[0] for word in words if "=" in word} <= VARIABLES, words


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_seattn_command_is_understood(document):
    found = [words for words in commands(document, "seattn") if words]
    assert found
    for verb, *rest in found:
        assert verb in VERBS, verb
        parser = argparse.ArgumentParser(exit_on_error=False)
        importlib.import_module(VERBS[verb][0]).add_arguments(parser)
        if rest:  # the bare name of a verb is a mention, not a command
            parser.parse_args(rest)  # raises for an option that there is not


@pytest.mark.parametrize("document", [*DOCUMENTS, *GUIDES], ids=lambda path: path.name)
def test_every_link_leads_somewhere(document):
    links = re.findall(r"\]\(([^)]+)\)", document.read_text(encoding="utf-8"))
    links = [link for link in links if not link.startswith("https://")]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_two_readmes_have_the_same_structure():
    def structure(path: Path) -> tuple:
        text = path.read_text(encoding="utf-8")
        return (
            re.findall(r"^#+", text, re.MULTILINE),
            len(re.findall(r"^- ", text, re.MULTILINE)),
            len(re.findall(r"^\|", text, re.MULTILINE)),
            {word for words in commands(path, "make") for word in words if "=" not in word},
            [commands(path, program) for program in ("conda", "python3", "pip")],
        )

    assert structure(READMES["en"]) == structure(READMES["tr"])


def test_the_two_first_hours_have_the_same_steps():
    def steps(path: Path) -> tuple:
        text = path.read_text(encoding="utf-8")
        return re.findall(r"^\| *(\d+) \|", text, re.MULTILINE), len(re.findall(r"^- \*\*", text, re.MULTILINE))

    assert steps(GUIDES[0]) == steps(GUIDES[1])


@pytest.mark.parametrize("language", READMES)
def test_the_lesson_table_shows_what_is_there(language):
    text = READMES[language].read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(LESSONS))
    linked = {re.search(r"\((.*?)\)", title).group(1) for _, title, _ in rows if title.startswith("[")}
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks" / language).glob("*.ipynb")}
    assert linked == there
    for number, title, about in rows:
        assert (title.startswith("[")) != (about in ("*coming*", "*hazırlanıyor*"))
        if title.startswith("["):
            name, path = re.fullmatch(r"\[(.*)\]\((.*)\)", title).groups()
            assert f"# {number} · {name}" in nbformat.read(ROOT / path, as_version=4).cells[0].source.splitlines()


@pytest.mark.parametrize("language", READMES)
def test_the_picture_is_there_described_and_small(language):
    text = READMES[language].read_text(encoding="utf-8")
    ((description, path),) = re.findall(r"!\[(.*?)\]\((.*?)\)", text)
    assert len(description) > 40
    assert 20_000 < (ROOT / path).stat().st_size < PICTURE_BYTES


def test_the_table_of_wrong_answers_names_every_exercise_and_no_survivor():
    from seattn_course.checks.exercise import exercise_ids, load

    text = DOCUMENTS[-1].read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \|((?: \d+ \|){9})$", text, re.MULTILINE)
    names = [name for name, _ in rows]
    assert names == list(exercise_ids()), "paste what `seattn wrong-answers --seeds 2` prints"
    for name, counts in rows:
        wrong, rejected, diagnosed, accepted, passed, *_, survivors = map(int, re.findall(r"\d+", counts))
        assert wrong == rejected == diagnosed == len(load(name).wrong_answers), name
        assert accepted == passed == len(load(name).accepted_answers), name
        assert survivors == 0, name
