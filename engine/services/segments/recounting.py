"""Members that no event keeps right: new and edited segments, windows that pass, imports.

The database finds who differs; then piece by piece these few are asked again under the locks that
dispatch takes, and what changed is written with its events. Doing it twice, or at the same time in
two places, changes nothing the second time. A piece is one transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import SegmentKind
from crm_store.partitions import partition_of
from crm_store.segment_members import (
    OWN_SLOT,
    hold_stripes,
    let_deciders_finish,
    mend_size,
    queue_is_longer_than,
    stripe_of,
)
from crm_store.segments import (
    DueSegment,
    asked_and_due,
    how_many_due_later,
    next_due_segment,
    put_off,
    soonest_due,
    write_look,
)
from crm_store.session import Store
from engine.rules import Catalogue, Rule, RuleRefused
from engine.services.facts import load_facts
from engine.services.plans import current_catalogue
from engine.services.segments.differences import candidates, differing
from engine.services.segments.flip_times import RECOUNT_EVERY, Watch
from engine.services.segments.keeping import NOWHERE, Moment, decide
from engine.services.segments.shelf import KeptSegment, SegmentShelf, kept_segment

# Contacts found by one question to the database, and contacts written in one transaction.
PAGE: Final = 20_000
# The database is away for a moment, or ended a deadlock: the round is tried again.
PASSING: Final = (OperationalError, InterfaceError, NoConnectionFree)
PIECE: Final = 1_000
# While more events than this wait for dispatch, recounts that would add to them rest.
MOST_WAITING: Final = 20_000
REST: Final = timedelta(seconds=1)
# A segment whose rule cannot be read is tried again; mending it makes it due at once.
BROKEN_REST: Final = timedelta(hours=1)
# Segments that time changes all the while are looked at so often that all of them together keep one
# connection busy for a tenth of the time.
SHARE: Final = 10
SHORTEST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
# Asking for the exact moment of the next flip costs as much as looking for those who flipped.
EXACT_BELOW_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Look:
    """What one look came to. `again`: more is due now. `next_due`: when more will be; None: never
    by itself. `partitions` have new events.
    """

    moved: int = 0
    again: bool = False
    next_due: datetime | None = None
    partitions: frozenset[int] = frozenset()


log = logging.getLogger(__name__)


class Stop(Protocol):
    """Whether the time for this round is up."""

    def __call__(self) -> bool: ...


@dataclass(slots=True)
class Recounting:
    """`partitions` is how many lines events wait in."""

    store: Store
    shelf: SegmentShelf
    now: Callable[[], datetime]
    zone: str
    partitions: int
    # By segment, the wish for a recount after which everybody had decided who was about to.
    _settled: dict[int, int] = field(default_factory=dict)
    _due_later: int | None = None

    async def look(self, stop: Stop) -> Look:
        """Bring the segment that is due for longest up to now, or as far as the time allows."""
        now = self.now()
        async with self.store.transaction() as session:
            segment = await next_due_segment(session, now)
            if segment is None:
                return Look(next_due=await soonest_due(session))
            book = await self.shelf.book(session)
            asked = book.kept.get(segment.id)
            filling = segment.kind == SegmentKind.STATIC
            if filling:
                asked = _fill(segment, await current_catalogue(session))
        if asked is None:
            await self._put_off(segment, now + BROKEN_REST, broken=True)
            return Look(again=True)
        await self._settle(segment, now)
        try:
            return await _Round(self, segment, asked, now, filling).run(stop)
        except PASSING:
            raise
        except Exception:  # one poisoned rule must not keep all segments behind it from their count
            log.exception("segment %s cannot be counted", segment.name)
            await self._put_off(segment, now + BROKEN_REST, broken=True)
            return Look(again=True)

    async def _settle(self, segment: DueSegment, now: datetime) -> None:
        """What changed without an event was committed before the recount was asked for. Whoever
        decides by facts from before that must be through, or he would undo what is found now."""
        wish = segment.asked
        if wish == segment.answered or self._settled.get(segment.id) == wish:
            return
        async with self.store.transaction() as session:
            wishes = await asked_and_due(session, now)
            await let_deciders_finish(session)
        self._settled |= {**wishes, segment.id: wish}

    async def due_later(self, session: AsyncSession) -> int:
        """How many segments share the driver; counted once, as it need not be exact."""
        if self._due_later is None:
            self._due_later = await how_many_due_later(session)
        return self._due_later

    async def _put_off(self, segment: DueSegment, until: datetime, *, broken: bool) -> None:
        async with self.store.transaction() as session:
            await put_off(session, segment.id, until, broken=broken)


def _fill(segment: DueSegment, catalogue: Catalogue) -> KeptSegment | None:
    try:
        return kept_segment(segment.id, segment.name, segment.fill, catalogue)
    except RuleRefused:
        return None


@dataclass(slots=True)
class _Round:
    """One segment brought up to `as_of`. The sweep of a window starts where the last one ended."""

    line: Recounting
    segment: DueSegment
    asked: KeptSegment
    as_of: datetime
    filling: bool
    moved: int = 0
    everybody: bool = False

    async def run(self, stop: Stop) -> Look:
        if await self._is_crowded():  # before anything that is heavy
            return self._look(set(), next_due=self.line.now() + REST)
        started = time.monotonic()
        self.everybody = self._is_for_everybody()
        lines: set[int] = set()
        async for page in self._pages():
            # neighbours by stripe in one piece, so that it holds few and not nearly all of them
            ids = sorted(page, key=stripe_of)
            for start in range(0, len(ids), PIECE):
                if await self._is_crowded():
                    return self._look(lines, next_due=self.line.now() + REST)
                if stop():
                    # others that are due go first next time
                    await self.line._put_off(self.segment, self.line.now(), broken=False)
                    return self._look(lines, again=True)
                lines |= await self._write(ids[start : start + PIECE])
        took = time.monotonic() - started
        await self._finish(took)
        return self._look(lines, again=True)

    def _look(
        self, lines: set[int], *, again: bool = False, next_due: datetime | None = None
    ) -> Look:
        return Look(self.moved, again, next_due, frozenset(lines))

    def _is_for_everybody(self) -> bool:
        segment = self.segment
        if self.filling or segment.asked != segment.answered:
            return True
        if segment.counted_at is None or segment.recounted_at is None:
            return True
        if self.as_of - segment.recounted_at >= RECOUNT_EVERY:
            return True
        return self._watch().needs_everybody(segment.counted_at, self.as_of, self.line.zone)

    def _watch(self) -> Watch:
        return Watch.over(self.asked.flips, self.asked.rule.reads)

    async def _pages(self) -> AsyncIterator[Sequence[int]]:
        rule: Rule | None = self.asked.rule
        if not self.everybody:
            assert self.segment.counted_at is not None
            rule = self._watch().may_have_changed(
                self.segment.counted_at, self.as_of, self.line.zone
            )
        after = 0
        while rule is not None:
            async with self.line.store.transaction() as session:
                if self.everybody:
                    ids = await differing(
                        session,
                        self.segment.id,
                        rule,
                        self.as_of,
                        self.line.zone,
                        after=after,
                        limit=PAGE,
                        only_enter=self.filling,
                    )
                else:
                    ids = await candidates(
                        session, rule, self.as_of, self.line.zone, after=after, limit=PAGE
                    )
            if not self.everybody and len(ids) == PAGE:
                # a round that is cut short would meet the same candidates again; of those who
                # differ fewer are left each time
                self.everybody, rule = True, self.asked.rule
                continue
            if ids:
                yield ids
            if len(ids) < PAGE:
                return
            after = ids[-1]

    async def _is_crowded(self) -> bool:
        if self.segment.counted_at is None:
            return False  # the first count makes no events
        async with self.line.store.transaction() as session:
            return await queue_is_longer_than(session, MOST_WAITING)

    async def _write(self, ids: Sequence[int]) -> set[int]:
        """One piece; the partitions that have new events."""
        asked, line = self.asked, self.line
        async with line.store.transaction() as session:
            await hold_stripes(session, ids)
            moment = Moment(line.now(), line.zone)
            facts = await load_facts(session, ids, asked.rule.reads, moment.now)
            holds = asked.rule.at(moment.now, moment.zone)
            moved = await decide(
                session,
                dict.fromkeys(ids, frozenset({asked.id})),
                facts,
                moment,
                lambda one, known: one if holds(known) else NOWHERE,
                line=self._partition,
                slot=OWN_SLOT,
                only_enter=self.filling,
            )
        self.moved += moved
        return set(map(self._partition, ids)) if moved else set()

    def _partition(self, contact_id: int) -> int:
        return partition_of(contact_id, self.line.partitions)

    async def _finish(self, took: float) -> None:
        async with self.line.store.transaction() as session:
            if self.everybody:
                await mend_size(session, self.segment.id)
            pause = await self._pause(session, took)
            next_due = None
            if not self.filling:
                soonest = await self._watch().next_look(
                    session, self.as_of, self.line.zone, exactly=took < EXACT_BELOW_SECONDS
                )
                next_due = max(soonest, self.as_of + pause)
            await write_look(
                session,
                self.segment,
                as_of=self.as_of,
                next_due=next_due,
                rests_until=self.as_of + pause,
                took_ms=round(took * 1000),
                everybody=self.everybody,
            )

    async def _pause(self, session: AsyncSession, took: float) -> timedelta:
        others = await self.line.due_later(session)
        seconds = min(took * SHARE * others, LONGEST_PAUSE.total_seconds())
        return max(timedelta(seconds=seconds), SHORTEST_PAUSE)
