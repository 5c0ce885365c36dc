"""The notebook's language: two-language strings, and message catalogues (TOML, one folder per language)."""

import tomllib
from functools import cache
from importlib import resources

LANGUAGES = ("en", "tr")


class Translator:
    """Picks the notebook's language from strings that carry both: ``t(en="gate", tr="kapı")``."""

    def __init__(self, language: str):
        if language not in LANGUAGES:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {language!r}")
        self.language = language

    def __call__(self, *, en: str, tr: str) -> str:
        return {"en": en, "tr": tr}[self.language]


@cache
def _messages(package: str, language: str) -> dict[str, str]:
    flat: dict[str, str] = {}

    def flatten(prefix: str, table: dict) -> None:
        for key, value in table.items():
            name = f"{prefix}.{key}" if prefix else key
            if isinstance(value, dict):
                flatten(name, value)
            elif name in flat:
                raise ValueError(f"message {name!r} stands twice in {package}/{language}")
            else:
                flat[name] = value

    folder = resources.files(package) / language
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            flatten("", tomllib.loads(file.read_text(encoding="utf-8")))
    return flat


class Catalogue:
    """All messages of ``package/<language>/*.toml``, by dotted key, with ``str.format`` placeholders.

    >>> Catalogue("seattn_course.show.labels", "en").text("axis.channel")
    'channel'
    """

    def __init__(self, package: str, language: str):
        if language not in LANGUAGES:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {language!r}")
        self.package = package
        self.language = language

    def __contains__(self, key: str) -> bool:
        return key in _messages(self.package, self.language)

    def keys(self) -> set[str]:
        return set(_messages(self.package, self.language))

    def text(self, key: str, **values: object) -> str:
        """The message ``key`` with its placeholders filled; KeyError names a key that no file holds."""
        try:
            message = _messages(self.package, self.language)[key]
        except KeyError:
            raise KeyError(f"no message {key!r} in {self.package}/{self.language}") from None
        return message.format(**values) if values else message
