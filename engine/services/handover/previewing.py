"""What a handover, or its return, would do now; nothing is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import handovers as rows
from engine.assignment.handing_over import Handed, Piece, Share, Way, read_shares
from engine.errors import NotFound
from engine.people import Directory
from engine.services.actor import Actor
from engine.services.handover.dealing import dealer_of, load_of
from engine.services.handover.hand import Back, hand_of
from engine.services.handover.hands import HANDS, Hands
from engine.services.handover.permissions import may_hand_over, may_look
from engine.services.work import Work

SAMPLES: Final = 5
_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Sample:
    id: int
    label: str
    to_id: int


@dataclass(frozen=True, slots=True)
class KindPreview:
    """`takers` says how many of `count` each would get, by id."""

    kind: Handed
    way: Way
    count: int
    takers: Mapping[int, int]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """`following_runs` are runs of this person's contacts: they ask for the owner when they need
    one, so they follow their contacts by themselves. `absent` are takers who are away now."""

    from_id: int
    kinds: tuple[KindPreview, ...]
    following_runs: int
    absent: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReturnPreview:
    """By kind, how many would come back, and how many stay and why."""

    handover_id: int
    kinds: Mapping[Handed, Mapping[Back, int]]


async def preview(work: Work, actor: Actor, from_id: int, shares: Any) -> Preview:
    """Counts and samples of what would change hands now. Raises NotFound, and Refused with every
    mistake in the plan."""
    people = await work.directory()
    if from_id not in people.people:
        raise NotFound(f"There is no user {from_id}.")
    plan = read_shares(shares, from_id, people)
    may_hand_over(actor, from_id, plan)
    load, contacts = await load_of(work.session, plan), dict[int, int]()
    kinds = []
    for kind, share in plan.items():
        kinds.append(await _kind(work.session, kind, share, people, from_id, load, contacts))
    takers = {taker for share in plan.values() for taker in share.takers}
    return Preview(
        from_id,
        tuple(kinds),
        await rows.runs_with(work.session, from_id) if Handed.CONTACT in plan else 0,
        tuple(sorted(one for one in takers if people.is_absent(one, work.now))),
    )


async def _kind(
    session: AsyncSession,
    kind: Handed,
    share: Share,
    people: Directory,
    from_id: int,
    load: dict[int, int],
    contacts: dict[int, int],
) -> KindPreview:
    dealer = dealer_of(kind, share, people, {}, load, contacts)
    samples: list[Sample] = []
    count = 0
    async for piece in _pieces(session, HANDS[kind], from_id):
        taker = dealer.taker_of(piece)
        count += 1
        if kind is Handed.CONTACT:
            contacts[piece.id] = taker
        if len(samples) < SAMPLES:
            samples.append(Sample(piece.id, piece.label, taker))
    return KindPreview(kind, share.way, count, dict(sorted(dealer.given.items())), tuple(samples))


async def _pieces(session: AsyncSession, hands: Hands, from_id: int) -> AsyncIterator[Piece]:
    after = 0
    while True:
        page = await hands.pieces(session, from_id, after=after, limit=_PAGE, hold=False)
        for piece in page:
            yield piece
        if len(page) < _PAGE:
            return
        after = page[-1].id


async def preview_return(work: Work, actor: Actor, handover_id: int) -> ReturnPreview:
    """What giving back would do now. Raises NotFound."""
    handover = await rows.handover_of(work.session, handover_id)
    if handover is None:
        raise NotFound(f"There is no handover {handover_id}.")
    may_look(actor, handover.from_user_id)
    hand = await hand_of(work.session, handover, await work.directory())
    found: dict[Handed, dict[Back, int]] = {}
    for name in handover.shares:
        kind, after, counts = Handed(name), 0, Counter[Back]()
        while page := await rows.items(work.session, handover.id, kind, after=after, limit=_PAGE):
            takers = {one.record_id: one.to_user_id for one in page}
            backs = await HANDS[kind].look_back(work.session, hand, takers)
            counts.update(backs.values())
            after = page[-1].record_id
        found[kind] = dict(counts)
    return ReturnPreview(handover.id, found)
