"""Doing effects: claim, ask the world, record, and let the run go on.

The claim is committed before the world is asked. Whoever finds a claim whose lease has run out
knows that the deed may have been done, and asks the provider before anything is done again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import effects as rows
from crm_store.effects import EffectRow
from crm_store.runs import lock_runs
from crm_store.session import Store
from engine.channels.base import Channel
from engine.effects import EFFECTS, Outcome, Receipt
from engine.machines.journey import Answered
from engine.services.advancing import NO_FACTS, facts_for
from engine.services.messages import (
    Answer,
    NotSent,
    Prepared,
    SendAsk,
    SenderSettings,
    SendResult,
    Settlement,
    Unanswered,
    Verdict,
    decide,
    hand_over_all,
    prepare,
    record,
    settle,
    unanswered,
)
from engine.services.plans import Plans
from engine.services.templates import TemplateLibrary
from engine.services.travelling import Ledger, Written


@dataclass(frozen=True, slots=True)
class Performed:
    """What one group was: `handed_over` of those `taken` were given to the channel."""

    taken: int
    handed_over: int
    written: tuple[Written, ...]


@dataclass(slots=True)
class Performer:
    """Does the effects of one shard with one channel. `worker` names the process in claims."""

    store: Store
    plans: Plans
    channel: Channel
    library: TemplateLibrary
    sender: SenderSettings
    new_ledger: Callable[[datetime], Ledger]
    now: Callable[[], datetime]
    worker: str
    lease: timedelta

    async def perform_group(self, shard: int, limit: int) -> Performed:
        """One group: claim and prepare, commit, hand over, record and move on, commit.

        At most a group is ever between hand-over and record, so a crash leaves at most that many
        outcomes unclear.
        """
        prepared, first = await self._claim(shard, limit)
        results = await hand_over_all(self.channel, [sent for _, sent in prepared])
        answered = list(zip((effect for effect, _ in prepared), results, strict=True))
        second = await self._record(answered) if answered else Written()
        return Performed(first[0], len(prepared), (first[1], second))

    async def _claim(
        self, shard: int, limit: int
    ) -> tuple[list[tuple[EffectRow, Prepared]], tuple[int, Written]]:
        now = self.now()
        async with self.store.transaction() as session:
            taken = await rows.take_open(session, shard, "pending", now, limit)
            if not taken:
                return [], (0, Written())
            by_id = {effect.id: effect for effect in taken}
            book = await self.plans.book(session)
            names = {flow.id: flow.name for flow in book.flows.values()}
            outcomes = await prepare(
                session,
                [_send_ask(effect, names) for effect in taken],
                library=self.library,
                sender_settings=self.sender,
                channel_name=self.channel.name,
                now=now,
            )
            ready = [(by_id[o.ask.effect_id], o) for o in outcomes if isinstance(o, Prepared)]
            await rows.claim(session, [e.id for e, _ in ready], self.worker, now + self.lease)
            written = await self._answer_unsent(
                session, [(by_id[o.ask.effect_id], o) for o in outcomes if isinstance(o, NotSent)]
            )
        return ready, (len(taken), written)

    async def _answer_unsent(
        self, session: AsyncSession, unsent: Sequence[tuple[EffectRow, NotSent]]
    ) -> Written:
        open_ = [e.id for e, outcome in unsent if outcome.verdict is Verdict.UNSETTLED]
        # Found pending although a hand-over is open: make it look like what it is, to be settled.
        await rows.claim(session, open_, self.worker, self.now())
        return await self._answer(
            session,
            [(e, _receipt_of(o)) for e, o in unsent if o.verdict is not Verdict.UNSETTLED],
        )

    async def _record(self, answered: Sequence[tuple[EffectRow, SendResult]]) -> Written:
        now = self.now()
        receipts: list[tuple[EffectRow, Receipt]] = []
        again: list[tuple[int, datetime]] = []
        unclear: list[int] = []
        for effect, result in answered:
            match result.answer:
                case Answer.ACCEPTED:
                    receipts.append((effect, Receipt(Outcome.DONE, message_id=result.message_id)))
                case Answer.REFUSED:
                    receipts.append(
                        (effect, Receipt(Outcome.REFUSED, result.code, result.message_id))
                    )
                case Answer.UNREACHABLE:
                    self._later(effect, result, now, receipts, again)
                case Answer.UNCLEAR:
                    unclear.append(effect.id)
        async with self.store.transaction() as session:
            await record(session, [result for _, result in answered], now)
            await rows.put_back(session, again)
            await rows.extend_lease(session, unclear, now + timedelta(seconds=5))
            return await self._answer(session, receipts)

    def _later(
        self,
        effect: EffectRow,
        result: SendResult,
        now: datetime,
        receipts: list[tuple[EffectRow, Receipt]],
        again: list[tuple[int, datetime]],
    ) -> None:
        """Certainly not accepted: try again after a while, and at last tell the run."""
        kind = EFFECTS[effect.kind]
        if now - effect.created_at >= kind.give_up_after:
            receipts.append((effect, Receipt(Outcome.GAVE_UP, result.code, result.message_id)))
        else:
            delay = result.retry_after or kind.retry_delay(effect.attempts + 1)
            again.append((effect.id, now + delay))

    async def settle_left_behind(self, shard: int, limit: int) -> Performed:
        """Find claims whose lease ran out and settle each: done, do again, or *maybe done*.

        The provider is asked outside any transaction; the claim is renewed first, so that no other
        worker asks about the same effects meanwhile.
        """
        now = self.now()
        async with self.store.transaction() as session:
            left = await rows.take_open(session, shard, "handing_over", now, limit)
            await rows.extend_lease(session, [e.id for e in left], now + self.lease)
            open_messages = await unanswered(session, [effect.id for effect in left])
        if not left:
            return Performed(0, 0, ())
        settled = [(message, await self._ask(message)) for message in open_messages]
        return Performed(len(left), 0, (await self._settle(left, settled),))

    async def _ask(self, message: Unanswered) -> Settlement:
        return decide(await self.channel.ask(message.provider_key), message.purpose)

    async def _settle(
        self, left: Sequence[EffectRow], settled: Sequence[tuple[Unanswered, Settlement]]
    ) -> Written:
        now = self.now()
        by_id: dict[int, EffectRow] = {effect.id: effect for effect in left}
        never_handed_over = by_id.keys() - {message.effect_id for message, _ in settled}
        again = [(effect_id, now) for effect_id in sorted(never_handed_over)]
        receipts: list[tuple[EffectRow, Receipt]] = []
        for message, settlement in settled:
            effect = by_id[message.effect_id]
            match settlement:
                case Settlement.SENT:
                    receipts.append((effect, Receipt(Outcome.DONE, "asked", message.message_id)))
                case Settlement.MAYBE_SENT:
                    receipts.append(
                        (effect, Receipt(Outcome.MAYBE_DONE, "no_answer", message.message_id))
                    )
                case Settlement.SEND_AGAIN:
                    again.append((effect.id, now))
        async with self.store.transaction() as session:
            await settle(session, [(m.message_id, s) for m, s in settled], now)
            await rows.put_back(session, again)
            return await self._answer(session, receipts)

    async def _answer(
        self, session: AsyncSession, receipts: Sequence[tuple[EffectRow, Receipt]]
    ) -> Written:
        """Record receipts and let the runs go on from them, in one transaction."""
        if not receipts:
            return Written()
        ledger = self.new_ledger(self.now())
        await rows.answer(
            session,
            [(e.id, _state_of(receipt), _stored(receipt)) for e, receipt in receipts],
            ledger.now,
        )
        standing = await lock_runs(session, [effect.run_id for effect, _ in receipts])
        plans = await self.plans.plans(session, {row.flow_version_id for row in standing})
        facts = await facts_for(session, standing, plans, ledger.now)
        by_run: Mapping[int, list[tuple[EffectRow, Receipt]]] = _by_run(receipts)
        for row in standing:
            for effect, receipt in by_run[row.id]:
                if (row.node, row.visit) == (effect.node, effect.visit):
                    known = facts.get(row.subject_id, NO_FACTS)
                    ledger.move(row, plans[row.flow_version_id], Answered(receipt), known)
        return await ledger.write(session)


def _send_ask(effect: EffectRow, flow_names: Mapping[int, str]) -> SendAsk:
    return SendAsk(
        effect_id=effect.id,
        run_id=effect.run_id,
        flow_id=effect.flow_id,
        flow_name=flow_names.get(effect.flow_id, ""),
        node=effect.node,
        visit=effect.visit,
        contact_id=effect.subject_id,
        template=effect.ask["template"],
        purpose=effect.purpose,
    )


def _by_run(
    receipts: Sequence[tuple[EffectRow, Receipt]],
) -> dict[int, list[tuple[EffectRow, Receipt]]]:
    found: dict[int, list[tuple[EffectRow, Receipt]]] = defaultdict(list)
    for effect, receipt in receipts:
        found[effect.run_id].append((effect, receipt))
    return found


def _receipt_of(unsent: NotSent) -> Receipt:
    match unsent.verdict:
        case Verdict.WITHHELD:
            outcome = Outcome.WITHHELD
        case Verdict.ALREADY_SENT:
            outcome = Outcome.DONE
        case Verdict.HOLD:
            outcome = Outcome.CANNOT
        case _:
            outcome = Outcome.REFUSED
    details = {"message": unsent.message} if unsent.verdict is Verdict.HOLD else {}
    return Receipt(outcome, unsent.code, unsent.message_id, details=details)


def _state_of(receipt: Receipt) -> str:
    return "maybe_done" if receipt.outcome is Outcome.MAYBE_DONE else "done"


def _stored(receipt: Receipt) -> dict[str, Any]:
    stored: dict[str, Any] = {"outcome": receipt.outcome.value}
    if receipt.reason:
        stored["reason"] = receipt.reason
    if receipt.message_id:
        stored["message_id"] = receipt.message_id
    return stored
