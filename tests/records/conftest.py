"""Ada and some hundred others, on a real database; Ben is an admin, Vera may only look."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.services.actor import Actor

BEN = Actor("user", 1, "Ben", "admin")
REP = Actor("user", 2, "Cleo", "rep")
VERA = Actor("user", 3, "Vera", "viewer")
PEOPLE = 120

_STATEMENTS = (
    "INSERT INTO role (key, label) VALUES ('admin', 'A'), ('rep', 'R'), ('viewer', 'V')",
    """
    INSERT INTO "user" (name, name_key, email, email_key, role) VALUES
        ('Ben', 'ben', 'ben@example.com', 'ben@example.com', 'admin'),
        ('Cleo', 'cleo', 'cleo@example.com', 'cleo@example.com', 'rep'),
        ('Vera', 'vera', 'vera@example.com', 'vera@example.com', 'viewer')
    """,
    "INSERT INTO account (name, name_key, domain) VALUES ('Mill', 'mill', 'mill.example.com')",
    "INSERT INTO tag (name) VALUES ('vip')",
    f"""
    INSERT INTO contact (email, email_key, name_key, first_name, country, score, owner_id,
                         lifecycle_stage, last_seen_at, created_at, account_id)
    SELECT 'p' || i || '@example.com', 'p' || i || '@example.com',
           'person ' || lpad(i::text, 3, '0'), 'Person ' || i,
           (ARRAY['SG', 'DE', NULL])[1 + i % 3], (i * 7) % 10,
           CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN 1 ELSE 2 END,
           CASE WHEN i % 5 = 0 THEN 'customer' ELSE 'lead' END,
           CASE WHEN i % 2 = 0 THEN timestamptz '2026-03-01 00:00Z' - i * interval '1 day' END,
           timestamptz '2026-01-01 00:00Z' + i * interval '1 hour',
           CASE WHEN i = 1 THEN 1 END
    FROM generate_series(1, {PEOPLE}) i
    """,
    "INSERT INTO contact_tag (contact_id, tag) SELECT id, 'vip' FROM contact WHERE id <= 10",
)


@pytest.fixture
async def people(store: Store) -> Store:
    async with store.transaction() as session:
        for statement in _STATEMENTS:
            await session.execute(text(statement))
    return store
