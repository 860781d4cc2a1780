"""What to call somebody in a list."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def person_name(
    first_name: str | None, last_name: str | None, email: str | None, contact_id: int
) -> str:
    """The name in the order of its script; without one the address, without that the number."""
    first, last = (first_name or "").strip(), (last_name or "").strip()
    if first and last:
        return f"{last}{first}" if _is_han(last) and _is_han(first) else f"{first} {last}"
    return first or last or email or f"#{contact_id}"


@lru_cache(maxsize=4096)
def _is_han(text: str) -> bool:
    return all(unicodedata.name(character, "").startswith("CJK UNIFIED") for character in text)
