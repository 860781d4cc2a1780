"""The folded name that lists are sorted by and searches look at."""

from __future__ import annotations

from crm_store.base import folded


def contact_name_key(first_name: str | None, last_name: str | None, email: str | None) -> str:
    """First and last name, folded; the address for a contact that has no name."""
    name = " ".join(part for part in (first_name, last_name) if part)
    return folded(name or email or "")
