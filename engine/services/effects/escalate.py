"""Opening the case that a run waits for; who is told is the case's own business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.effects import EffectRow
from crm_store.escalations import contact_owners, lock_cases
from crm_store.taken_values import entry_events
from crm_store.tickets import hold_tickets
from engine.effects import Outcome, Receipt
from engine.errors import Refused
from engine.escalations.urgency import Urgency
from engine.flows.words import Words
from engine.services.effects.base import Begun, Means, StillOurs, Verdicts
from engine.services.escalations import InlinePolicy, OpenCase, open_case, pause_cases
from engine.services.escalations.telling_runs import receipt_of
from engine.services.work import AfterCommit, Work, poke_after
from engine.steps.escalate import ACKNOWLEDGED

# What a step of the release before asked for: one level, and its time was kept by the run.
_USUAL_WAIT: Final = "1d"
_TICKET: Final = "ticket"


@dataclass(frozen=True, slots=True)
class _Opened:
    """One of the asks has what is to be told to Temporal after the commit."""

    case_id: int
    after: AfterCommit | None = None


class Escalate:
    """The case is opened in the transaction that claims the ask, so doing it again finds it."""

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
            raise RuntimeError("cases are opened by processes that have the means of transactions")
        work = Work(session, now, shared)
        owners = await contact_owners(session, {effect.subject_id for effect in effects})
        tickets = await _tickets(session, effects)
        ready: list[tuple[EffectRow, _Opened]] = []
        answered: list[tuple[EffectRow, Receipt]] = []
        # everybody takes the rows of cases in one order, so that nobody waits in a circle
        for effect in sorted(effects, key=lambda one: (one.subject_id, one.flow_id, one.node)):
            ticket = tickets.get(effect.id)
            if ticket is not None and ticket["status"] in ("solved", "closed"):
                # what came before the case ends it too: nobody is told of what is over
                details = {"ticket": ticket["id"]}
                answered.append((effect, Receipt(Outcome.DONE, ACKNOWLEDGED, details=details)))
                continue
            case = _asked(effect, owners.get(effect.subject_id))
            try:
                case_id = await open_case(work, _about(case, ticket))
            except Refused as refusal:
                details = {"message": str(refusal)}
                answered.append((effect, Receipt(Outcome.CANNOT, refusal.code, details=details)))
            else:
                ready.append((effect, _Opened(case_id, None if ready else work.after)))
        await pause_cases(work, _TICKET, _waiting(tickets))
        return Begun(ready, answered)

    async def do(
        self, ready: Sequence[_Opened], *, still_ours: StillOurs, every: timedelta
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
        """Of a case that somebody has taken up already, the run is told so at once."""
        del late, now
        opened = {effect.id: one.case_id for effect, one in mine}
        cases = {one.id: one for one in await lock_cases(session, set(opened.values()))}
        verdicts = Verdicts()
        for effect, one in mine:
            case = cases.get(one.case_id)
            known = receipt_of(case) if case else Receipt(Outcome.GAVE_UP, "case_is_gone")
            waits = Receipt(Outcome.DONE, details={"case": one.case_id})
            verdicts.receipts.append((effect, known or waits))
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
        """Asking again finds the case that was opened."""
        del session, cases, known
        return Verdicts(again=[(effect.id, now) for effect in ours])


async def _tickets(
    session: AsyncSession, effects: Sequence[EffectRow]
) -> dict[int, Mapping[str, Any]]:
    """The ticket that each is about, by effect and locked. Left out is one that is not there, or
    not any more: its case is about the contact, so that somebody hears of it all the same."""
    asking = {one.id: one.run_id for one in effects if one.ask.get("about") == _TICKET}
    if not asking:
        return {}
    events = await entry_events(session, set(asking.values()))
    named = {run_id: _ticket_id(event) for run_id, event in events.items()}
    held = await hold_tickets(session, {one for one in named.values() if one is not None})
    return {
        effect_id: held[ticket_id]
        for effect_id, run_id in asking.items()
        if (ticket_id := named.get(run_id)) is not None and ticket_id in held
    }


def _ticket_id(event: Mapping[str, Any]) -> int | None:
    found = event.get("ticket_id")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _waiting(tickets: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Those that wait for the customer."""
    return sorted({one["id"] for one in tickets.values() if one["status"] == "pending"})


def _about(case: OpenCase, ticket: Mapping[str, Any] | None) -> OpenCase:
    if ticket is None:
        return case
    id_ = ticket["id"]
    return replace(
        case,
        subject_kind=_TICKET,
        subject_id=id_,
        contact_id=case.subject_id,
        owner_id=ticket["owner_id"] or case.owner_id,
        path=f"/tickets/{id_}",
    )


def _asked(effect: EffectRow, owner: tuple[int, str | None] | None) -> OpenCase:
    ask, said = effect.ask, effect.ask["said"]
    visit = ask.get("case", effect.visit)
    return OpenCase(
        policy=ask["policy"] if "policy" in ask else _inline(effect),
        subject_kind="contact",
        subject_id=effect.subject_id,
        title=Words(said["title"], said["title"]),
        body=Words(said["body"], said["body"]),
        urgency=Urgency.NORMAL,
        key=f"flow/{effect.run_id}/{effect.node}/{visit}",
        owner_id=owner[0] if owner else None,
        team=owner[1] if owner else None,
        run=(effect.run_id, effect.node, effect.visit),
        path=f"/contacts/{effect.subject_id}",
    )


def _inline(effect: EffectRow) -> InlinePolicy:
    """The levels of the step as a policy: by the time of the clock, and over by itself."""
    ask = effect.ask
    document: dict[str, Any] = {
        "time": "clock",
        "levels": ask.get("levels") or [{"to": ask["to"]}],
        "wait": ask.get("timeout", _USUAL_WAIT),
        "once_taken_up": "resolve",
        "at_the_end": "resolve",
        "if_nobody": "end",
    }
    return InlinePolicy(f"flow/{effect.flow_id}/{effect.node}", document)
