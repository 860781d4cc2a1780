"""Doing effects: claim, ask the world, record, and let the run go on.

The claim is committed before the world is asked. Whoever finds a claim whose lease has run out
knows that the deed may have been done, and asks the provider before anything is done again. While
the world is being asked the claim is renewed, and whoever lost it all the same changes nothing but
the message: the effect is somebody else's by then.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import effects as rows
from crm_store.effects import EffectRow
from crm_store.runs import StandingRow, lock_runs, set_aside
from crm_store.session import Store
from engine.channels.base import Channel, Known, Unreachable
from engine.effects import EFFECTS, Outcome, Receipt
from engine.machines.journey import Answered
from engine.services.advancing import NO_FACTS, facts_for
from engine.services.asides import stored, with_answer
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
    hand_over_while,
    prepare,
    record,
    settle,
    unanswered,
)
from engine.services.plans import Plans
from engine.services.receipts import (
    final,
    given_up,
    pause_after,
    receipt_of_settled,
    receipt_of_unsent,
    settlement_of,
    state_of,
)
from engine.services.templates import TemplateLibrary
from engine.services.travelling import Ledger, Written

log = logging.getLogger(__name__)

# The database is away for a moment, or chose us to end a deadlock. The answers are only in memory,
# so they are written again rather than lost.
PASSING = (OperationalError, InterfaceError, NoConnectionFree)
LONGEST_PAUSE_SECONDS = 5.0
ASKED_AT_ONCE = 8
ASK_AGAIN = timedelta(seconds=30)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Performed:
    """What one group was: `handed_over` of those `taken` were given to the channel."""

    taken: int
    handed_over: int
    written: tuple[Written, ...]


@dataclass(slots=True)
class _Claim:
    """Several effects in one hand. `name` is unlike any other claim's."""

    name: str
    effect_ids: list[int] = field(default_factory=list)


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
        outcomes unclear. A cancelled caller waits until the group is recorded.
        """
        claim = self._new_claim()
        prepared, (taken, first) = await self._claim(shard, limit, claim)
        if not prepared:
            return Performed(taken, 0, (first,))
        second = await _to_the_end(self._hand_over(prepared, claim))
        return Performed(taken, len(prepared), (first, second))

    async def settle_left_behind(self, shard: int, limit: int) -> Performed:
        """Find claims whose lease ran out and settle each: done, do again, or *maybe done*.

        The provider is asked outside any transaction; the claim is taken over first, so that no
        other worker asks about the same effects meanwhile.
        """
        claim, now = self._new_claim(), self.now()
        async with self.store.transaction() as session:
            left = await rows.take_open(session, shard, "handing_over", now, limit)
            claim.effect_ids = [effect.id for effect in left]
            await rows.take_over(session, claim.effect_ids, claim.name, now + self.lease)
            open_messages = await unanswered(session, claim.effect_ids)
        if not left:
            return Performed(0, 0, ())
        places = asyncio.Semaphore(ASKED_AT_ONCE)
        known = await asyncio.gather(*(self._ask(message, places) for message in open_messages))
        asked = list(zip(open_messages, known, strict=True))
        return Performed(len(left), 0, (await self._settle(left, asked, claim),))

    def _new_claim(self) -> _Claim:
        return _Claim(f"{self.worker}#{secrets.token_hex(6)}")

    async def _claim(
        self, shard: int, limit: int, claim: _Claim
    ) -> tuple[list[tuple[EffectRow, Prepared]], tuple[int, Written]]:
        now = self.now()
        async with self.store.transaction() as session:
            taken = await rows.take_open(session, shard, "pending", now, limit)
            if not taken:
                return [], (0, Written())
            await rows.cancel(session, [effect.id for effect in taken if not effect.wanted], now)
            by_id = {effect.id: effect for effect in taken if effect.wanted}
            names = (await self.plans.book(session)).names
            outcomes = await prepare(
                session,
                [_send_ask(effect, names) for effect in by_id.values()],
                library=self.library,
                sender_settings=self.sender,
                channel_name=self.channel.name,
                now=now,
            )
            ready = [(by_id[o.ask.effect_id], o) for o in outcomes if isinstance(o, Prepared)]
            claim.effect_ids = [effect.id for effect, _ in ready]
            await rows.claim(session, claim.effect_ids, claim.name, now + self.lease)
            written = await self._answer_unsent(
                session,
                [(by_id[o.ask.effect_id], o) for o in outcomes if isinstance(o, NotSent)],
                claim,
            )
        return ready, (len(taken), written)

    async def _answer_unsent(
        self, session: AsyncSession, unsent: Sequence[tuple[EffectRow, NotSent]], claim: _Claim
    ) -> Written:
        open_ = [e.id for e, outcome in unsent if outcome.verdict is Verdict.UNSETTLED]
        # Found pending although a hand-over is open: make it look like what it is, to be settled.
        await rows.claim(session, open_, claim.name, self.now())
        written = await self._answer(
            session,
            [(e, receipt_of_unsent(o)) for e, o in unsent if o.verdict is not Verdict.UNSETTLED],
        )
        return replace(written, reopened=len(open_))

    async def _hand_over(
        self, prepared: Sequence[tuple[EffectRow, Prepared]], claim: _Claim
    ) -> Written:
        results = await hand_over_while(
            self.channel,
            [sent for _, sent in prepared],
            still_ours=_Renewal(self, claim, time.monotonic()).renewed,
            every=self.lease / 4,
        )
        answered = list(zip((effect for effect, _ in prepared), results, strict=True))
        return await self._persistently(lambda: self._record(answered, claim))

    async def _persistently(self, write: Callable[[], Awaitable[Written]]) -> Written:
        """Write answers down, trying again for about as long as the claim lasts."""
        until = time.monotonic() + self.lease.total_seconds()
        pause = 0.05
        while True:
            try:
                return await write()
            except PASSING as error:
                if time.monotonic() > until:
                    raise
                log.warning("answers will be written again: %s", type(error.__cause__).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _record(
        self, answered: Sequence[tuple[EffectRow, SendResult]], claim: _Claim
    ) -> Written:
        now = self.now()
        async with self.store.transaction() as session:
            ours = await rows.lock_claimed(session, claim.effect_ids, claim.name)
            mine = [(effect, result) for effect, result in answered if effect.id in ours]
            # Too late: somebody has settled it. That it was accepted after all is still news.
            late = [
                result
                for effect, result in answered
                if effect.id not in ours and result.answer is Answer.ACCEPTED
            ]
            await record(session, [*(final(e, result, now) for e, result in mine), *late], now)
            receipts: list[tuple[EffectRow, Receipt]] = []
            again: list[tuple[int, datetime]] = []
            for effect, result in mine:
                self._sort(effect, result, now, receipts, again)
            await rows.put_back(session, again)
            unclear = [e.id for e, result in mine if result.answer is Answer.UNCLEAR]
            await rows.extend_lease(session, unclear, now + timedelta(seconds=5))
            written = await self._answer(session, receipts)
            return replace(written, reopened=len(again) + len(unclear))

    def _sort(
        self,
        effect: EffectRow,
        result: SendResult,
        now: datetime,
        receipts: list[tuple[EffectRow, Receipt]],
        again: list[tuple[int, datetime]],
    ) -> None:
        match result.answer:
            case Answer.ACCEPTED:
                receipts.append((effect, Receipt(Outcome.DONE, message_id=result.message_id)))
            case Answer.REFUSED:
                receipts.append((effect, Receipt(Outcome.REFUSED, result.code, result.message_id)))
            case Answer.UNREACHABLE:
                late = given_up(effect, now, result.code, result.message_id)
                if late is not None:
                    receipts.append((effect, late))
                    return
                delay = result.retry_after or EFFECTS[effect.kind].retry_delay(effect.attempts + 1)
                again.append((effect.id, now + delay))

    async def _ask(self, message: Unanswered, places: asyncio.Semaphore) -> Known | None:
        """What the provider knows; None when it does not answer now."""
        async with places:
            try:
                return await self.channel.ask(message.provider_key)
            except Unreachable:
                return None

    async def _settle(
        self,
        left: Sequence[EffectRow],
        asked: Sequence[tuple[Unanswered, Known | None]],
        claim: _Claim,
    ) -> Written:
        now = self.now()
        by_id: dict[int, EffectRow] = {effect.id: effect for effect in left}
        async with self.store.transaction() as session:
            ours = await rows.lock_claimed(session, by_id.keys(), claim.name)
            never_handed_over = ours - {message.effect_id for message, _ in asked}
            again = [(effect_id, now) for effect_id in sorted(never_handed_over)]
            receipts: list[tuple[EffectRow, Receipt]] = []
            settled: list[tuple[int, Settlement]] = []
            unknown: list[int] = []
            for message, known in asked:
                if message.effect_id not in ours:
                    continue
                if known is None:
                    unknown.append(message.effect_id)
                    continue
                effect = by_id[message.effect_id]
                settlement = settlement_of(effect, known, message.purpose)
                settled.append((message.message_id, settlement))
                if (receipt := receipt_of_settled(effect, message, settlement, now)) is not None:
                    receipts.append((effect, receipt))
                else:
                    again.append((effect.id, now + pause_after(effect)))
            await settle(session, settled, now)
            await rows.put_back(session, again)
            await rows.extend_lease(session, unknown, now + ASK_AGAIN)
            return await self._answer(session, receipts)

    async def _answer(
        self, session: AsyncSession, receipts: Sequence[tuple[EffectRow, Receipt]]
    ) -> Written:
        """Record receipts and let the runs go on from them, in one transaction.

        The answer for a run that may not move now is set aside for it.
        """
        if not receipts:
            return Written()
        ledger = self.new_ledger(self.now())
        await rows.answer(
            session,
            [(e.id, state_of(receipt), stored(receipt)) for e, receipt in receipts],
            ledger.now,
        )
        standing = await lock_runs(session, [effect.run_id for effect, _ in receipts])
        paused = (await self.plans.book(session)).paused
        plans = await self.plans.plans(session, {row.flow_version_id for row in standing})
        facts = await facts_for(session, standing, plans, ledger.now)
        by_run = _by_run(receipts)
        aside: list[tuple[int, dict[str, Any]]] = []
        for row in standing:
            plan = plans.get(row.flow_version_id)
            for effect, receipt in by_run[row.id]:
                if (row.node, row.visit) != (effect.node, effect.visit):
                    continue
                if plan is None or not _may_move(row, paused):
                    aside.append((row.id, with_answer(receipt)))
                else:
                    known = facts.get(row.subject_id, NO_FACTS)
                    ledger.move(row, plan, Answered(receipt), known)
        await set_aside(session, aside, ledger.now)
        return await ledger.write(session)


@dataclass(slots=True)
class _Renewal:
    """Renews a claim. `renewed_at` is by the monotonic clock of this process."""

    performer: Performer
    claim: _Claim
    renewed_at: float

    async def renewed(self) -> bool:
        """Whether the effects are still ours, and will be until the next time we are asked."""
        performer, ids = self.performer, self.claim.effect_ids
        began = time.monotonic()
        try:
            async with performer.store.transaction() as session:
                until = performer.now() + performer.lease
                kept = await rows.renew(session, ids, self.claim.name, until)
        except PASSING:
            return began - self.renewed_at < performer.lease.total_seconds() * 0.6
        self.renewed_at = began
        return kept == len(ids)


async def _to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Cancelling the caller does not cancel the work: what was handed over is also recorded."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


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


def _may_move(row: StandingRow, paused: frozenset[int]) -> bool:
    return row.state != "held" and row.flow_id not in paused
