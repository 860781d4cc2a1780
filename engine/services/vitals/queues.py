"""Queues of the drivers with their lag, held runs, and the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists.messages import count_maybe_sent
from crm_store.lists.runs import count_held
from crm_store.queues import database_facts, queues
from engine.services.actor import Actor, allowed

# A driver that nobody pokes looks again after half a minute by itself.
SLOW: Final = timedelta(minutes=2)
STUCK: Final = timedelta(minutes=15)


class Level(StrEnum):
    FINE = "fine"
    SLOW = "slow"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Queue:
    """What is ready for one driver. `lag` is how long the oldest has been ready."""

    code: str
    waiting: int
    lag: timedelta

    @property
    def level(self) -> Level:
        if self.lag >= STUCK:
            return Level.STUCK
        return Level.SLOW if self.lag >= SLOW else Level.FINE


@dataclass(frozen=True, slots=True)
class Database:
    """`skew` is how far its clock is from ours, with the way there and back in it."""

    version: int
    size_bytes: int
    connections: int
    most_connections: int
    skew: timedelta


@dataclass(frozen=True, slots=True)
class Queues:
    queues: Sequence[Queue]
    held_runs: int
    maybe_sent: int
    database: Database
    at: datetime


async def look(session: AsyncSession, actor: Actor, now: datetime) -> Queues:
    """For admins. Raises NotAllowed."""
    allowed(actor, "read", "audit")
    facts = await database_facts(session)
    found = [
        Queue(
            row.queue,
            row.waiting,
            max(now - row.oldest, timedelta()) if row.oldest else timedelta(),
        )
        for row in await queues(session, now)
    ]
    return Queues(
        found,
        await count_held(session),
        await count_maybe_sent(session),
        Database(
            facts.version,
            facts.size_bytes,
            facts.connections,
            facts.most_connections,
            abs(facts.clock - now),
        ),
        now,
    )
