"""How each kind of work is found, given and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import handovers as rows
from crm_store.fact_borders import share_fact_borders
from engine.assignment.handing_over import Handed, Piece
from engine.services.handover.asked_hands import ApprovalHands, CaseHands
from engine.services.handover.hand import Back, Hand
from engine.services.looking_again import deals_given
from engine.services.work import Work


class Hands(Protocol):
    """One kind of work. `pieces` come by id behind `after`, held with `hold`; nothing is held by
    `look_back`."""

    async def pieces(
        self, session: AsyncSession, from_id: int, *, after: int, limit: int, hold: bool
    ) -> Sequence[Piece]: ...

    async def give(self, work: Work, hand: Hand, takers: Mapping[int, int]) -> frozenset[int]:
        """Give pieces to takers; those that were given. What cannot be given stays."""
        ...

    async def look_back(
        self, session: AsyncSession, hand: Hand, takers: Mapping[int, int]
    ) -> dict[int, Back]:
        """What `take_back` would do."""
        ...

    async def take_back(self, work: Work, hand: Hand, takers: Mapping[int, int]) -> dict[int, Back]:
        """Give back what the takers still have and is still open."""
        ...


@dataclass(frozen=True, slots=True)
class RecordHands:
    """Contacts, deals, tickets and tasks: whoever owns them."""

    kind: Handed

    async def pieces(
        self, session: AsyncSession, from_id: int, *, after: int, limit: int, hold: bool
    ) -> Sequence[Piece]:
        if hold and self.kind is Handed.DEAL:
            await share_fact_borders(session)
        found = await rows.pieces(session, self.kind, from_id, after=after, limit=limit, hold=hold)
        return [Piece(*row) for row in found]

    async def give(self, work: Work, hand: Hand, takers: Mapping[int, int]) -> frozenset[int]:
        del hand
        await self._write(work, takers)
        return frozenset(takers)

    async def look_back(
        self, session: AsyncSession, hand: Hand, takers: Mapping[int, int]
    ) -> dict[int, Back]:
        del hand
        return await self._look(session, takers, hold=False)

    async def take_back(self, work: Work, hand: Hand, takers: Mapping[int, int]) -> dict[int, Back]:
        if self.kind is Handed.DEAL:
            await share_fact_borders(work.session)
        backs = await self._look(work.session, takers, hold=True)
        returned = {id_: hand.from_id for id_, back in backs.items() if back is Back.RETURNED}
        await self._write(work, returned)
        return backs

    async def _write(self, work: Work, takers: Mapping[int, int]) -> None:
        await rows.give(work.session, self.kind, takers, work.now)
        if self.kind is Handed.DEAL:
            await deals_given(work.session, work.now, takers)

    async def _look(
        self, session: AsyncSession, takers: Mapping[int, int], *, hold: bool
    ) -> dict[int, Back]:
        found = await rows.find(session, self.kind, takers.keys(), hold=hold)
        return {id_: _back(found.get(id_), taker) for id_, taker in takers.items()}


def _back(found: rows.FoundRow | None, taker: int) -> Back:
    if found is None:
        return Back.GONE
    if not found.is_open:
        return Back.CLOSED
    return Back.RETURNED if found.owner_id == taker else Back.PASSED_ON


HANDS: Final[Mapping[Handed, Hands]] = {
    **{kind: RecordHands(kind) for kind in Handed if kind.value in rows.RECORDS},
    Handed.APPROVAL: ApprovalHands(),
    Handed.CASE: CaseHands(),
}
