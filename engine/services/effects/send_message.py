"""Sending a message to the contact: marketing at most once, service at least once, and both exactly
once where the provider can tell."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.effects import EffectRow
from crm_store.sent_messages import QUEUED, Wait, became_queued
from engine.channels.base import Channel, Known, Unreachable
from engine.effects import EFFECTS, Outcome, Receipt
from engine.services.channels import Channels, give_back
from engine.services.channels.ways import unknown_way
from engine.services.effects.base import Begun, Means, StillOurs, Verdicts
from engine.services.messages import (
    Answer,
    NotSent,
    Prepared,
    SendAsk,
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
from engine.services.messages.sent_events import SentEvents
from engine.services.messages.still_wanted import StillWanted
from engine.services.receipts import (
    final,
    given_up,
    pause_after,
    receipt_of_settled,
    receipt_of_unsent,
    settlement_of,
)
from engine.telemetry.counts import WITHHELD

ASKED_AT_ONCE = 8
ASK_AGAIN = timedelta(seconds=30)
SETTLE_SOON = timedelta(seconds=5)
_WAITS = (Verdict.LATER, Verdict.COLLECTED)


class SendMessages:
    def __init__(self, means: Means) -> None:
        self._means = means
        self._channels = Channels.of(means.channel, means.outgoing, means.secrets)
        self._sent = SentEvents(means.announcer)

    async def prepare(
        self,
        session: AsyncSession,
        effects: Sequence[EffectRow],
        flow_names: Mapping[int, str],
        now: datetime,
    ) -> Begun:
        by_id = {effect.id: effect for effect in effects}
        await self._channels.refresh(session)
        outcomes = await prepare(
            session,
            [_send_ask(effect, flow_names, self._channels) for effect in effects],
            library=self._means.library,
            sender_settings=self._means.sender,
            channel_name=self._means.channel.name,
            now=now,
            arbiter=self._means.arbiter,
            channels=self._channels,
        )
        unsent = [(by_id[o.ask.effect_id], o) for o in outcomes if isinstance(o, NotSent)]
        for _, one in unsent:
            WITHHELD.labels(one.verdict.value).inc()
        await self._queued(session, unsent, now)
        return Begun(
            ready=[(by_id[o.ask.effect_id], o) for o in outcomes if isinstance(o, Prepared)],
            answered=[
                (effect, receipt_of_unsent(one))
                for effect, one in unsent
                if one.verdict not in (Verdict.UNSETTLED, Verdict.LATER)
            ],
            unsettled=[e.id for e, one in unsent if one.verdict is Verdict.UNSETTLED],
            later=[(e.id, one.until) for e, one in unsent if one.until is not None],
        )

    async def _queued(
        self, session: AsyncSession, unsent: Sequence[tuple[EffectRow, NotSent]], now: datetime
    ) -> None:
        """Those that wait for their time, or for others to go with, are events of their people."""
        waiting = [(effect, one) for effect, one in unsent if one.verdict in _WAITS]
        if not waiting:
            return
        listeners = await self._sent.listeners(session, [e for e, _ in waiting], now, QUEUED)
        waits = [Wait(effect.id, one.code, one.until) for effect, one in waiting]
        await became_queued(session, waits, now, listeners.queue_in, listeners.said)

    async def do(
        self, ready: Sequence[Prepared], *, still_ours: StillOurs, every: timedelta
    ) -> Sequence[SendResult]:
        if self._means.store is not None:
            wanted = StillWanted(self._means.store, self._means.library, ready)
            ready = [wanted.asked_before_beginning(one) for one in ready]
        return await hand_over_while(self._channels, ready, still_ours=still_ours, every=every)

    async def record(
        self,
        session: AsyncSession,
        mine: Sequence[tuple[EffectRow, SendResult]],
        late: Sequence[tuple[EffectRow, SendResult]],
        now: datetime,
    ) -> Verdicts:
        # Too late: somebody has settled it. That it was accepted after all is still news.
        accepted = [result for _, result in late if result.answer is Answer.ACCEPTED]
        listeners = await self._sent.listeners(session, [e for e, _ in (*mine, *late)], now)
        answers = [*(final(e, result, now) for e, result in mine), *accepted]
        verdicts = Verdicts()
        verdicts.partitions |= await record(session, answers, now, listeners)
        # last, as others wait for these rows
        await give_back(session, [one for _, result in mine for one in result.give_back])
        for effect, result in mine:
            _sort(verdicts, effect, result, now)
        return verdicts

    async def open_cases(
        self, session: AsyncSession, effects: Sequence[EffectRow]
    ) -> Sequence[Unanswered]:
        # a process that has just begun knows no channel by name yet
        await self._channels.refresh(session)
        return await unanswered(session, [effect.id for effect in effects])

    async def ask(self, cases: Sequence[Unanswered]) -> Sequence[Known | None]:
        """None where the provider does not answer now."""
        return await ask_each(
            [partial(self._channels.ask_of, case.channel, case.provider_key) for case in cases]
        )

    async def settle(
        self,
        session: AsyncSession,
        ours: Sequence[EffectRow],
        cases: Sequence[Unanswered],
        known: Sequence[Known | None],
        now: datetime,
    ) -> Verdicts:
        by_id = {effect.id: effect for effect in ours}
        begun = {case.effect_id for case in cases}
        verdicts = Verdicts(again=[(id_, now) for id_ in sorted(by_id) if id_ not in begun])
        settled: list[tuple[int, Settlement]] = []
        for case, answer in zip(cases, known, strict=True):
            effect = by_id.get(case.effect_id)
            if effect is None:
                continue
            if answer is None:
                verdicts.unclear.append((effect.id, now + ASK_AGAIN))
                continue
            settlement = settlement_of(effect, answer, case.purpose)
            settled.append((case.message_id, settlement))
            receipt = receipt_of_settled(effect, case, settlement, now)
            if receipt is not None:
                verdicts.receipts.append((effect, receipt))
            else:
                verdicts.again.append((effect.id, now + pause_after(effect)))
        listeners = await self._sent.listeners(session, ours, now)
        verdicts.partitions |= await settle(session, settled, now, listeners)
        return verdicts


async def ask_all(channel: Channel, keys: Sequence[str]) -> list[Known | None]:
    """What the provider knows of messages by their keys; None when it does not answer now."""
    return await ask_each([partial(channel.ask, key) for key in keys])


async def ask_each(questions: Sequence[Callable[[], Awaitable[Known]]]) -> list[Known | None]:
    places = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(question: Callable[[], Awaitable[Known]]) -> Known | None:
        async with places:
            try:
                return await question()
            except Unreachable:
                return None

    return list(await asyncio.gather(*(ask(question) for question in questions)))


def _sort(verdicts: Verdicts, effect: EffectRow, result: SendResult, now: datetime) -> None:
    match result.answer:
        case Answer.ACCEPTED:
            verdicts.receipts.append((effect, Receipt(Outcome.DONE, message_id=result.message_id)))
        case Answer.REFUSED:
            refused = Receipt(Outcome.REFUSED, result.code, result.message_id)
            verdicts.receipts.append((effect, refused))
        case Answer.UNREACHABLE:
            late = given_up(effect, now, result.code, result.message_id)
            if late is not None:
                verdicts.receipts.append((effect, late))
                return
            delay = result.retry_after or EFFECTS[effect.kind].retry_delay(effect.attempts + 1)
            verdicts.again.append((effect.id, now + delay))
        case Answer.UNCLEAR:
            verdicts.unclear.append((effect.id, now + SETTLE_SOON))


def _send_ask(effect: EffectRow, flow_names: Mapping[int, str], channels: Channels) -> SendAsk:
    name = effect.ask.get("channel")
    way = channels.way(name) or unknown_way(str(name))
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
        channel=way.name,
        medium=way.medium,
        way=way,
        sender=effect.ask.get("sender"),
        waited=effect.put_off,
    )
