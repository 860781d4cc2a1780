from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from crm_store.session import Store
from tests import servers
from tests.insight.worlds import World, random_world


@pytest.fixture(scope="module")
def shared_url(databases: servers.Databases) -> Iterator[str]:
    """One database for the questions of a module, which only read."""
    name = databases.fresh()
    yield databases.url(name)
    databases.drop(name)


_WORLDS: dict[str, World] = {}


@pytest.fixture
async def sales(shared_url: str) -> AsyncIterator[tuple[Store, World]]:
    """Random sales work that is made once for the module."""
    store = Store(shared_url)
    if shared_url not in _WORLDS:
        async with store.transaction() as session:
            _WORLDS[shared_url] = await random_world(session, 7)
    yield store, _WORLDS[shared_url]
    await store.close()
