"""The ground everybody's tests stand on."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from sqlalchemy import text
from temporalio.client import Client

from crm_store.migrate import current, head
from crm_store.session import Store
from tests.clock import Clock
from tests.servers import Databases


async def test_each_test_has_a_database_of_its_own(store: Store, databases: Databases) -> None:
    async with store.transaction() as session:
        await session.execute(text("CREATE TABLE mine (id int)"))
    other = databases.fresh()
    try:
        second = Store(databases.url(other))
        async with second.transaction() as session:
            found = await session.scalar(text("SELECT to_regclass('mine')"))
        await second.close()
        assert found is None
    finally:
        databases.drop(other)


def test_the_database_is_at_the_newest_revision(database_url: str) -> None:
    assert current(database_url) == head()


async def test_temporal_answers(temporal_address: str) -> None:
    client = await Client.connect(temporal_address)
    assert await client.service_client.check_health()


def test_the_clock_moves_only_when_told(clock: Clock) -> None:
    before = clock.now()
    assert before.tzinfo is UTC
    assert clock.now() == before
    assert clock.advance(timedelta(days=3)) - before == timedelta(days=3)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(timedelta(seconds=-1))
