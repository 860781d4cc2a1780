"""Walking through everything that has an amount, a few thousand rows per transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import date
from typing import Final

from crm_store import exchange_rates as rows
from crm_store.exchange_rates import Amounts
from crm_store.session import Store

# The contacts of a batch are locked for as long as it takes: a fraction of a second.
BATCH: Final = 5_000
TABLES: Final[tuple[Amounts, ...]] = ("order", "deal")


async def rewrite_all(
    store: Store, currencies: Collection[str] | None = None, since: date | None = None
) -> int:
    """Convert all amounts as the rates say today; returns how many became others.

    `currencies` and `since` narrow it to what new rates can concern.
    """
    rewritten = 0
    for table in TABLES:
        async for first, last in ranges(store, table):
            async with store.transaction() as session:
                rewritten += await rows.rewrite_amounts(
                    session, table, first, last, currencies=currencies, since=since
                )
    return rewritten


async def summarise_all(store: Store) -> None:
    """Add up anew what everybody has."""
    async for first, last in ranges(store, "contact"):
        async with store.transaction() as session:
            await rows.summarise(session, first, last)


async def ranges(store: Store, table: rows.Countable) -> AsyncIterator[tuple[int, int]]:
    """All ids of a table, a batch at a time. Rows that come later are right from the start."""
    async with store.transaction() as session:
        end = await rows.last_id(session, table)
    for first in range(1, end + 1, BATCH):
        yield first, first + BATCH - 1
