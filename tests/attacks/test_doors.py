"""Attacks on the doors for programs: one application over one database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from crm_store.session import Store
from engine.api.app import create_app
from engine.services.actor import SYSTEM
from engine.services.write_keys import create_write_key
from engine.settings import load
from tests.api.conftest import Parts
from tests.api.people import bearer, fill, key_for
from tests.attacks.case import LiveCase
from tests.attacks.doors import CASES, Door
from tests.clock import Clock
from tests.servers import Databases

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def door(databases: Databases) -> AsyncIterator[Door]:
    name, clock = databases.fresh(), Clock()
    store = Store(databases.url(name))
    await fill(store, clock)
    async with store.transaction() as session:
        source = await create_write_key(session, SYSTEM, "website")
    viewer = bearer(await key_for(store, clock, "viewer", ("read:*",)))
    parts = Parts(load(), store, clock.now)
    transport = httpx2.ASGITransport(create_app(parts), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as http:
        yield Door(http, viewer, httpx2.BasicAuth(source.key, ""))
    await store.close()
    databases.drop(name)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_it_ends_as_expected(case: LiveCase, door: Door) -> None:
    await case.attack(door)
