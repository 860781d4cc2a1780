"""What the tests of the audit are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.services.actor import SYSTEM, Actor
from engine.services.audit import record
from engine.services.audit_log.sealing import SEALED_AT_ONCE, seal_pending
from engine.services.audit_log.verifying import Verified, verify_audit
from tests.clock import Clock

ADA = Actor("user", 1, "Ada", "admin")


@dataclass
class Trail:
    store: Store
    clock: Clock = field(default_factory=lambda: Clock(datetime.now(UTC)))

    async def write(self, times: int = 1, actor: Actor = ADA, **named: Any) -> None:
        async with self.store.transaction() as session:
            for number in range(times):
                await record(
                    session,
                    actor,
                    named.get("verb", "edit"),
                    named.get("kind", "deal"),
                    named.get("subject", number),
                    before=named.get("before", {"amount": 1.5, "名": "旧"}),
                    after=named.get("after", {"amount": 2, "名": "新"}),
                    why=named.get("why"),
                )

    async def seal(self) -> int:
        sealed = 0
        while True:
            async with self.store.transaction() as session:
                batch = await seal_pending(session, self.clock())
            sealed += batch
            if batch < SEALED_AT_ONCE:
                return sealed

    async def verify(self, known_head: str | None = None) -> Verified:
        async with self.store.transaction() as session:
            return await verify_audit(session, SYSTEM, known_head=known_head)

    async def tamper(self, *statements: str) -> None:
        """As somebody with a superuser's password would."""
        async with self.store.transaction() as session:
            await session.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                await session.execute(text(statement))

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.store.transaction() as session:
            return [tuple(row) for row in await session.execute(text(statement))]


@pytest.fixture
def trail(store: Store) -> Trail:
    return Trail(store)
