"""Holding to a provider's rate."""

from __future__ import annotations

import asyncio


class Pace:
    """Lets one caller through every `1 / per_second` seconds, in order; None lets all through."""

    def __init__(self, per_second: float | None) -> None:
        self._gap_seconds = 1 / per_second if per_second else 0.0
        self._next = 0.0

    async def turn(self, by: float) -> bool:
        """Return True when it is this caller's turn; False at once when that would be later than
        `by`, a time of the event loop."""
        if not self._gap_seconds:
            return True
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next)
        if turn > by:
            return False
        self._next = turn + self._gap_seconds
        if turn > now:
            await asyncio.sleep(turn - now)
        return True
