"""A service desk on a real database: Ben answers, Ada asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from crm_store.session import Store
from engine.services.actor import SYSTEM, Actor
from engine.services.plans import Plans
from engine.services.pokes import NoPokes
from engine.services.sharing import shared_of
from engine.services.tenders import TENDERS
from engine.services.tending import ClockKind
from engine.services.tickets import Question, TakenIn, save_policy, take_in
from engine.services.work import Shared, Work, working
from tests.clock import Clock

BEN = Actor("user", 1, "Ben", "service")
CLEO = Actor("user", 2, "Cleo", "admin")
ADA = 1
POLICY = """
calendar: always
targets:
  urgent: {response: 1h, resolution: 4h}
  normal: {response: 4h, resolution: 2d}
alerts: [75]
priorities:
  - when: {contains: [{var: ticket.subject}, outage]}
    priority: urgent
survey: {low: 2}
dedupe_within: 3d
reopen_within: 14d
close_after: 5d
"""


@dataclass
class Desk:
    store: Store
    clock: Clock
    shared: Shared = field(default_factory=lambda: shared_of(Plans(), partitions=2))

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with working(self.store, self.shared, NoPokes(), self.clock.now()) as work:
            yield work

    async def policy(self, source: str = POLICY) -> None:
        async with self.store.transaction() as session:
            await save_policy(session, SYSTEM, source, self.clock.now())

    async def asks(self, subject: str = "It does not work", **more: Any) -> TakenIn:
        given = {"contact_id": ADA, "body": "Please help", **more}
        if "email" in more:
            del given["contact_id"]
        async with self.work() as work:
            return await take_in(work, SYSTEM, Question(subject, **given))

    async def does(self, action: Any, *args: Any, by: Actor = BEN, **more: Any) -> Any:
        async with self.work() as work:
            return await action(work, by, *args, **more)

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.store.transaction() as session:
            return list((await session.execute(text(sql), values)).all())

    async def row(self, ticket_id: int, *columns: str) -> tuple[Any, ...]:
        [found] = await self.rows(
            f"SELECT {', '.join(columns)} FROM ticket WHERE id = :id", id=ticket_id
        )
        return tuple(found)

    async def events(self) -> list[str]:
        found = await self.rows("SELECT name FROM event WHERE kind = 'ticket' ORDER BY id")
        return [row[0] for row in found]

    async def told(self) -> list[tuple[int, str]]:
        found = await self.rows("SELECT user_id, title FROM notice ORDER BY id")
        return [(row[0], row[1]) for row in found]

    async def due(self, ticket_id: int) -> Any:
        found = await self.rows(
            "SELECT due_at FROM clock WHERE kind = 'ticket' AND entity_id = :id", id=ticket_id
        )
        return found[0][0] if found else "over"

    async def later(self, **span: float) -> None:
        """Let time pass; the clocks' hosts look whenever something is due."""
        until = self.clock.now() + timedelta(**span)
        while True:
            found = await self.rows(
                "SELECT entity_id, due_at FROM clock WHERE kind = 'ticket' AND due_at <= :until"
                " ORDER BY due_at LIMIT 1",
                until=until,
            )
            if not found:
                break
            entity_id, due_at = found[0]
            self.clock.advance(max(due_at - self.clock.now(), timedelta()))
            async with self.work() as work:
                tended = await TENDERS[ClockKind.TICKET](work, entity_id)
                if tended.ended:
                    await work.session.execute(
                        text("DELETE FROM clock WHERE entity_id = :id"), {"id": entity_id}
                    )
                else:
                    await work.session.execute(
                        text("UPDATE clock SET due_at = :due WHERE entity_id = :id"),
                        {"due": tended.due, "id": entity_id},
                    )
        self.clock.advance(until - self.clock.now())
