"""Contacts with consent, an owner, orders and a past, for tests that let them travel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crm_store.models import Consent, Contact, Order, Role, User
from engine.flows.triggers.ticket_events import TICKET_KIND
from engine.services.events import record_event
from tests.driving.world import PARTITIONS
from tests.workflows.moved_clock import MovedClock


@dataclass
class People:
    """By first name; Ben is the owner of them all."""

    clock: MovedClock
    ids: dict[str, int] = field(default_factory=dict)
    ben: int = 0

    async def add(self, name: str, **values: Any) -> None:
        async with self.clock.world.store.store.transaction() as session:
            if not self.ben:
                session.add(Role(key="rep", label="Rep"))
                await session.flush()
                address = "ben@example.com"
                ben = User(email=address, email_key=address, name="Ben", name_key="b", role="rep")
                session.add(ben)
                await session.flush()
                self.ben = ben.id
            address = f"{name.lower()}@example.com"
            contact = Contact(
                email=address, email_key=address, first_name=name, owner_id=self.ben, **values
            )
            session.add(contact)
            await session.flush()
            self.ids[name] = contact.id
            consent = {"lawful_basis": "consent", "source": "test", "granted": True}
            session.add(
                Consent(contact_id=contact.id, channel="email", purpose="marketing", **consent)
            )

    async def ordered(self, name: str, *moments: datetime) -> None:
        async with self.clock.world.store.store.transaction() as session:
            for at in moments:
                order = Order(contact_id=self.ids[name], placed_at=at, currency="USD")
                order.total_minor = order.total_base_minor = 5_000
                session.add(order)

    async def won_a_deal(self, name: str, at: datetime) -> None:
        for statement in (
            "INSERT INTO pipeline (key, label) VALUES ('sales', 'Sales')",
            """INSERT INTO stage (pipeline_id, key, label, kind, position, probability_percent,
               forecast_category) VALUES (1, 'signed', 'Signed', 'won', 1, 100, 'closed')""",
            """INSERT INTO deal (name, contact_id, pipeline_id, stage_id, stage_entered_at,
               forecast_category, opened_at, closed_at)
               VALUES ('A contract', :id, 1, 1, :at, 'closed', :at, :at)""",
        ):
            await self._write(statement, id=self.ids[name], at=at)

    async def looked_around(self, name: str, *moments: datetime) -> None:
        """Page views of long ago, which no flow has to hear of any more."""
        for number, at in enumerate(moments):
            await self._write(
                """INSERT INTO event (source, message_id, kind, name, contact_id, occurred_at)
                   VALUES ('web', :mark, 'page', 'Page Viewed', :id, :at)""",
                mark=f"{name}-{number}",
                id=self.ids[name],
                at=at,
            )

    async def asked_for_messages(self, name: str, at: datetime) -> None:
        """A request that waits to be confirmed, for a week."""
        await self._write(
            """
            INSERT INTO consent_request (contact_id, channel, purpose, topics, source, asked_at,
                                         expires_at)
            VALUES (:id, 'email', 'marketing', '[]', 'sign_up_form', :at, :until)
            """,
            id=self.ids[name],
            at=at,
            until=at + timedelta(days=7),
        )

    async def had_a_ticket(self, name: str, closed_at: datetime) -> None:
        """A ticket that was closed, and that they may be asked about."""
        await self._write(
            """
            INSERT INTO ticket (subject, contact_id, status, opened_at, closed_at,
                                satisfaction_asked_at)
            VALUES ('Help', :id, 'closed', :at, :at, :at)
            """,
            id=self.ids[name],
            at=closed_at,
        )

    async def _write(self, statement: str, **values: Any) -> None:
        used = {key: value for key, value in values.items() if f":{key}" in statement}
        await self.clock.world.rows(f"{statement} RETURNING 1", **used)

    async def does(self, name: str, event: str, **properties: Any) -> None:
        await self.clock.world.event(self.ids[name], event, **properties)
        await self.clock.settle()

    async def was_told_of(self, name: str, event: str, **properties: Any) -> None:
        """Cadenza itself tells of a ticket of theirs."""
        async with self.clock.world.store.store.transaction() as session:
            await record_event(
                session,
                source="cadenza",
                message_id=f"{event}:{name}",
                name=event,
                contact_id=self.ids[name],
                properties=properties,
                occurred_at=self.clock.world.now,
                partitions=PARTITIONS,
                kind=TICKET_KIND,
            )
        await self.clock.settle()

    async def mails(self, name: str) -> list[str]:
        """Templates of the messages the person got, in order."""
        return await self._of(name, "SELECT template FROM message WHERE state = 'sent' AND")

    async def tasks(self, name: str) -> list[str]:
        return await self._of(name, "SELECT subject FROM activity WHERE kind = 'task' AND")

    async def tickets(self, name: str) -> list[str]:
        return await self._of(name, "SELECT subject FROM ticket WHERE")

    async def outcomes(self, name: str) -> dict[str, str]:
        """How the person's runs ended, by flow."""
        rows = await self.clock.world.rows(
            "SELECT f.name, coalesce(r.outcome, r.state) FROM run r JOIN flow f"
            " ON f.id = r.flow_id WHERE r.subject_id = :id",
            id=self.ids[name],
        )
        return {row[0]: row[1] for row in rows}

    async def _of(self, name: str, select: str) -> list[str]:
        rows = await self.clock.world.rows(
            f"{select} contact_id = :id ORDER BY id", id=self.ids[name]
        )
        return [row[0] for row in rows]


def every(days: int, first: datetime, last: datetime) -> list[datetime]:
    found, at = [], first
    while at <= last:
        found.append(at)
        at += timedelta(days=days)
    return found
