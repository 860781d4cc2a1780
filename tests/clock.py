"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Starts on a Monday morning far from any clock change, unless told otherwise."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        if start.tzinfo is None:
            raise ValueError("a test clock needs an aware instant")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move forward and return the new instant. Time never runs backwards."""
        if by < timedelta(0):
            raise ValueError(f"the clock cannot go back by {by}")
        self._now += by
        return self._now

    def __call__(self) -> datetime:
        return self._now
