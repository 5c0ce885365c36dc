"""Two languages, one set of messages."""

import string

import pytest

from seattn_course.course.language import LANGUAGES, Catalogue, Translator

PACKAGES = ("seattn_course.show.labels", "seattn_course.checks.messages")


def placeholders(message: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(message) if field is not None}


@pytest.mark.parametrize("package", PACKAGES)
def test_catalogues_have_equal_keys_and_placeholders(package):
    first, second = (Catalogue(package, language) for language in LANGUAGES)
    assert first.keys() == second.keys()
    assert first.keys(), "an empty catalogue proves nothing"
    for key in first.keys():  # noqa: SIM118 - a Catalogue is no dict
        assert placeholders(first.text(key)) == placeholders(second.text(key)), key


def test_translator_picks_the_language():
    assert Translator("tr")(en="gate", tr="kapı") == "kapı"
    assert Translator("en")(en="gate", tr="kapı") == "gate"
    with pytest.raises(ValueError, match="language must be one of en, tr, got 'de'"):
        Translator("de")


def test_missing_message_names_the_catalogue():
    with pytest.raises(KeyError, match=r"no message 'axis\.nothing'"):
        Catalogue("seattn_course.show.labels", "tr").text("axis.nothing")
