"""Handing over what people were told: claim, commit, send, record, as effects are done.

At least once: after a crash the provider is asked where it can be asked, and where it cannot the
same mail goes again, a few times at most.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError

from crm_store import notice_deliveries as rows
from crm_store.notice_deliveries import Conclusion, DeliveryRow
from crm_store.session import Store
from engine.channels.base import Known, OutgoingMessage, Sender, Unreachable
from engine.effects import NOTIFY
from engine.services.channels import DEFAULT, Channels, Way
from engine.services.effects.doing import do_while
from engine.services.messages import Answer, Settlement
from engine.services.messages.drafting import PAUSED_AGAIN
from engine.services.telling.letters import Letter, Said, fault, hand_over, settlement, text_of

# Those that a mail server is asked about at once.
ASKED_AT_ONCE: Final = 8
ASK_AGAIN: Final = timedelta(seconds=30)
SETTLE_SOON: Final = timedelta(seconds=5)
_SETTLED: Final = {Settlement.SENT: "sent", Settlement.MAYBE_SENT: "maybe_sent"}


@dataclass(frozen=True, slots=True)
class Mailing:
    """One per process. `worker` names it in claims; `lease` is longer than any hand-over."""

    store: Store
    channels: Channels
    sender: Sender
    public_url: str
    now: Callable[[], datetime]
    worker: str
    lease: timedelta = timedelta(seconds=60)

    async def mail(self, limit: int) -> int:
        """One group that waits; how many were taken."""
        claim, now = self._new_claim(), self.now()
        async with self.store.transaction() as session:
            await self.channels.refresh(session)
            taken = await rows.take_waiting(session, claim, now, now + self.lease, limit)
            paused = [one for one in taken if self._way(one).paused]
            later = [
                Conclusion(one.id, "waiting", "channel_paused", now + PAUSED_AGAIN, untried=True)
                for one in paused
            ]
            await rows.conclude(session, later, claim, now)
        ready = [one for one in taken if not self._way(one).paused]
        if ready:
            await self._record(ready, await self._do(ready, claim), claim)
        return len(taken)

    async def settle(self, limit: int) -> int:
        """Those that were left behind: sent, to be sent again, or *maybe sent*."""
        claim, now = self._new_claim(), self.now()
        async with self.store.transaction() as session:
            await self.channels.refresh(session)
            left = await rows.take_left_behind(session, claim, now, now + self.lease, limit)
        if not left:
            return 0
        known = await self._ask(left)
        async with self.store.transaction() as session:
            asked = [
                (one, answer) for one, answer in zip(left, known, strict=True) if answer is not None
            ]
            ended = [self._settled(*case) for case in asked]
            await rows.conclude(session, ended, claim, self.now())
            # those whose provider does not answer now are still ours
            await rows.renew(session, [one.id for one in left], claim, now + ASK_AGAIN)
        return len(left)

    async def next_due(self) -> datetime | None:
        async with self.store.transaction() as session:
            return await rows.next_delivery(session)

    def _new_claim(self) -> str:
        return f"{self.worker}#{secrets.token_hex(6)}"

    def _way(self, delivery: DeliveryRow) -> Way:
        """The channel it was meant for; the default one where that cannot be used, for somebody
        must hear of it."""
        way = self.channels.way(delivery.channel)
        if way is None or way.trouble is not None:
            return self.channels.way(None) or Way(None, DEFAULT)
        return way

    async def _do(self, ready: Sequence[DeliveryRow], claim: str) -> Sequence[Said]:
        renewal = _Renewal(self, claim, [one.id for one in ready], time.monotonic())
        answers = await do_while(
            [partial(self._send, one) for one in ready],
            cut_off=None,
            fault=fault,
            still_ours=renewal.renewed,
            every=self.lease / 4,
        )
        return [
            said or Said(one.id, Answer.UNCLEAR, "unclear")
            for one, said in zip(ready, answers, strict=True)
        ]

    async def _send(self, delivery: DeliveryRow) -> Said | None:
        if not delivery.active:
            return Said(delivery.id, Answer.REFUSED, "left")
        way = self._way(delivery)
        meant = way.name == delivery.channel
        address = (way.room or delivery.address) if meant else delivery.email
        if not address:
            return Said(delivery.id, Answer.REFUSED, "no_address")
        identity = self.channels.identity(way.identity) if way.identity else None
        # whoever has this link answers in their name: it goes to their own mail and nowhere else
        own_mail = way.medium == "email" and address == delivery.email
        action_path = delivery.action_path if own_mail else ""
        text = text_of(
            delivery.body, delivery.path, action_path, delivery.language, self.public_url
        )
        mail = OutgoingMessage(
            provider_key=delivery.provider_key,
            sender=identity.sender if identity else self.sender,
            to=address,
            subject=delivery.title,
            text=text if way.medium == "email" else f"{delivery.title}\n{text}",
            headers={"Auto-Submitted": "auto-generated"} if way.medium == "email" else {},
            medium=way.medium,
            channel=way.name,
        )
        return await hand_over(self.channels, Letter(delivery.id, mail))

    async def _record(self, ready: Sequence[DeliveryRow], said: Sequence[Said], claim: str) -> None:
        now = self.now()
        ended = [_concluded(one, answer, now) for one, answer in zip(ready, said, strict=True)]
        async with self.store.transaction() as session:
            await rows.conclude(session, [one for one in ended if one is not None], claim, now)
            unclear = [one.id for one, end in zip(ready, ended, strict=True) if end is None]
            # found by `settle` soon, and by nobody before
            await rows.renew(session, unclear, claim, now + SETTLE_SOON)

    async def _ask(self, left: Sequence[DeliveryRow]) -> Sequence[Known | None]:
        places = asyncio.Semaphore(ASKED_AT_ONCE)

        async def ask(delivery: DeliveryRow) -> Known | None:
            stored = delivery.channel or self.channels.name
            async with places:
                try:
                    return await self.channels.ask_of(stored, delivery.provider_key)
                except Unreachable:
                    return None

        return await asyncio.gather(*(ask(one) for one in left))

    def _settled(self, delivery: DeliveryRow, known: Known) -> Conclusion:
        now = self.now()
        what = settlement(known, delivery.attempts)
        if what is Settlement.SEND_AGAIN:
            return _again(delivery, "no_answer", now, timedelta())
        return Conclusion(delivery.id, _SETTLED[what], "settled")


def _concluded(delivery: DeliveryRow, said: Said, now: datetime) -> Conclusion | None:
    """None where nobody knows yet whether it went."""
    match said.answer:
        case Answer.ACCEPTED:
            return Conclusion(delivery.id, "sent")
        case Answer.REFUSED:
            return Conclusion(delivery.id, "refused", said.code)
        case Answer.UNREACHABLE:
            pause = said.retry_after or NOTIFY.retry_delay(delivery.attempts)
            return _again(delivery, said.code, now, pause)
        case _:
            return None


def _again(delivery: DeliveryRow, code: str | None, now: datetime, pause: timedelta) -> Conclusion:
    tried_enough = delivery.attempts >= NOTIFY.fewest_tries
    if tried_enough and now - delivery.created_at >= NOTIFY.give_up_after:
        return Conclusion(delivery.id, "gave_up", code)
    return Conclusion(delivery.id, "waiting", code, now + pause)


@dataclass(slots=True)
class _Renewal:
    """Renews a claim. `renewed_at` is by the monotonic clock of this process."""

    mailing: Mailing
    claim: str
    ids: Sequence[int]
    renewed_at: float
    passing: tuple[type[Exception], ...] = field(default=(OperationalError, InterfaceError))

    async def renewed(self) -> bool:
        """Whether they are still ours, and will be until the next time we are asked."""
        mailing, began = self.mailing, time.monotonic()
        try:
            async with mailing.store.transaction() as session:
                until = mailing.now() + mailing.lease
                kept = await rows.renew(session, self.ids, self.claim, until)
        except self.passing:
            return began - self.renewed_at < mailing.lease.total_seconds() * 0.6
        self.renewed_at = began
        return kept == len(self.ids)
