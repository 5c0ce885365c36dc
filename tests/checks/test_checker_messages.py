"""The checker's catalogues: the same keys and placeholders in both languages, all used, none missing."""

import re
import string
from pathlib import Path

import pytest

from seattn_course import checks
from seattn_course.checks.exercise import exercise_ids, load
from seattn_course.checks.outcome import messages
from seattn_course.course.language import LANGUAGES

EN, TR = messages("en"), messages("tr")


def placeholders(text):
    # Sentences without placeholders may hold braces of code; they are never formatted.
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return set()


def test_both_languages_have_the_same_keys():
    assert EN.keys() ^ TR.keys() == set()


@pytest.mark.parametrize("key", sorted(EN.keys()))
def test_both_languages_have_the_same_placeholders_and_code(key):
    english, turkish = EN.text(key), TR.text(key)
    assert placeholders(english) == placeholders(turkish)
    if english:
        assert english != turkish or not re.search(r"[a-z]{4}", re.sub(r"`[^`]*`", "", english))
    # Code in backticks is code in both: nothing translated, nothing lost.
    assert sorted(re.findall(r"`([^`]*)`", english)) == sorted(re.findall(r"`([^`]*)`", turkish))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_suffix_is_glued_to_a_placeholder(language):
    for key in sorted(messages(language).keys()):
        text = messages(language).text(key)
        assert not re.search(r"\{\w+(![rs])?\}['’]", text), key


def test_every_wrong_answers_sentence_belongs_to_a_wrong_answer():
    known = {
        f"{exercise_id}.wrong.{wrong.key}"
        for exercise_id in exercise_ids()
        for wrong in load(exercise_id).wrong_answers
    }
    assert {key for key in sorted(EN.keys()) if ".wrong." in key and not key.startswith("engine.")} == known


def test_every_engine_sentence_is_used():
    source = "\n".join(path.read_text(encoding="utf-8") for path in Path(checks.__file__).parent.rglob("*.py"))
    source += (Path(checks.__file__).parents[1] / "course" / "notebook.py").read_text(encoding="utf-8")
    source += (Path(checks.__file__).parents[1] / "course" / "progress.py").read_text(encoding="utf-8")
    unused = []
    for key in sorted(EN.keys()):
        *_, last = key.split(".")
        # Keys are built from a prefix and a word (a kind, a form, a note): the last word has to stand somewhere.
        if key.startswith("engine.") and not re.search(rf"\b{re.escape(last)}\b", source):
            unused.append(key)
    assert unused == []
