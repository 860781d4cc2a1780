"""One door to the database: a pool, and a transaction that commits at its edge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

POOL_SIZE = 12
POOL_OVERFLOW = 12
POOL_WAIT_SECONDS = 30


class Store:
    """The database as the rest of the product sees it.

    `transaction()` is one request's or one activity's work: committed when the block ends, rolled
    back when it raises. `connection()` is the same for set-wise SQL that needs no mapped objects.
    """

    def __init__(self, url: str, *, pool_size: int = POOL_SIZE) -> None:
        self.url = url
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=POOL_WAIT_SECONDS,
            # A server that was restarted costs a ping, not somebody's request.
            pool_pre_ping=True,
            # Values are people's data; they do not belong into errors and logs.
            hide_parameters=True,
            # Several times faster than the standard library on the many small documents we keep.
            json_deserializer=orjson.loads,
            connect_args={"application_name": "cadenza", "connect_timeout": 10},
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with (
            AsyncSession(self.engine, expire_on_commit=False, autoflush=True) as session,
            session.begin(),
        ):
            yield session

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.begin() as connection:
            yield connection

    async def close(self) -> None:
        await self.engine.dispose()
