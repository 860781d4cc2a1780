"""What is open is looked at anew: people, duties or hours changed, and with them when it is due.

Called last in the transaction that changes them; `pokes.clocks` after the commit, or the sweep
finds the clocks by itself. Locks are never waited for, so any transaction may call it. A clock that
somebody holds longer than the few tries is left to its own time: approvals are looked at every four
hours and cases every day all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.clock import database_now
from crm_store.looking_again import (
    make_all_due,
    make_deals_due,
    make_decisions_due,
    make_given_due,
)

_TRIES: Final = 4
_PAUSE_SECONDS: Final = 0.05


async def people_changed(
    session: AsyncSession, at: datetime | None, user_ids: Collection[int] = ()
) -> None:
    """From `at` on (None: now) these people are there or not, or report to others: look at what
    they have a part in then, and at what is held because nobody was there."""
    at = at or await database_now(session)
    await _tried(partial(make_decisions_due, session, at, user_ids))


async def owners_changed(
    session: AsyncSession, now: datetime | None, user_ids: Collection[int]
) -> None:
    """These people work at other hours or elsewhere."""
    now = now or await database_now(session)
    await _tried(partial(make_deals_due, session, now, user_ids))


async def deals_given(session: AsyncSession, now: datetime, deal_ids: Collection[int]) -> None:
    """These deals have another owner, whose hours and zone may differ."""
    if deal_ids:
        await _tried(partial(make_given_due, session, now, deal_ids))


async def hours_changed(session: AsyncSession, now: datetime) -> None:
    """A calendar changed; which clocks go by it is known to whoever tends them alone."""
    await _tried(partial(make_all_due, session, now))


async def _tried(make_due: Callable[[], Awaitable[int]]) -> None:
    """Whoever holds a clock may have read what was true before, so it is tried again after them."""
    for left in reversed(range(_TRIES)):
        if not await make_due() or not left:
            return
        await asyncio.sleep(_PAUSE_SECONDS)
