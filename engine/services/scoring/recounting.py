"""Scores that no event keeps right: new and edited models, points that fade, windows that pass.

A page is one transaction: its score rows are held, facts are read after that, and what changed is
written with its events. Doing a page twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.partitions import partition_of
from crm_store.record_changes import hold_contacts
from crm_store.scores import (
    Pair,
    advance_round,
    begin_due_rounds,
    contacts_after,
    due_scores,
    end_round,
    hold_scores,
    next_round,
    put_off,
    soonest_due,
)
from crm_store.segment_members import queue_is_longer_than
from crm_store.session import Store
from engine.rules import union
from engine.services.changes.announcing import Announcer
from engine.services.facts import load_facts
from engine.services.plans import Plans
from engine.services.scoring.keeping import Moment, contacts_of, count_scores
from engine.services.scoring.shelf import ScoreBook

PAGE: Final = 1_000
# Windows pass, and accounts, messages and what facts come to change without an event; a day is what
# people look at.
RECOUNT_EVERY: Final = timedelta(days=1)
BROKEN_REST: Final = timedelta(hours=1)
# While more events than this wait for dispatch, pages that would add to them rest.
MOST_WAITING: Final = 20_000
REST: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Look:
    """What one page came to. `again`: more is due now; `next_due`: when more will be; None: only an
    event or an edit tells. `partitions` have new events.
    """

    scored: int = 0
    again: bool = False
    next_due: datetime | None = None
    partitions: frozenset[int] = frozenset()


@dataclass(slots=True)
class ScoreRecounting:
    store: Store
    plans: Plans
    announcer: Announcer
    now: Callable[[], datetime]
    zone: str

    async def look(self) -> Look:
        """Score the next page of contacts that are due."""
        async with self.store.transaction() as session:
            now = self.now()
            if await queue_is_longer_than(session, MOST_WAITING):
                return Look(next_due=now + REST)
            await begin_due_rounds(session, now)
            segments = await self.plans.segments.book(session)
            book = await self.plans.scores.book(session, segments)
            if round_ := await next_round(session):
                return await self._page_of_round(session, book, *round_)
            due = await due_scores(session, now, PAGE)
            if not due:
                return Look(next_due=await soonest_due(session))
            partitions = await self._score(session, book, due)
            left = [pair for pair in due if pair[0] not in book.kept]
            if left:
                await put_off(session, left, now + RECOUNT_EVERY)
            return Look(len(due), True, None, partitions)

    async def _page_of_round(
        self, session: AsyncSession, book: ScoreBook, model_id: int, after: int
    ) -> Look:
        now = self.now()
        kept = book.kept.get(model_id)
        if kept is None:
            # its rules cannot be read; mending them is an edit and begins a new round
            await end_round(session, model_id, now, now + BROKEN_REST)
            return Look(again=True)
        ids = await contacts_after(session, after, PAGE)
        if not ids:
            await end_round(session, model_id, now, now + RECOUNT_EVERY)
            return Look(again=True)
        partitions = await self._score(session, book, [(model_id, one) for one in ids])
        await advance_round(session, model_id, ids[-1])
        return Look(len(ids), True, None, partitions)

    async def _score(
        self, session: AsyncSession, book: ScoreBook, pairs: Collection[Pair]
    ) -> frozenset[int]:
        held = await hold_scores(session, pairs)
        moment = Moment(self.now(), self.zone)
        models = {model_id for model_id, _ in pairs}
        reads = union(book.kept[one].compiled.reads for one in models if one in book.kept)
        facts = await load_facts(session, contacts_of(pairs), reads, moment.now)
        counted = count_scores(book, held, facts, moment, line=self._line)
        contacts = await counted.contacts(session)
        await hold_contacts(session, contacts)
        return await counted.write(session, contacts, self.announcer)

    def _line(self, contact_id: int) -> int:
        return partition_of(contact_id, self.announcer.partitions)
