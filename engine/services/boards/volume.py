"""Send volume against what is allowed: rates, warm-up plans and caps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import channels as channel_rows
from crm_store.boards import volume as rows
from engine.services.actor import Actor, allowed
from engine.services.boards.stretch import Stretch
from engine.services.channels.registry import warm_up_of
from engine.services.channels.ways import DEFAULT
from engine.services.sending.shelf import PolicyShelf

_USUAL: Final = ("email", "mailbox", "null", "sendgrid", "smtp")


@dataclass(frozen=True, slots=True)
class Rate:
    """What a channel may send a second."""

    channel: str
    per_second: float


@dataclass(frozen=True, slots=True)
class SendVolume:
    """`days` are messages by channel and day (UTC); `allowed` is the most of a warm-up plan by
    channel and day. `crowding` says on how many days of people somebody got so many marketing
    messages, `per_day` the strictest daily cap of the house, None where there is none. `waits` is
    how many messages waited, by reason."""

    days: Mapping[tuple[str, date], int]
    channels: Sequence[str]
    allowed: Mapping[tuple[str, date], int]
    rates: Sequence[Rate]
    busiest_second: int
    crowding: Sequence[tuple[int, int]]
    per_day: int | None
    waits: Sequence[tuple[str, int]]

    @property
    def over_cap(self) -> int:
        """Days of people with more marketing messages than the daily cap of now allows."""
        if self.per_day is None:
            return 0
        return sum(times for messages, times in self.crowding if messages > self.per_day)


async def send_volume(session: AsyncSession, actor: Actor, stretch: Stretch) -> SendVolume:
    """Raises NotAllowed."""
    allowed(actor, "read", "message")
    span = (session, stretch.since, stretch.until)
    days = {(row.channel, row.day): row.messages for row in await rows.volumes(*span)}
    plans, rates = await _limits(session, stretch)
    policy = (await PolicyShelf().house(session)).policy
    daily = [cap.most for cap in policy.caps if cap.per == "day" and not cap.scope.topics]
    return SendVolume(
        days=days,
        channels=sorted({channel for channel, _ in days}),
        allowed=plans,
        rates=rates,
        busiest_second=await rows.busiest_second(*span),
        crowding=[(row.messages, row.times) for row in await rows.crowding(*span, stretch.zone)],
        per_day=min(daily, default=None),
        waits=[(row.reason, row.messages) for row in await rows.waits(*span)],
    )


async def _limits(
    session: AsyncSession, stretch: Stretch
) -> tuple[dict[tuple[str, date], int], list[Rate]]:
    plans: dict[tuple[str, date], int] = {}
    rates: list[Rate] = []
    for row in await channel_rows.channels(session):
        if row.per_second is not None:
            rates.append(Rate(row.name, row.per_second))
        plan = warm_up_of(row.warm_up)
        for day in stretch.days() if plan is not None else ():
            most = plan.most_on(day) if plan is not None else None
            for name in _USUAL if row.name == DEFAULT else (row.name,):
                if most is not None:
                    plans[name, day] = most
    return plans, rates
