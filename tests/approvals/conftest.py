"""A house whose people approve by the ready chains."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_store.session import Store
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.definitions.publishing import publish
from tests.driving.house import House, furnished

CHAINS = Path(__file__).parents[2] / "templates" / "approvals"


@pytest.fixture
async def house(store: Store) -> House:
    return await furnished(store)


async def put_in_force(house: House, source: str) -> int:
    """Publish a definition; the version's id."""
    async with house.world.store.store.transaction() as session:
        draft = read_definition(source, "chain.yaml")
        return (await publish(session, SYSTEM, draft, now=house.world.now)).version_id
