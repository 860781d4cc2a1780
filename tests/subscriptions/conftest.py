"""What the tests of webhooks are given."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from crm_store.session import Store
from tests.subscriptions.telling_world import World


@pytest.fixture
async def world(store: Store) -> AsyncIterator[World]:
    made = World(store)
    await made.furnish()
    yield made
    await made.outgoing.close()
