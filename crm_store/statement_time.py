"""A limit on how long the statements of one transaction may take."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

_QUERY_CANCELED = "57014"


async def limit_statements(session: AsyncSession, longest: timedelta) -> None:
    """Each statement that follows in this transaction is given up after this time."""
    milliseconds = round(longest.total_seconds() * 1000)
    await session.execute(select(func.set_config("statement_timeout", str(milliseconds), True)))


def was_given_up(error: DBAPIError) -> bool:
    """Whether a statement failed because its time was up."""
    return getattr(error.orig, "sqlstate", None) == _QUERY_CANCELED
