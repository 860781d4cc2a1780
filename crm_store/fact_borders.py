"""The lock around what derived facts are worked out with: rates, base currency, borders of scores.

Writers of orders and deals share it by a trigger until they commit. Whoever holds it alone knows
that no transaction under way has used what is about to be replaced.
"""

from __future__ import annotations

from psycopg.errors import LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

# The same as in the trigger `share_fact_borders`: the ASCII of "facts".
_LOCK = 0x6661637473
# New writers wait behind one who waits, so nobody waits for a long import to end.
_PATIENCE = "SET LOCAL lock_timeout = '5s'"


async def share_fact_borders(session: AsyncSession) -> None:
    """What the trigger of orders and deals does, before anything else is locked."""
    await session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _LOCK})


async def hold_fact_borders(session: AsyncSession) -> bool:
    """Wait for the writers under way and keep new ones waiting until this transaction ends.

    False when one of them takes too long; the transaction is of no use then.
    """
    await session.execute(text(_PATIENCE))
    try:
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return False
        raise
    # what comes next may wait for as long as usual
    await session.execute(text("SET LOCAL lock_timeout = DEFAULT"))
    return True
