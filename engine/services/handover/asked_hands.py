"""Handing over what waits for a person's word: voices in approvals, and escalations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import handovers
from crm_store.approvals import read_requests, seated_requests
from crm_store.escalations import CaseRow, lock_cases
from crm_store.handovers import CaseNow
from engine.assignment.handing_over import Piece
from engine.services.approvals import reassign_seats
from engine.services.escalations.handover import give_cases
from engine.services.handover.hand import Back, Hand
from engine.services.work import Work

# How a request that was decided meanwhile refuses.
_CLOSED = "closed"


class ApprovalHands:
    """Requests in which the person has a voice to give. One whose taker asked for it themselves, or
    has a voice in it already, stays."""

    async def pieces(
        self, session: AsyncSession, from_id: int, *, after: int, limit: int, hold: bool
    ) -> Sequence[Piece]:
        del hold
        ids = [one for one in await seated_requests(session, [from_id]) if one > after][:limit]
        titles = {one.id: one.title for one in await read_requests(session, ids)}
        return [Piece(one, label=titles.get(one, "")) for one in ids]

    async def give(self, work: Work, hand: Hand, takers: Mapping[int, int]) -> frozenset[int]:
        codes = await reassign_seats(work, hand.actor, hand.from_id, takers)
        return frozenset(id_ for id_, code in codes.items() if code is None)

    async def look_back(
        self, session: AsyncSession, hand: Hand, takers: Mapping[int, int]
    ) -> dict[int, Back]:
        del hand
        found = {one.id: one for one in await read_requests(session, takers)}
        backs = {
            id_: Back.GONE if id_ not in found else Back.CLOSED
            for id_ in takers
            if id_ not in found or found[id_].ended_at is not None
        }
        for taker, ids in _by_taker(takers):
            theirs = set(await seated_requests(session, [taker]))
            for id_ in ids:
                backs.setdefault(id_, Back.RETURNED if id_ in theirs else Back.PASSED_ON)
        return backs

    async def take_back(self, work: Work, hand: Hand, takers: Mapping[int, int]) -> dict[int, Back]:
        backs: dict[int, Back] = {}
        for taker, ids in _by_taker(takers):
            to = dict.fromkeys(ids, hand.from_id)
            codes = await reassign_seats(work, hand.actor, taker, to)
            for id_ in ids:
                backs[id_] = _back_of(codes[id_]) if id_ in codes else Back.GONE
        return backs


def _back_of(code: str | None) -> Back:
    if code is None:
        return Back.RETURNED
    return Back.CLOSED if code == _CLOSED else Back.PASSED_ON


class CaseHands:
    """Open escalations that the person has taken up, or that are about work of theirs."""

    async def pieces(
        self, session: AsyncSession, from_id: int, *, after: int, limit: int, hold: bool
    ) -> Sequence[Piece]:
        del hold
        found = await handovers.cases_of(session, from_id, after=after, limit=limit)
        return [Piece(id_, label=title) for id_, title in found]

    async def give(self, work: Work, hand: Hand, takers: Mapping[int, int]) -> frozenset[int]:
        return frozenset(await give_cases(work, hand.from_id, takers))

    async def look_back(
        self, session: AsyncSession, hand: Hand, takers: Mapping[int, int]
    ) -> dict[int, Back]:
        del hand
        found = await handovers.cases_now(session, takers)
        return {id_: _case_back(found.get(id_), taker) for id_, taker in takers.items()}

    async def take_back(self, work: Work, hand: Hand, takers: Mapping[int, int]) -> dict[int, Back]:
        held = {one.id: one for one in await lock_cases(work.session, list(takers))}
        backs = {id_: _case_back(held.get(id_), taker) for id_, taker in takers.items()}
        for taker, ids in _by_taker(takers):
            returned = [id_ for id_ in ids if backs[id_] is Back.RETURNED]
            await give_cases(work, taker, dict.fromkeys(returned, hand.from_id))
        return backs


def _has(case: CaseRow | CaseNow, user_id: int) -> bool:
    return case.ended_at is None and user_id in (case.acknowledged_by_id, case.owner_id)


def _case_back(case: CaseRow | CaseNow | None, taker: int) -> Back:
    if case is None:
        return Back.GONE
    if case.ended_at is not None:
        return Back.CLOSED
    return Back.RETURNED if _has(case, taker) else Back.PASSED_ON


def _by_taker(takers: Mapping[int, int]) -> Iterator[tuple[int, list[int]]]:
    grouped: dict[int, list[int]] = defaultdict(list)
    for id_, taker in sorted(takers.items()):
        grouped[taker].append(id_)
    yield from sorted(grouped.items())
