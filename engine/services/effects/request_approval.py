"""Opening the request that a run waits for; who is asked is the request's own business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.approvals import contact_owners, read_requests
from crm_store.effects import EffectRow
from engine.effects import Outcome, Receipt
from engine.errors import NotFound
from engine.flows.words import Words
from engine.services.approvals.asking import Ask, InlineChain
from engine.services.approvals.endings import RUN, receipt_of
from engine.services.approvals.opening import open_requests
from engine.services.effects.base import Begun, Means, StillOurs, Verdicts
from engine.services.work import AfterCommit, Work, poke_after
from engine.steps.request_approval import one_level


@dataclass(frozen=True, slots=True)
class _Opened:
    """One of the asks has what is to be told to Temporal after the commit."""

    request_id: int
    after: AfterCommit | None = None


class RequestApproval:
    """The request commits with the claim, so it can be decided before any mail has arrived, and
    asking again finds it."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def prepare(
        self,
        session: AsyncSession,
        effects: Sequence[EffectRow],
        flow_names: Mapping[int, str],
        now: datetime,
    ) -> Begun:
        del flow_names
        shared = self._means.shared
        if shared is None:
            raise RuntimeError("requests are made by processes with the means of transactions")
        work = Work(session, now, shared)
        owners = await contact_owners(session, {effect.subject_id for effect in effects})
        ready: list[tuple[EffectRow, _Opened]] = []
        answered: list[tuple[EffectRow, Receipt]] = []
        for effects_of_chain in _by_chain(effects):
            asks = [_asked(effect, owners.get(effect.subject_id)) for effect in effects_of_chain]
            try:
                made = await open_requests(work, asks)
            except NotFound as missing:
                receipt = Receipt(
                    Outcome.CANNOT, "unknown_chain", details={"message": str(missing)}
                )
                answered += [(effect, receipt) for effect in effects_of_chain]
                continue
            for effect, id_ in zip(effects_of_chain, made, strict=True):
                ready.append((effect, _Opened(id_, None if ready else work.after)))
        return Begun(ready, answered)

    async def do(
        self, ready: Sequence[_Opened], *, still_ours: StillOurs, every: Any
    ) -> Sequence[_Opened]:
        del still_ours, every
        for one in ready:
            if one.after is not None and self._means.shared is not None:
                poke_after(self._means.pokes, self._means.shared, one.after)
        return ready

    async def record(
        self,
        session: AsyncSession,
        mine: Sequence[tuple[EffectRow, _Opened]],
        late: Sequence[tuple[EffectRow, _Opened]],
        now: datetime,
    ) -> Verdicts:
        """A run whose request is over already is told so at once."""
        del late, now
        opened = {effect.id: one.request_id for effect, one in mine}
        rows = {one.id: one for one in await read_requests(session, set(opened.values()))}
        verdicts = Verdicts()
        for effect, one in mine:
            row = rows.get(one.request_id)
            waits = Receipt(Outcome.DONE, details={"request": one.request_id})
            verdicts.receipts.append((effect, (receipt_of(row) if row else None) or waits))
        return verdicts

    async def open_cases(
        self, session: AsyncSession, effects: Sequence[EffectRow]
    ) -> Sequence[EffectRow]:
        """What a crash left between opening and recording."""
        del session
        return list(effects)

    async def ask(self, cases: Sequence[EffectRow]) -> Sequence[None]:
        return [None for _ in cases]

    async def settle(
        self,
        session: AsyncSession,
        ours: Sequence[EffectRow],
        cases: Sequence[EffectRow],
        known: Sequence[None],
        now: datetime,
    ) -> Verdicts:
        """Asking again finds the request that was opened."""
        del session, cases, known
        return Verdicts(again=[(effect.id, now) for effect in ours])


def _by_chain(effects: Sequence[EffectRow]) -> list[list[EffectRow]]:
    found: dict[str | None, list[EffectRow]] = {}
    for effect in effects:
        found.setdefault(effect.ask.get("chain"), []).append(effect)
    return list(found.values())


def _asked(effect: EffectRow, owner_id: int | None) -> Ask:
    """The contact's owner is the one on whose behalf it is asked, and does not decide it."""
    ask, said = effect.ask, effect.ask["said"]
    chain: str | InlineChain
    chain = ask["chain"] if "chain" in ask else InlineChain(one_level(ask["to"]))
    return Ask(
        chain=chain,
        subject_kind=RUN,
        subject_id=effect.run_id,
        requester_id=owner_id,
        owner_id=owner_id,
        title=Words(said["title"], said["title"]),
        body=Words(said["body"], said["body"]),
        key=f"effect:{effect.id}",
        contact_id=effect.subject_id,
        deadline=datetime.fromisoformat(ask["deadline"]),
        details={
            "effect": effect.id,
            "flow": effect.flow_id,
            "node": effect.node,
            "visit": effect.visit,
        },
    )
