"""Values from a closed list."""

from __future__ import annotations

from collections.abc import Collection

from engine.services.field_values.refusal import ValueRefused, nearest, shown

_YES = frozenset({"true", "yes", "y", "1", "on", "是", "ja", "sí", "si", "oui"})
_NO = frozenset({"false", "no", "n", "0", "off", "否", "nein", "non"})


def choice(value: object, allowed: Collection[str]) -> str:
    """One of `allowed`; capitals, spaces and hyphens do not matter ("In Progress")."""
    if isinstance(value, str):
        text = value.strip()
        if text in allowed:
            return text
        plain = text.casefold().replace(" ", "_").replace("-", "_")
        for known in allowed:
            if known.casefold() == plain:
                return known
    raise ValueRefused(
        "unknown_choice",
        f"{shown(value)} is none of: {', '.join(allowed)}.{nearest(str(value), allowed)}",
    )


def boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise ValueRefused("not_yes_or_no", f'{shown(value)} is neither "yes" nor "no".')
