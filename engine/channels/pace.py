"""Holding to a provider's rate."""

from __future__ import annotations

import asyncio


class Pace:
    """Lets one caller through every `1 / per_second` seconds, in order; None lets all through."""

    def __init__(self, per_second: float | None) -> None:
        self._gap_seconds = 1 / per_second if per_second else 0.0
        self._next = 0.0

    async def wait(self) -> None:
        """Return when it is this caller's turn."""
        if not self._gap_seconds:
            return
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next)
        self._next = turn + self._gap_seconds
        if turn > now:
            await asyncio.sleep(turn - now)
