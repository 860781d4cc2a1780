"""Keeping members right: the segments that events may have changed are asked again, in batch.

Dispatch and recounts decide by the same function, under the same locks, by facts that were loaded
after the locks: whoever decides last knows everything that those before him knew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.dispatch import PendingEvent
from crm_store.recipients import hold_contacts_still
from crm_store.segment_members import Move, hold_stripes, memberships, write_moves
from crm_store.segments import bring_flips
from engine.local_time import local_date
from engine.rules import Facts, Reads, union
from engine.services.changes.causes import NO_CHAINS, Chains, said_of
from engine.services.segments.events import NAMES
from engine.services.segments.new_flips import flips_brought
from engine.services.segments.shelf import SegmentBook, SegmentShelf
from engine.telemetry.counts import SEGMENT_SECONDS, timed

NOWHERE: Final[frozenset[int]] = frozenset()

log = logging.getLogger(__name__)

# Segments to ask about a contact, by contact.
Concerned = Mapping[int, frozenset[int]]
# Those of the segments whose rule holds of a contact.
Verdict = Callable[[frozenset[int], Facts], frozenset[int]]
# The line that a contact's events wait in.
Line = Callable[[int], int]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Moment:
    """When is decided, and by whose calendar: the workspace's for everybody, so that memory and the
    database agree on members.
    """

    now: datetime
    zone: str


@dataclass(slots=True)
class Keeping:
    """One batch of events. `hold` comes before facts are loaded, `write` after."""

    book: SegmentBook
    concerned: Concerned = field(default_factory=dict)
    events: Sequence[PendingEvent] = ()
    held_at: datetime | None = None

    @classmethod
    async def hold(
        cls,
        session: AsyncSession,
        shelf: SegmentShelf,
        events: Sequence[PendingEvent],
        clock: Clock,
    ) -> Keeping:
        """Find whom the events concern, and keep others from deciding about them meanwhile."""
        book = await shelf.known(session)
        if not book.kept:
            return cls(book)
        found: dict[int, frozenset[int]] = {}
        for event in events:
            if ids := book.reach.of(event):
                found[event.contact_id] = found.get(event.contact_id, ids) | ids
        await hold_stripes(session, found.keys())
        if not found:
            return cls(book)
        # recounts may have decided by a later moment, and segments been edited, while we waited
        book = await shelf.book(session)
        kept = frozenset(book.kept)
        there = {contact: ids & kept for contact, ids in found.items()}
        return cls(book, there, events, clock())

    @property
    def reads(self) -> Reads:
        """What must be loaded."""
        ids = frozenset().union(*set(self.concerned.values()))
        return union([self.book.kept[id_].rule.reads for id_ in ids])

    async def write(
        self,
        session: AsyncSession,
        facts: Mapping[int, Facts],
        *,
        now: datetime,
        zone: str,
        partition: int,
        chains: Chains = NO_CHAINS,
    ) -> int:
        """Write who came and who went, and queue an event for each; how many there were."""
        if not self.concerned:
            return 0
        moments = (now, self.held_at, self.book.mark.counted_at)
        latest = max(moment for moment in moments if moment is not None)
        together = self.book.together
        moved = await decide(
            session,
            self.concerned,
            facts,
            Moment(latest, zone),
            lambda ids, known: together.holding(ids, known, latest, zone),
            line=lambda _: partition,
            slot=partition,
            chains=chains,
        )
        flips = flips_brought(self.book.ticking, self.book.reach, self.events, now)
        await bring_flips(session, flips, now)
        return moved


async def decide(
    session: AsyncSession,
    concerned: Concerned,
    facts: Mapping[int, Facts],
    moment: Moment,
    verdict: Verdict,
    *,
    line: Line,
    slot: int,
    only_enter: bool = False,
    chains: Chains = NO_CHAINS,
) -> int:
    """Ask the segments about the contacts and write what changed; how many moves there were. The
    caller holds the contacts' stripes, and loaded the facts after that.
    """
    asked = {contact: ids for contact, ids in concerned.items() if contact in facts}
    if not asked:
        return 0
    inside = await memberships(session, frozenset().union(*set(asked.values())), asked.keys())
    moves: list[Move] = []
    for contact, ids in asked.items():
        known = inside.get(contact, NOWHERE) & ids
        where, why = line(contact), said_of(chains.get(contact))
        holding = _verdict(verdict, contact, ids, facts[contact], known)
        moves += [Move(id_, contact, True, where, why) for id_ in holding - known]
        if not only_enter:
            moves += [Move(id_, contact, False, where, why) for id_ in known - holding]
    still_there = await hold_contacts_still(session, {move.contact_id for move in moves})
    moved = await write_moves(
        session,
        [move for move in moves if move.contact_id in still_there],
        names=NAMES,
        now=moment.now,
        day=local_date(moment.now, moment.zone),
        slot=slot,
    )
    return len(moved)


def _verdict(
    verdict: Verdict, contact: int, ids: frozenset[int], facts: Facts, otherwise: frozenset[int]
) -> frozenset[int]:
    try:
        with timed(SEGMENT_SECONDS):
            return verdict(ids, facts)
    except Exception:  # one poisoned contact must not stop the thousand beside it
        log.exception("segments could not be asked about contact %s", contact)
        return otherwise
