"""Sending a message to the contact: marketing at most once, service at least once, and both exactly
once where the provider can tell."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.effects import EffectRow
from engine.channels.base import Channel, Known, Unreachable
from engine.effects import EFFECTS, Outcome, Receipt
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
from engine.services.receipts import (
    final,
    given_up,
    pause_after,
    receipt_of_settled,
    receipt_of_unsent,
    settlement_of,
)

ASKED_AT_ONCE = 8
ASK_AGAIN = timedelta(seconds=30)
SETTLE_SOON = timedelta(seconds=5)


class SendMessages:
    def __init__(self, means: Means) -> None:
        self._means = means

    async def prepare(
        self,
        session: AsyncSession,
        effects: Sequence[EffectRow],
        flow_names: Mapping[int, str],
        now: datetime,
    ) -> Begun:
        by_id = {effect.id: effect for effect in effects}
        outcomes = await prepare(
            session,
            [_send_ask(effect, flow_names) for effect in effects],
            library=self._means.library,
            sender_settings=self._means.sender,
            channel_name=self._means.channel.name,
            now=now,
        )
        unsent = [(by_id[o.ask.effect_id], o) for o in outcomes if isinstance(o, NotSent)]
        return Begun(
            ready=[(by_id[o.ask.effect_id], o) for o in outcomes if isinstance(o, Prepared)],
            answered=[
                (effect, receipt_of_unsent(one))
                for effect, one in unsent
                if one.verdict is not Verdict.UNSETTLED
            ],
            unsettled=[e.id for e, one in unsent if one.verdict is Verdict.UNSETTLED],
        )

    async def do(
        self, ready: Sequence[Prepared], *, still_ours: StillOurs, every: timedelta
    ) -> Sequence[SendResult]:
        return await hand_over_while(self._means.channel, ready, still_ours=still_ours, every=every)

    async def record(
        self,
        session: AsyncSession,
        mine: Sequence[tuple[EffectRow, SendResult]],
        late: Sequence[tuple[EffectRow, SendResult]],
        now: datetime,
    ) -> Verdicts:
        # Too late: somebody has settled it. That it was accepted after all is still news.
        accepted = [result for _, result in late if result.answer is Answer.ACCEPTED]
        await record(session, [*(final(e, result, now) for e, result in mine), *accepted], now)
        verdicts = Verdicts()
        for effect, result in mine:
            _sort(verdicts, effect, result, now)
        return verdicts

    async def open_cases(
        self, session: AsyncSession, effects: Sequence[EffectRow]
    ) -> Sequence[Unanswered]:
        return await unanswered(session, [effect.id for effect in effects])

    async def ask(self, cases: Sequence[Unanswered]) -> Sequence[Known | None]:
        """None where the provider does not answer now."""
        return await ask_all(self._means.channel, [case.provider_key for case in cases])

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
        await settle(session, settled, now)
        return verdicts


async def ask_all(channel: Channel, keys: Sequence[str]) -> list[Known | None]:
    """What the provider knows of messages by their keys; None when it does not answer now."""
    places = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(key: str) -> Known | None:
        async with places:
            try:
                return await channel.ask(key)
            except Unreachable:
                return None

    return list(await asyncio.gather(*(ask(key) for key in keys)))


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
