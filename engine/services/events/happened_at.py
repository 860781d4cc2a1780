"""When an event happened, told by a clock that may be wrong.

A client stamps each item with `timestamp` and the request with `sentAt`, both by its own clock. The
difference between `sentAt` and the moment the request arrived is how wrong that clock is, plus the
time on the wire; so a difference within `WIRE_TIME` is left alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

WIRE_TIME: Final = timedelta(seconds=5)
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
NO_ERROR: Final = timedelta(0)


def instant(text: object) -> datetime | None:
    """An ISO 8601 time in UTC (one without an offset is taken as UTC); None when it is not one."""
    if not isinstance(text, str) or len(text) > 64:
        return None
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def clock_error(sent_at: object, received_at: datetime) -> timedelta:
    """What to add to the client's times. Nothing when `sentAt` is missing or unreadable."""
    sent = instant(sent_at)
    if sent is None:
        return NO_ERROR
    error = received_at - sent
    return NO_ERROR if abs(error) < WIRE_TIME else error


def repaired(stamped: datetime, error: timedelta, received_at: datetime) -> datetime | None:
    """The repaired time, never later than its arrival; None when it lies before 1970."""
    try:
        moment = min(stamped + error, received_at)
    except OverflowError:
        return None
    return moment if moment >= EARLIEST else None
