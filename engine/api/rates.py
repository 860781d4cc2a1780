"""How much one key may ask, of all web processes together."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from crm_store.allowances import Granted, take
from crm_store.session import Store
from engine.errors import LimitReached

# A request costs one; a question to all contacts costs more.
EACH_MINUTE: Final = 600
MINUTE_SECONDS: Final = 60.0
# A process takes a twentieth of a key's minute at a time.
PORTIONS: Final = 20
MOST_REMEMBERED: Final = 10_000
COST_OF_HEAVY: Final = 10
# Questions to all contacts that run at the same time, and those that may wait for their turn.
HEAVY_AT_A_TIME: Final = 2
LONGEST_LINE: Final = 20
# Of one key: one that runs and three that wait.
MOST_OF_ONE_KEY: Final = 4


@dataclass(slots=True)
class _Minute:
    """What this process has of a key's minute. `is_all`: there is no more of it anywhere."""

    left: int = 0
    ends: float = 0.0
    is_all: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class KeyRates:
    """A key's minute is shared by all web processes: each takes a portion of it from the database
    and spends that by itself, so that a request costs no statement and ten processes allow no more
    than one. Without a store the minute is this process's alone.
    """

    def __init__(
        self,
        limit: int = EACH_MINUTE,
        store: Store | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._store = store
        self._clock = clock
        self._minutes: OrderedDict[int, _Minute] = OrderedDict()

    async def spend(self, key_id: int, cost: int = 1) -> None:
        """Raises LimitReached when the key's minute is used up, and what the database raises."""
        minute = self._minute(key_id)
        async with minute.turn:
            if self._clock() >= minute.ends:
                minute.left, minute.is_all = 0, False
            if minute.left < cost and not minute.is_all:
                await self._take(key_id, minute, cost)
            if minute.left >= cost:
                minute.left -= cost
                return
            wait = timedelta(seconds=max(1, math.ceil(minute.ends - self._clock())))
        raise LimitReached(
            f"The key has used up its {self._limit} requests a minute. Send fewer, or several "
            "things in one.",
            wait,
        )

    def _minute(self, key_id: int) -> _Minute:
        minute = self._minutes.setdefault(key_id, _Minute())
        self._minutes.move_to_end(key_id)
        while len(self._minutes) > MOST_REMEMBERED:
            self._minutes.popitem(last=False)
        return minute

    async def _take(self, key_id: int, minute: _Minute, cost: int) -> None:
        wanted = max(cost - minute.left, self._limit // PORTIONS, 1)
        if self._store is None:
            granted = Granted(0 if minute.ends > self._clock() else self._limit, MINUTE_SECONDS)
        else:
            async with self._store.transaction() as session:
                granted = await take(session, key_id, wanted, self._limit)
        if granted.requests or minute.ends <= self._clock():
            minute.ends = self._clock() + granted.seconds
        minute.left += granted.requests
        minute.is_all = granted.requests < wanted


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
        await self._rates.spend(key_id, COST_OF_HEAVY - 1)
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
