"""An English text is its own key; other languages look it up.

A test reads the source: every literal given to `t(...)`, `t.n(...)` or `N_(...)` must be in every
catalogue, with the same placeholders, and nothing else may be in there.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

Language: TypeAlias = Literal["en", "zh-CN"]
LANGUAGES: Final[dict[Language, str]] = {"en": "English", "zh-CN": "简体中文"}
CATALOGUES: Final[dict[Language, dict[str, str]]] = {
    "en": {},
    "zh-CN": {
        text: said
        for part in sorted(Path(__file__).with_name("zh-CN").glob("*.json"))
        for text, said in json.loads(part.read_text(encoding="utf-8")).items()
    },
}


def N_(text: str) -> str:  # noqa: N802 - gettext's name for "translate this later"
    """Mark a text for the catalogues where no reader is known yet; `t(...)` translates it later."""
    return text


class Translator:
    """Call it with an English text and the values of its placeholders."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._messages = CATALOGUES[language]

    def __call__(self, text: str, **values: Any) -> str:
        found = self._messages.get(text, text)
        return found.format(**values) if values else found

    def n(self, one: str, many: str, count: int, **values: Any) -> str:
        """The singular or the plural text; `{count}` in it is the number, grouped by thousands."""
        text = one if count == 1 and self.language == "en" else many
        return self(text, count=f"{count:,}", **values)

    @property
    def short(self) -> Literal["en", "zh"]:
        """The language as rules and steps name it."""
        return "zh" if self.language == "zh-CN" else "en"


@cache
def translator(language: Language) -> Translator:
    return Translator(language)


def as_language(tag: str | None) -> Language | None:
    """The language of ours for a tag such as "zh", "zh-Hans-CN" or "en-GB"; None when none is."""
    primary = (tag or "").strip().lower().replace("_", "-").split("-")[0]
    return {"en": "en", "zh": "zh-CN"}.get(primary)  # type: ignore[return-value]


def preferred(accept_language: str) -> Language:
    """The first language of the header that we speak, in the browser's order of preference."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:500].split(",")):
        tag, _, quality = part.partition(";q=")
        try:
            ranked.append((-float(quality or 1), place, tag))
        except ValueError:
            continue
    for _, _, tag in sorted(ranked):
        if language := as_language(tag):
            return language
    return "en"
