"""Attacks on the designer: one application over one database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from crm_store.session import Store
from tests.attacks.case import LiveCase
from tests.attacks.interface import CASES
from tests.designer.conftest import Visit, opened
from tests.designer.seed import PASSWORD, seed
from tests.servers import Databases

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def visited(databases: Databases) -> AsyncIterator[Visit]:
    name = databases.fresh()
    store = Store(databases.url(name))
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await seed(store, password_hash=cheap)
    async with opened(store) as visit:
        answer = await visit.sign_in()
        assert answer.status_code == 303, answer.text
        yield visit
    await store.close()
    databases.drop(name)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_it_ends_as_expected(case: LiveCase, visited: Visit) -> None:
    await case.attack(visited)
