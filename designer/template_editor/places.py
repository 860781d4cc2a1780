"""Where a problem of a template is, read from the place that its check names."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from engine.services.templates.bundle import META

_LINE: Final = re.compile(r"^(?P<file>[^:\s]+):(?P<line>\d+)(?::\d+)?$")
_LANGUAGE: Final = re.compile(r"\((?P<language>[A-Za-z0-9-]+)\)$")
# What says no language in its place has it in its words.
_IN_WORDS: Final = re.compile(r' in "(?P<language>[A-Za-z0-9-]+)"')
_CODES_OF_META: Final = frozenset(
    {"bad_meta", "unknown_topic", "unknown_sender", "unknown_file", "marketing_in_service"}
)


@dataclass(frozen=True, slots=True)
class Spot:
    """`file` is one of the template's, with the line where that is known; else the `language` that
    it is about; with neither it is about all of the template."""

    file: str | None = None
    line: int | None = None
    language: str | None = None


def spot_of(place: str, message: str, code: str, files: Collection[str]) -> Spot:
    """Frames and whatever else is not in `files` cannot be jumped to."""
    found = _LINE.match(place)
    file = found["file"] if found else place
    if file in files:
        return Spot(file, int(found["line"]) if found else None)
    about = _LANGUAGE.search(place) or _IN_WORDS.search(message)
    if about is not None:
        return Spot(language=about["language"].lower())
    if code in _CODES_OF_META and META in files:
        return Spot(META)
    return Spot()
