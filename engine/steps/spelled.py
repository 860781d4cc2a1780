"""Instants as the journal writes them."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

_Spelled: TypeAlias = tuple[datetime | None, str]

# The last two instants that were spelled: one and the same "now" is written many times in a batch
# or at a moment of the virtual clock, and an "until" twice. Spelling costs as much as all the rest
# of a line of the journal.
_latest: list[tuple[_Spelled, _Spelled]] = [((None, ""), (None, ""))]


def spelled(instant: datetime) -> str:
    """The instant in ISO 8601."""
    first, second = _latest[0]
    if first[0] is instant:
        return first[1]
    if second[0] is instant:
        return second[1]
    text = instant.isoformat()
    # replaced as a whole, so another thread sees the old pairs or the new ones
    _latest[0] = ((instant, text), first)
    return text
