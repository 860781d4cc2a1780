from __future__ import annotations

from datetime import timedelta

import pytest

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.people import NewUser, create_user, ensure_roles
from engine.services.sign_in import SignIns
from tests.clock import Clock


@pytest.fixture
async def ben(store: Store) -> NewUser:
    """A marketer who has not signed in yet."""
    async with store.transaction() as session:
        await ensure_roles(session)
        return await create_user(
            session, SYSTEM, email="ben@example.com", name="Ben", role="marketer"
        )


@pytest.fixture
def sign_ins(store: Store, clock: Clock) -> SignIns:
    return SignIns(store, clock.now, lifetime=timedelta(days=1))
