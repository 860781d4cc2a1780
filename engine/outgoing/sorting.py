"""What an answer's status and its Retry-After say about trying again (RFC 9110, RFC 6585)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

# What says "not now": it took too long, too early, too many.
LATER: Final = frozenset({408, 425, 429})
LONGEST_RETRY_AFTER: Final = timedelta(hours=6)


def is_later(status: int) -> bool:
    """Whether the same request may be answered well another time."""
    return status in LATER or status >= 500


def pause_asked_for(header: str | None, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110), never longer than we are willing to wait."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        seconds = min(int(header.strip()[:9]), int(LONGEST_RETRY_AFTER.total_seconds()))
        return timedelta(seconds=seconds)
    try:
        moment = parsedate_to_datetime(header)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(moment - now, timedelta()), LONGEST_RETRY_AFTER)
    except (ValueError, TypeError, OverflowError):
        return None
