"""The folded name that lists are sorted by and searches look at."""

from __future__ import annotations

import re

from crm_store.base import folded

# Kana, Han and Hangul: the family name comes first and no blank stands between.
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def contact_name_key(first_name: str | None, last_name: str | None, email: str | None) -> str:
    """The whole name as it is said, folded; the address for a contact that has no name."""
    if _EAST_ASIAN.search(f"{first_name}{last_name}"):
        return folded(f"{last_name or ''}{first_name or ''}")
    name = " ".join(part for part in (first_name, last_name) if part)
    return folded(name or email or "")
