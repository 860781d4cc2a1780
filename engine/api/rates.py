"""How much one key may ask. Counted in each web process by itself: with several of them a key gets
as many times more.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from engine.errors import LimitReached

# A request costs one; a question to all contacts costs more.
EACH_MINUTE: Final = RateLimitItemPerMinute(600, 1, "api_key")
COST_OF_HEAVY: Final = 10
# Questions to all contacts that run at the same time, and those that may wait for their turn.
HEAVY_AT_A_TIME: Final = 2
LONGEST_LINE: Final = 20
# Of one key: one that runs and three that wait.
MOST_OF_ONE_KEY: Final = 4


class KeyRates:
    def __init__(self, limit: RateLimitItem = EACH_MINUTE) -> None:
        self._limit = limit
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    def spend(self, key_id: int, cost: int = 1) -> None:
        """Raises LimitReached when the key's minute is used up."""
        name = str(key_id)
        if self._counter.hit(self._limit, name, cost=cost):
            return
        frees_at = self._counter.get_window_stats(self._limit, name).reset_time
        wait = timedelta(seconds=max(1, round(frees_at - time.time())))
        raise LimitReached(
            f"The key has used up its {self._limit.amount} requests a minute. Send fewer, or "
            "several things in one.",
            wait,
        )


class HeavyLine:
    """Questions to all contacts, one behind the other: the database is there for others too, and
    no key keeps the others from asking.
    """

    def __init__(self, rates: KeyRates) -> None:
        self._rates = rates
        self._places = asyncio.Semaphore(HEAVY_AT_A_TIME)
        self._in_line = 0
        self._of_key: Counter[int] = Counter()
        self._turns: dict[int, asyncio.Lock] = {}

    @asynccontextmanager
    async def turn(self, key_id: int) -> AsyncIterator[None]:
        """Raises LimitReached when the key has asked too often, has too many questions in line, or
        the line is too long.
        """
        self._rates.spend(key_id, COST_OF_HEAVY - 1)
        if self._in_line >= LONGEST_LINE:
            raise LimitReached(
                "Too many questions to all contacts at once. Ask again in a moment.",
                timedelta(seconds=5),
            )
        if self._of_key[key_id] >= MOST_OF_ONE_KEY:
            raise LimitReached(
                f"The key has {MOST_OF_ONE_KEY} questions to all contacts in line already. Ask one "
                "after the other.",
                timedelta(seconds=5),
            )
        self._in_line += 1
        self._of_key[key_id] += 1
        try:
            # the key's own turn first: who waits for that takes no place from others
            async with self._turns.setdefault(key_id, asyncio.Lock()), self._places:
                yield
        finally:
            self._in_line -= 1
            self._of_key[key_id] -= 1
            if not self._of_key[key_id]:
                del self._of_key[key_id], self._turns[key_id]
