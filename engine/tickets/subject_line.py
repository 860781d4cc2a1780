"""By what a second question about the same thing is known."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# What mail programs put in front of a subject: replies and forwards, in the languages that ours
# and our neighbours' programs speak, with a count ("Re[2]:") or without.
_PREFIX: Final = re.compile(
    r"(?:re|aw|sv|antw|ref|rif|odp|fw|fwd|wg|tr|vs|回复|答复|回覆|转发|轉寄|轉發)"
    r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*:\s*"
)
_SPACES: Final = re.compile(r"\s+")
LONGEST: Final = 200


def subject_key(subject: str) -> str:
    """The subject without reply marks, case, full-width letters and doubled spaces. One that is
    nothing but reply marks is empty, and like no other."""
    text = unicodedata.normalize("NFKC", subject[: LONGEST * 5]).casefold()
    text = _SPACES.sub(" ", text).strip()
    while match := _PREFIX.match(text):
        text = text[match.end() :]
    return text[:LONGEST]
