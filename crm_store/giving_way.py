"""Giving way: a transaction that would rather begin anew than keep others waiting.

Whoever makes two contacts one, or erases one, holds contacts alone and then needs their runs, while
drivers hold runs and then need contacts. Both are right, so one must give way, and it is the one
who comes once a day: it waits for less time than the database takes to look for a circle.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

# Below PostgreSQL's `deadlock_timeout` of a second, so that never a driver is chosen to be ended.
PATIENCE: Final = "SET LOCAL lock_timeout = '500ms'"
# A circle of waiting transactions, one that must see what another did, a wait that was too long.
DEADLOCK, SERIALISATION, LOCK_NOT_AVAILABLE = "40P01", "40001", "55P03"
AGAIN: Final = frozenset({DEADLOCK, SERIALISATION, LOCK_NOT_AVAILABLE})
LONGEST_PAUSE_SECONDS: Final = 0.1

Result = TypeVar("Result")


@asynccontextmanager
async def impatiently(session: AsyncSession) -> AsyncIterator[None]:
    """Every lock in this block is waited for half a second at most; then the statement fails with
    `LOCK_NOT_AVAILABLE`, and the whole transaction must be done again."""
    await session.execute(text(PATIENCE))
    yield
    # what comes next may wait for as long as usual
    await session.execute(text("SET LOCAL lock_timeout = DEFAULT"))


def may_go_again(error: DBAPIError) -> bool:
    """Whether the transaction failed only because of what others did at the same time."""
    return getattr(error.orig, "sqlstate", None) in AGAIN


async def again_and_again(work: Callable[[], Awaitable[Result]], attempts: int) -> Result:
    """Do a whole transaction, and do it again when others were in its way; `attempts` times at
    most, then what the database said is raised."""
    for attempt in range(1, attempts):
        try:
            return await work()
        except DBAPIError as error:
            if not may_go_again(error):
                raise
        await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS * min(attempt, 5)))
    return await work()
