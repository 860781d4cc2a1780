"""A session whose work is taken back, on a database that the module shares."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from tests.servers import Databases


@pytest.fixture(scope="module")
def shared_url(databases: Databases) -> Iterator[str]:
    name = databases.fresh()
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture
async def session(shared_url: str) -> AsyncIterator[AsyncSession]:
    engine = create_async_engine(shared_url)
    async with engine.connect() as connection:
        transaction = await connection.begin()
        async with AsyncSession(connection, expire_on_commit=False) as opened:
            yield opened
        await transaction.rollback()
    await engine.dispose()
