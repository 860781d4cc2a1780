"""Batches that wait for the database go together: one transaction for all that came meanwhile.

A lone request is written at once. Under load a commit, and the statements before it, are shared by
everybody who stood in line, so many small requests cost little more than one large one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from crm_store.session import Store
from engine.services.changes.announcing import Announcer
from engine.services.changes.interest import RememberedInterests
from engine.services.events.accepting import Accepting
from engine.services.events.items import Accepted, Batch
from engine.services.plans import Plans
from engine.telemetry.tracing import span

# Transactions at a time: while one waits for the database, another prepares its rows. More would
# only wait for each other's contacts.
LANES: Final = 2
# Items that go together at most, unless a single batch is larger.
MOST_TOGETHER: Final = 500

# PostgreSQL's classes for a value it cannot take and a constraint it keeps.
_DATA: Final = ("22", "23")


@dataclass(frozen=True, slots=True)
class _Waiting:
    batch: Batch
    now: datetime
    answer: asyncio.Future[Accepted]


class Intake:
    """One per process."""

    def __init__(self, store: Store, partitions: int) -> None:
        announcer = Announcer(Plans(), partitions)
        announcer.interests = RememberedInterests(announcer.plans)
        self._accepting = Accepting(store, announcer)
        self._line: deque[_Waiting] = deque()
        self._lanes: set[asyncio.Task[None]] = set()

    @property
    def in_line(self) -> int:
        """How many batches wait for a transaction."""
        return len(self._line)

    async def accept(self, batch: Batch, now: datetime) -> Accepted:
        """Write a batch; when this returns it is committed. `now` is when the request arrived.

        Raises Unavailable when others kept changing the same contacts; the client's own retry is
        safe, because every item has its message id.
        """
        if not batch.items:
            return Accepted(0, 0, frozenset())
        answer: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._line.append(_Waiting(batch, now, answer))
        if len(self._lanes) < LANES:
            lane = asyncio.create_task(self._work())
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return await answer

    async def _work(self) -> None:
        while group := self._next_group():
            await self._settle(group)

    def _next_group(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        size = 0
        while self._line and (not group or size + len(self._line[0].batch.items) <= MOST_TOGETHER):
            one = self._line.popleft()
            # Whoever gave up waiting before anything was written is left out.
            if not one.answer.done():
                group.append(one)
                size += len(one.batch.items)
        return group

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        """Give everybody their answer. What the database cannot take fails its own batch alone."""
        try:
            now = max(one.now for one in group)
            with span("accept events", batches=len(group)):
                answers = await self._accepting.accept([one.batch for one in group], now)
        except Exception as error:  # noqa: BLE001 - handed to those who wait for it
            if len(group) > 1 and _is_about_the_data(error):
                for one in group:
                    await self._settle([one])
                return
            for one in group:
                if not one.answer.done():
                    one.answer.set_exception(error)
        else:
            for one, accepted in zip(group, answers, strict=True):
                if not one.answer.done():
                    one.answer.set_result(accepted)


def _is_about_the_data(error: Exception) -> bool:
    """As opposed to a server in trouble, where trying each alone would only add to it."""
    if isinstance(error, SQLAlchemyError):
        state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
        return state is not None and state.startswith(_DATA)
    return True
