"""The texts of a template by what they are for: which file holds which part in which language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from engine.services.templates.bundle import META, SAMPLE, part_of

Part: TypeAlias = Literal["subject", "preheader", "letter", "text", "short"]
Form: TypeAlias = Literal["html", "mjml"]
PARTS: Final[tuple[Part, ...]] = ("subject", "preheader", "letter", "text", "short")
_STEMS: Final[Mapping[Part, str]] = {
    "subject": "subject",
    "preheader": "preheader",
    "letter": "body",
    "text": "body",
    "short": "short",
}
_FRESH: Final[Mapping[Part, str]] = {"subject": "", "preheader": "", "text": "", "short": ""}


def language_of(file: str, own: str) -> str | None:
    """The language of a text, in small letters; None for what belongs to all of them."""
    part = part_of(file)
    return None if part is None else part.language or own.lower()


def languages_in(files: Mapping[str, str], own: str) -> tuple[str, ...]:
    """The template's own first, whether it has texts or not."""
    found = {language for file in files if (language := language_of(file, own))}
    return (own.lower(), *sorted(found - {own.lower()}))


def file_of(files: Mapping[str, str], part: Part, language: str, own: str) -> str | None:
    """The file that holds this part; None where there is none yet."""
    for file in files:
        found = part_of(file)
        if (
            found is not None
            and found.part == part
            and (found.language or own.lower()) == language.lower()
        ):
            return file
    return None


def name_for(part: Part, language: str, own: str, form: Form = "html") -> str:
    """The name of a new file; the template's own language needs none in it."""
    middle = "" if language.lower() == own.lower() else f".{language}"
    ending = form if part == "letter" else "txt"
    return f"{_STEMS[part]}{middle}.{ending}"


def form_in(files: Mapping[str, str], language: str, own: str) -> Form:
    """How the letter of this language is written; a new one as the template's own."""
    for one in (language, own):
        file = file_of(files, "letter", one, own)
        if file is not None:
            return "mjml" if file.endswith(".mjml") else "html"
    return "html"


def with_language(files: Mapping[str, str], language: str, own: str, source: str) -> dict[str, str]:
    """The texts with those of `source` once more under another language, to be translated."""
    fresh = dict(files)
    for part in PARTS:
        file = file_of(files, part, source, own)
        if file is not None:
            form = form_in(files, source, own)
            fresh[name_for(part, language, own, form)] = files[file]
    return fresh


def without_language(files: Mapping[str, str], language: str, own: str) -> dict[str, str]:
    gone = language.lower()
    return {file: text for file, text in files.items() if language_of(file, own) != gone}


def with_part(
    files: Mapping[str, str], part: Part, language: str, own: str
) -> tuple[dict[str, str], str]:
    """The texts with an empty one for this part, and its file."""
    name = name_for(part, language, own, form_in(files, language, own))
    return {**files, name: _FRESH.get(part, "")}, name


def stands_in(language: str, languages: tuple[str, ...], fallbacks: Mapping[str, str]) -> str:
    """In which language somebody of this one gets the letter."""
    known = {one.lower(): other.lower() for one, other in fallbacks.items()}
    for one in _wider(language):
        if one in languages:
            return one
    for one in _wider(language):
        if known.get(one) in languages:
            return known[one]
    return languages[0]


def _wider(language: str) -> list[str]:
    parts = language.lower().split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


def in_order(files: Mapping[str, str]) -> list[str]:
    """As they are read: what it is, then the parts of each language, then the sample."""
    ranks = {META: -1, SAMPLE: 99}

    def rank(file: str) -> tuple[int, str, int]:
        found = part_of(file)
        if found is None:
            return (ranks.get(file, 50), file, 0)
        place = next((at for at, part in enumerate(PARTS) if part == found.part), 9)
        return (0, found.language or "", place)

    return sorted(files, key=rank)
