"""A service desk on a real database: Ben answers, Ada asks."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from crm_store.session import Store
from tests.clock import Clock
from tests.tickets.service_desk import Desk

PEOPLE = (
    "INSERT INTO role (key, label) VALUES ('service', 'Service'), ('admin', 'Admin')",
    """
    INSERT INTO "user" (name, name_key, email, email_key, role) VALUES
        ('Ben', 'ben', 'ben@example.com', 'ben@example.com', 'service'),
        ('Cleo', 'cleo', 'cleo@example.com', 'cleo@example.com', 'admin')
    """,
    """
    INSERT INTO contact (email, email_key, name_key, first_name, owner_id, language)
    VALUES ('ada@example.com', 'ada@example.com', 'ada', 'Ada', 1, 'en')
    """,
)


@pytest.fixture
async def desk(store: Store, clock: Clock) -> Desk:
    async with store.transaction() as session:
        for statement in PEOPLE:
            await session.execute(text(statement))
    made = Desk(store, clock)
    await made.policy()
    return made
