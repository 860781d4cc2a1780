"""A small world on a real database: drivers without Temporal, a channel with memory, crashes.

The drivers' work is called directly, in any order and by several workers, so that a test decides
what happens between two commits.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Consent, Contact
from crm_store.runs import lock_runs
from crm_store.session import Store
from engine.activities.notices import NoticeActivities
from engine.activities.parts import Parts, Sizes
from engine.channels.base import Known, OutgoingMessage, Sender, Unclear, Unreachable
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.advancing import advance_due
from engine.services.dispatching import dispatch_events
from engine.services.enrolling import enrol_page
from engine.services.events import record_event
from engine.services.hosts import Hosting
from engine.services.messages import SenderSettings
from engine.services.plans import Plans
from engine.services.sharing import shared_of
from engine.services.templates import TemplateLibrary
from engine.services.tending import ClockKind
from engine.services.unsubscribe import UnsubscribeLinks
from engine.services.work import Work, working
from tests.asked_here import AskedHere

TEMPLATES = Path(__file__).parents[2] / "templates" / "messages"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PARTITIONS = 2
SIZES = Sizes(
    advance_shards=2,
    perform_shards=2,
    dispatch_partitions=PARTITIONS,
    dispatch_batch=5,
    advance_batch=5,
    enrol_batch=4,
    lease=timedelta(minutes=1),
)


class Crash(Exception):
    """The process is gone: nothing after this point ran."""


@dataclass
class CrashingStore:
    """A store whose process may die before or after any commit."""

    store: Store
    dies: Callable[[], str | None] = lambda: None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        when = self.dies()
        async with self.store.transaction() as session:
            yield session
            if when == "before":
                raise Crash
        if when == "after":
            raise Crash


@dataclass
class RememberingChannel:
    """Remembers what was handed over. `answers` may spoil the next hand-overs, by name."""

    askable: bool = True
    name: str = "email"
    group_size: int = 3
    delivered: list[OutgoingMessage] = field(default_factory=list)
    spoil: Callable[[], str | None] = lambda: None

    async def send(self, message: OutgoingMessage) -> None:
        match self.spoil():
            case "unreachable":
                raise Unreachable("connection_refused", "nobody listens")
            case "unclear_lost":
                raise Unclear("connection_lost", "gone before the answer")
            case "unclear_taken":
                self.delivered.append(message)
                raise Unclear("connection_lost", "gone before the answer")
            case "crash":
                self.delivered.append(message)
                raise Crash
        self.delivered.append(message)

    async def ask(self, provider_key: str) -> Known:
        if not self.askable:
            return Known.CANNOT_TELL
        known = any(message.provider_key == provider_key for message in self.delivered)
        return Known.SENT if known else Known.ABSENT

    async def close(self) -> None:
        """Nothing is open."""

    def counts(self) -> Counter[tuple[str, str]]:
        """How often each person got each subject."""
        return Counter((message.to, message.subject) for message in self.delivered)


@cache
def library() -> TemplateLibrary:
    """Read once: the templates never change while tests run."""
    return TemplateLibrary(TEMPLATES)


def sender_settings() -> SenderSettings:
    return SenderSettings(
        sender=Sender("hello@example.com", "Cadenza"),
        links=UnsubscribeLinks("https://crm.example.com", ["s" * 32]),
        key_secret=b"k" * 32,
        website=None,
        postal_address=None,
    )


@dataclass
class World:
    store: CrashingStore
    channel: RememberingChannel
    now: datetime = START
    parts: Parts = field(init=False)
    events: int = 0

    def __post_init__(self) -> None:
        self.parts = self.new_worker("one")

    def new_worker(self, name: str) -> Parts:
        """A process of its own: no plan, no cache is shared with another worker."""
        pokes = AskedHere(self.store, shared_of(Plans()), lambda: self.now)  # type: ignore[arg-type]
        parts = Parts(
            store=self.store,  # type: ignore[arg-type]  # offers what a Store offers here
            pokes=pokes,
            channel=self.channel,
            library=library(),
            sender=sender_settings(),
            now=lambda: self.now,
            worker=name,
            sizes=SIZES,
        )
        pokes.shared = parts.shared
        return parts

    async def tend_due(self, parts: Parts | None = None) -> int:
        """Everything open whose clock says so is looked at, as its host would; how many."""
        parts = parts or self.parts
        found = await self.rows(
            "SELECT kind, entity_id FROM clock WHERE due_at <= :now ORDER BY due_at, entity_id",
            now=self.now,
        )
        hosting = Hosting(parts.store, parts.shared, parts.pokes)
        for kind, entity_id in found:
            await hosting.tend(ClockKind(kind), entity_id, self.now)
        return len(found)

    async def mail_notices(self, parts: Parts | None = None) -> int:
        """One group of what people were told, and what was left behind; how many."""
        mailing = NoticeActivities(parts or self.parts).mailing
        return await mailing.settle(10) + await mailing.mail(10)

    @asynccontextmanager
    async def work(self, parts: Parts | None = None) -> AsyncIterator[Work]:
        """A transaction with its means, at the time of the world."""
        parts = parts or self.parts
        async with working(parts.store, parts.shared, parts.pokes, self.now) as work:
            yield work

    async def people(self, count: int, **values: Any) -> list[int]:
        """Contacts with an address and with consent to marketing mail."""
        async with self.store.store.transaction() as session:
            contacts = [
                Contact(
                    email=f"person{number}@example.com",
                    email_key=f"person{number}@example.com",
                    first_name=f"Person {number}",
                    **values,
                )
                for number in range(count)
            ]
            session.add_all(contacts)
            await session.flush()
            session.add_all(
                Consent(
                    contact_id=contact.id,
                    channel="email",
                    purpose="marketing",
                    granted=True,
                    lawful_basis="consent",
                    source="test",
                )
                for contact in contacts
            )
            return [contact.id for contact in contacts]

    async def publish(self, source: str) -> flows.Published:
        async with self.store.store.transaction() as session:
            saved = await flows.save_draft(
                session, SYSTEM, source, library=self.parts.library, file="test.yaml"
            )
            return await flows.publish(
                session,
                SYSTEM,
                saved.name,
                plans=self.parts.plans,
                library=self.parts.library,
                now=self.now,
            )

    async def event(self, contact_id: int, name: str, **properties: Any) -> None:
        self.events += 1
        async with self.store.store.transaction() as session:
            await record_event(
                session,
                source="test",
                message_id=f"event-{self.events}",
                name=name,
                contact_id=contact_id,
                properties=properties,
                occurred_at=self.now,
                partitions=PARTITIONS,
            )

    async def dispatch(self, partition: int, parts: Parts | None = None) -> int:
        parts = parts or self.parts
        async with parts.store.transaction() as session:
            dispatched = await dispatch_events(
                session,
                parts.plans,
                parts.ledger(self.now, partition),
                partition=partition,
                limit=SIZES.dispatch_batch,
                advance_shards=SIZES.advance_shards,
            )
        return dispatched.events

    async def advance(self, flow: str, shard: int, parts: Parts | None = None) -> int:
        parts = parts or self.parts
        async with parts.store.transaction() as session:
            flow_id = (await parts.plans.book(session)).id_of(flow)
            if flow_id is None:
                return 0
            advanced = await advance_due(
                session,
                parts.plans,
                parts.ledger(self.now, shard),
                flow_id=flow_id,
                shard=shard,
                limit=SIZES.advance_batch,
            )
        return advanced.moved

    async def perform(self, shard: int, parts: Parts | None = None) -> int:
        performer = (parts or self.parts).performer(shard)
        group = await performer.perform_group(shard, self.channel.group_size)
        return group.taken

    async def settle(self, shard: int, parts: Parts | None = None) -> int:
        group = await (parts or self.parts).performer(shard).settle_left_behind(shard, 10)
        return group.taken

    async def enrol(self, enrolment_id: int, parts: Parts | None = None) -> bool:
        parts = parts or self.parts
        async with parts.store.transaction() as session:
            page = await enrol_page(
                session,
                parts.plans,
                enrolment_id=enrolment_id,
                limit=SIZES.enrol_batch,
                advance_shards=SIZES.advance_shards,
                now=self.now,
                default_zone="UTC",
            )
        return page.done

    async def until_quiet(self, *flow_names: str) -> None:
        """Let every driver work until none finds anything to do now."""
        busy = True
        while busy:
            busy = False
            for partition in range(PARTITIONS):
                busy |= await self.dispatch(partition) > 0
            for name in flow_names:
                for shard in range(SIZES.advance_shards):
                    busy |= await self.advance(name, shard) > 0
            for shard in range(SIZES.perform_shards):
                busy |= await self.perform(shard) > 0
                busy |= await self.settle(shard) > 0

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.store.store.transaction() as session:
            return list((await session.execute(text(sql), values)).all())

    async def pause(self, name: str) -> None:
        async with self.store.store.transaction() as session:
            await flows.pause(session, SYSTEM, name, self.now)

    async def resume(self, name: str) -> None:
        async with self.store.store.transaction() as session:
            await flows.resume(session, SYSTEM, name, self.now)

    async def outcomes(self) -> list[tuple[str, str, str | None]]:
        """(state, node, outcome) of every run, oldest first."""
        found = await self.rows("SELECT state, node, outcome FROM run ORDER BY id")
        return [(row[0], row[1], row[2]) for row in found]

    async def effects(self) -> list[tuple[str, str]]:
        """(state, outcome in the receipt) of every effect, oldest first."""
        found = await self.rows("SELECT state, receipt->>'outcome' FROM effect ORDER BY id")
        return [(row[0], row[1]) for row in found]

    async def dispatch_all(self, parts: Parts | None = None) -> int:
        """One batch of every partition."""
        return sum([await self.dispatch(partition, parts) for partition in range(PARTITIONS)])

    async def advance_all(self, flow: str, parts: Parts | None = None) -> int:
        return sum(
            [await self.advance(flow, shard, parts) for shard in range(SIZES.advance_shards)]
        )

    async def perform_all(self, parts: Parts | None = None) -> int:
        return sum([await self.perform(shard, parts) for shard in range(SIZES.perform_shards)])

    async def settle_all(self, parts: Parts | None = None) -> int:
        return sum([await self.settle(shard, parts) for shard in range(SIZES.perform_shards)])

    async def runs(self) -> list[Any]:
        ids = [row[0] for row in await self.rows("SELECT id FROM run ORDER BY id")]
        async with self.store.store.transaction() as session:
            return await lock_runs(session, ids)


@dataclass
class Dice:
    """Seeded chance, so that a failing history can be played again."""

    seed: int
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def happens(self, percent: float) -> bool:
        return self.random.random() * 100 < percent
