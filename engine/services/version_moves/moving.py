"""Carrying out a move, a page at a time: who can be moved is, who cannot is remembered."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import version_moves as rows
from crm_store.effects import cancel_pending
from crm_store.models import MoveState, VersionMove
from crm_store.run_control import latest_asks
from crm_store.runs import StandingRow, add_counts, lock_runs
from crm_store.version_moves import NewPlace
from crm_store.version_share import Share
from engine.flows.migration import Deed, Fit
from engine.flows.triggers.flow import FLOW_ENDED, FLOW_KIND
from engine.local_time import is_zone
from engine.machines.relocation import (
    Pinned,
    Relocated,
    Relocation,
    Situation,
    Stays,
    Way,
    relocate,
)
from engine.services.advancing import NO_FACTS, facts_for
from engine.services.asides import is_arriving
from engine.services.changes.announcing import Announcer
from engine.services.changes.causes import Cause
from engine.services.changes.run_events import RunEvent, lines_of, tell
from engine.services.plans import Plans
from engine.services.travelling import standing_of
from engine.services.version_moves.versions import way_of

log = logging.getLogger(__name__)

# Somebody who waits for an answer is looked at again after so long.
LOOK_AGAIN: Final = timedelta(seconds=10)
AT_DOOR: Final = "entered"


@dataclass(frozen=True, slots=True)
class MovedPage:
    """`again`: there is more to do now; `look_again` when somebody is waited for. `shards` of the
    flow have runs that are due, `partitions` have events: poke both after the commit.
    """

    looked_at: int = 0
    moved: int = 0
    again: bool = False
    look_again: datetime | None = None
    flow_id: int = 0
    shards: frozenset[int] = field(default_factory=frozenset)
    partitions: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Hands:
    """What a page is moved with. `slot` is that of the counters; without an announcer nobody is
    told who ended.
    """

    limit: int
    now: datetime
    default_zone: str
    announcer: Announcer | None = None
    slot: int = 0


async def move_page(
    session: AsyncSession, plans: Plans, move: VersionMove, hands: Hands
) -> MovedPage:
    """Move the next runs of a locked move that is running, in this transaction.

    The cursor moves with them, so after a crash it goes on from there and nobody is moved twice.
    """
    way, now = await way_of(session, plans, move), hands.now
    if way is None:
        log.error("move %s waits: its version cannot be followed", move.id)
        move.state, move.updated_at = MoveState.PAUSED, now
        return MovedPage()
    share = Share(way.plan.flow.name, way.from_number, way.to_number, move.percent)
    nodes = [name for name, answer in way.answers.items() if answer.deed is not Deed.LEAVE]
    ids = await rows.next_runs(session, move, nodes, share, hands.limit)
    if ids:
        move.cursor = ids[-1]
        return await _move(session, way, move, ids, hands)
    ids = await rows.next_waiting(session, move.id, now - LOOK_AGAIN, hands.limit)
    if ids:
        return await _move(session, way, move, ids, hands)
    waited_for = await rows.next_waiting(session, move.id, now + LOOK_AGAIN, 1)
    if waited_for:
        return MovedPage(look_again=now + LOOK_AGAIN)
    move.state, move.ended_at, move.updated_at = MoveState.DONE, now, now
    return MovedPage()


async def _move(
    session: AsyncSession,
    way: Way,
    move: VersionMove,
    ids: Sequence[int],
    hands: Hands,
) -> MovedPage:
    now = hands.now
    locked = await lock_runs(session, ids)
    meant = [
        row
        for row in locked
        if row.flow_version_id == move.from_version_id and row.state != "ended"
    ]
    found = await _relocations(session, way, meant, now, hands.default_zone)
    waiting = [(row.id, row.node) for row, one in found if isinstance(one, Pinned)]
    gone = set(ids) - {id_ for id_, _ in waiting}
    await rows.forget_waiting(session, move.id, gone)
    await rows.keep_waiting(session, move.id, waiting, now)
    moved = [(row, one) for row, one in found if isinstance(one, Relocated)]
    partitions = await _write(session, way, move, moved, hands)
    due = frozenset(row.shard for row, one in moved if one.standing.due_at is not None)
    return MovedPage(
        len(ids),
        len(moved),
        again=True,
        flow_id=move.flow_id,
        shards=due,
        partitions=partitions,
    )


async def _relocations(
    session: AsyncSession, way: Way, meant: Sequence[StandingRow], now: datetime, zone: str
) -> list[tuple[StandingRow, Relocation]]:
    ids = [row.id for row in meant]
    began = await rows.began(session, ids)
    asks: dict[int, dict[str, int]] = defaultdict(dict)
    asking = set()
    for ask in await latest_asks(session, ids):
        asks[ask.run_id][ask.node] = ask.visit
        if ask.is_open:
            asking.add(ask.run_id)
    facts = await facts_for(session, meant, {0: way.plan}, now) if _needs_facts(way) else {}
    found: list[tuple[StandingRow, Relocation]] = []
    for row in meant:
        situation = Situation(
            standing_of(row)._replace(outcome=row.outcome),
            began[row.id],
            at_door=(row.happening or {}).get("what") == AT_DOOR,
            has_open_ask=row.id in asking,
            has_untold=row.happening is not None and not is_arriving(row),
            asked=asks[row.id],
        )
        found.append((row, _relocate(way, situation, row, facts, now, zone)))
    return found


def _relocate(
    way: Way,
    situation: Situation,
    row: StandingRow,
    facts: Mapping[int, Any],
    now: datetime,
    default_zone: str,
) -> Relocation:
    """A fault in a step leaves its run where it is, and the thousand beside it alone."""
    zone = row.time_zone if row.time_zone and is_zone(row.time_zone) else default_zone
    known = facts.get(row.subject_id, NO_FACTS)
    try:
        return relocate(way, situation, known, subject_id=row.subject_id, now=now, zone=zone)
    except Exception:  # one poisoned run must not stop the move
        log.exception("run %s could not be moved and stays on its version", row.id)
        return Stays()


def _needs_facts(way: Way) -> bool:
    if way.plan.exit_rule is not None and way.pair.old.exit_when != way.plan.exit_rule.document:
        return True
    return any(
        way.pair.fit(name, answer) is Fit.RECOMPUTED
        for name, answer in way.answers.items()
        if name in way.pair.old.nodes
    )


async def _write(
    session: AsyncSession,
    way: Way,
    move: VersionMove,
    moved: Sequence[tuple[StandingRow, Relocated]],
    hands: Hands,
) -> frozenset[int]:
    """Positions, journal and counters together; the counters last, as everywhere. The partitions
    that have events of those who ended.
    """
    now = hands.now
    await rows.put(session, move.id, [_place(row, one, move) for row, one in moved], now)
    entries = [(row.id, {**one.entry, "move_id": move.id}) for row, one in moved]
    await rows.tell_journal(session, entries, now)
    ended = [(row, one) for row, one in moved if one.has_ended]
    await cancel_pending(session, [row.id for row, _ in ended], now)
    partitions = await _tell_ends(session, way.plan.flow.name, ended, hands)
    counts: Counter[tuple[int, str, str]] = Counter()
    for _, one in moved:
        counts.update((move.from_version_id, *count) for count in one.left)
        counts.update((move.to_version_id, *count) for count in one.entered)
    await add_counts(session, dict(counts), hands.slot)
    return partitions


async def _tell_ends(
    session: AsyncSession,
    flow: str,
    ended: Sequence[tuple[StandingRow, Relocated]],
    hands: Hands,
) -> frozenset[int]:
    """As at the end of any run, for whoever starts flows from it."""
    if not ended or hands.announcer is None:
        return frozenset()
    interest = await hands.announcer.interests.now(session)
    if not interest.wants_run(FLOW_ENDED, flow):
        return frozenset()
    events = [
        RunEvent(
            Cause(row.id, row.subject_id, flow, None),
            "ended",
            FLOW_KIND,
            FLOW_ENDED,
            {"flow": flow, "run_id": row.id, "outcome": one.standing.outcome},
        )
        for row, one in ended
    ]
    await tell(session, events, hands.now, hands.announcer.partitions)
    return lines_of(events, hands.announcer.partitions)


def _place(row: StandingRow, one: Relocated, move: VersionMove) -> NewPlace:
    standing = one.standing
    memo: dict[str, Any] = {}
    if standing.memo:
        memo["step"] = dict(standing.memo)
    if standing.visits:
        memo["visits"] = dict(standing.visits)
    happening = row.happening if one.keeps_happening else None
    if happening is None and standing.arriving:
        happening = {"what": "arrived"}
    # who is to be told something is due at once, and the time the step waits for stands with it
    due_at = row.due_at if one.keeps_happening and happening is not None else standing.due_at
    return NewPlace(
        row.id,
        move.from_version_id if one.has_ended else move.to_version_id,
        standing.node,
        standing.visit,
        standing.state,
        memo,
        due_at,
        standing.listens,
        happening,
        standing.outcome,
    )
