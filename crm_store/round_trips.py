"""Several statements of a transaction in one round trip, straight through the driver.

Where the same few statements run hundreds of times a second, waiting for each answer before the
next question costs more than the questions do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

Row = tuple[Any, ...]


class Ask(NamedTuple):
    """A statement with the driver's own placeholders, `%(name)s`. One that is always the same text
    stays `prepared` in each connection."""

    sql: str
    values: Mapping[str, Any]
    prepared: bool = True


async def in_one_trip(session: AsyncSession, asks: Sequence[Ask]) -> list[list[Row]]:
    """The rows of each, in this order; each statement sees what those before it did, and what
    others committed while those before it waited for locks. Raises SQLAlchemy's DBAPIError, as the
    session does.
    """
    if not asks:
        return []
    driver = await _driver(session)
    cursors = [driver.cursor() for _ in asks]
    try:
        async with driver.pipeline():
            for cursor, ask in zip(cursors, asks, strict=True):
                # the driver's word for "no text of a stranger's"; those are in the values
                await cursor.execute(ask.sql.encode(), ask.values, prepare=ask.prepared or None)
        return [await one.fetchall() if one.description else [] for one in cursors]
    except psycopg.Error as error:
        raise _as_of_session(error) from error


async def _driver(session: AsyncSession) -> psycopg.AsyncConnection[Row]:
    connection = await (await session.connection()).get_raw_connection()
    driver = connection.driver_connection
    if not isinstance(driver, psycopg.AsyncConnection):
        raise TypeError(f"round trips need psycopg, not {type(driver)}")
    return driver


def _as_of_session(error: psycopg.Error) -> Exception:
    """Without the statement's values, which are people's data."""
    return cast(
        "Exception", DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True)
    )
