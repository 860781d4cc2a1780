from __future__ import annotations

import pytest

from crm_store.people import add_user
from crm_store.session import Store
from engine.services.people import ensure_roles


@pytest.fixture
async def ben(store: Store) -> int:
    """A marketer, without a password."""
    row = {"email": "ben@example.com", "email_key": "ben@example.com", "role": "marketer"}
    async with store.transaction() as session:
        await ensure_roles(session)
        return await add_user(session, row | {"name": "Ben", "name_key": "ben"})
