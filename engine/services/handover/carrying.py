"""Carrying handovers out, a page a transaction: what is written there, a crash cannot undo, and
what is not written there is simply done again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from crm_store import handovers as rows
from crm_store.handovers import NewItem
from crm_store.models import Handover, HandoverState
from engine.assignment.handing_over import Handed, Share
from engine.services import audit
from engine.services.handover.dealing import dealer_of, load_of
from engine.services.handover.hand import hand_of
from engine.services.handover.hands import HANDS
from engine.services.handover.starting import begin_return, kind_after
from engine.services.handover.telling import tell_given, tell_not_returned, tell_returned
from engine.services.work import Work

# Records in one transaction: they are locked for as long, so others wait for them.
PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Carried:
    """`again`: there is more to do now; `next_return` is when work is to be given back."""

    looked_at: int = 0
    again: bool = False
    next_return: datetime | None = None


async def carry_on(work: Work, limit: int = PAGE) -> Carried:
    """The next page of the oldest handover that is under way and not being worked on elsewhere."""
    await _begin_returns(work)
    handover = await rows.next_under_way(work.session, 0)
    if handover is None:
        return Carried(next_return=await rows.next_return(work.session))
    if handover.state == HandoverState.RUNNING:
        count = await _give(work, handover, limit)
    else:
        count = await _return(work, handover, limit)
    handover.updated_at = work.now
    return Carried(count, again=True)


async def _give(work: Work, handover: Handover, limit: int) -> int:
    kind = Handed(handover.kind)
    share = Share.from_json(handover.shares[kind])
    hands, people = HANDS[kind], await work.directory()
    found = await hands.pieces(
        work.session, handover.from_user_id, after=handover.cursor, limit=limit, hold=True
    )
    if not found:
        await _next_kind(work, handover)
        return 0
    contacts = {one.contact_id for one in found if one.contact_id is not None}
    dealer = dealer_of(
        kind,
        share,
        people,
        counts_of(handover.given, kind),
        await load_of(work.session, {kind: share}),
        await rows.takers_of_contacts(work.session, handover.id, contacts),
    )
    takers = {piece.id: dealer.taker_of(piece) for piece in found}
    given = await hands.give(work, await hand_of(work.session, handover, people), takers)
    new = [NewItem(kind, id_, takers[id_]) for id_ in sorted(given)]
    await rows.add_items(work.session, handover.id, new, work.now)
    counts = Counter(one.to_user_id for one in new)
    handover.given = added(handover.given, kind, counts)
    handover.cursor = found[-1].id
    await _note(work, handover, "hand_over", kind, counts)
    return len(found)


async def _return(work: Work, handover: Handover, limit: int) -> int:
    kind = Handed(handover.kind)
    page = await rows.items(work.session, handover.id, kind, after=handover.cursor, limit=limit)
    if not page:
        await _next_kind(work, handover)
        return 0
    takers = {one.record_id: one.to_user_id for one in page}
    hand = await hand_of(work.session, handover, await work.directory())
    backs = await HANDS[kind].take_back(work, hand, takers)
    await rows.came_back(work.session, handover.id, kind, backs)
    counts = Counter(back.value for back in backs.values())
    handover.returned = added(handover.returned, kind, counts)
    handover.cursor = page[-1].record_id
    await _note(work, handover, "give_back", kind, counts)
    return len(page)


async def _next_kind(work: Work, handover: Handover) -> None:
    following = kind_after(handover)
    if following is not None:
        handover.kind, handover.cursor = following, 0
        return
    handover.ended_at = work.now
    if handover.state == HandoverState.RUNNING:
        handover.state = HandoverState.DONE
        await tell_given(work, handover)
    else:
        handover.state = HandoverState.RETURNED
        await tell_returned(work, handover)


async def _begin_returns(work: Work) -> None:
    """Those whose day has come. Somebody who is away for longer gets it when they are back; to
    somebody who has left nothing is given back, and whoever asked for the handover is told."""
    due = await rows.due_returns(work.session, work.now)
    if not due:
        return
    people = await work.directory()
    for handover in due:
        whose = handover.from_user_id
        back = [one.ends_at for one in people.absences.get(whose, ()) if one.covers(work.now)]
        if not people.is_active(whose):
            handover.return_at = None
            await tell_not_returned(work, handover)
        elif back:
            handover.return_at = max(back)
        elif await rows.under_way_of(work.session, whose) is None:
            begin_return(handover, work.now)
    await work.session.flush()


def counts_of(given: Mapping[str, Any], kind: Handed) -> dict[int, int]:
    return {int(taker): count for taker, count in given.get(kind, {}).items()}


def added(
    counts: Mapping[str, Any], kind: Handed, more: Mapping[Any, int]
) -> dict[str, dict[str, int]]:
    """A new document, because the old one is what the session compares it with."""
    of_kind = Counter(counts.get(kind, {}))
    of_kind.update({str(key): count for key, count in more.items()})
    return {**counts, kind.value: dict(of_kind)}


async def _note(
    work: Work, handover: Handover, verb: str, kind: Handed, counts: Mapping[Any, int]
) -> None:
    """One row of the audit for a page."""
    actor = (await hand_of(work.session, handover, await work.directory())).actor
    said = {str(key): count for key, count in counts.items()}
    after = {"handover_id": handover.id, "kind": kind.value, "counts": said}
    await audit.record(work.session, actor, verb, "user", handover.from_user_id, after=after)
