"""Who wants to hear at once that a message was sent, or has to wait: the event is written for
everybody, and waits to be dispatched only where somebody does."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.sent_messages import NAME, QUEUED
from engine.services.changes.announcing import Announcer
from engine.services.changes.causes import Cause, chains_of, said_of

# A flow that begins to listen is heard of within this time.
_KNOWN_SECONDS: Final = 1.0


class Asked(Protocol):
    """What of an effect is needed."""

    @property
    def run_id(self) -> int: ...
    @property
    def flow_id(self) -> int: ...
    @property
    def subject_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Listeners:
    """`queue_in` partitions the events wait; in none (0) when nobody listens. `said` is what led to
    them, by contact, so that flows which wake each other come to an end."""

    queue_in: int = 0
    said: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


NOBODY: Final = Listeners()


@dataclass(slots=True)
class SentEvents:
    """One per process."""

    announcer: Announcer | None
    _wanted: frozenset[str] = frozenset()
    _known_until: float = 0.0

    async def listeners(
        self, session: AsyncSession, effects: Sequence[Asked], now: datetime, name: str = NAME
    ) -> Listeners:
        announcer = self.announcer
        if announcer is None or not await self._is_wanted(session, announcer, name):
            return NOBODY
        names = (await announcer.plans.book(session)).names
        causes = [
            Cause(one.run_id, one.subject_id, names.get(one.flow_id, ""), None) for one in effects
        ]
        chains = await chains_of(session, causes, now)
        return Listeners(
            announcer.partitions, {contact: said_of(chain) for contact, chain in chains.items()}
        )

    async def _is_wanted(self, session: AsyncSession, announcer: Announcer, name: str) -> bool:
        if time.monotonic() >= self._known_until:
            heard = (await announcer.interests.now(session)).names
            self._wanted = frozenset({NAME, QUEUED}) & frozenset(heard)
            self._known_until = time.monotonic() + _KNOWN_SECONDS
        return name in self._wanted
