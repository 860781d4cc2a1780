"""Many people unsubscribing while mail to all of them is being sent by several performers."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field, replace

from sqlalchemy import text

from crm_store.session import Store
from engine.activities.parts import Parts
from engine.channels.base import Known, OutgoingMessage
from engine.channels.pace import Pace
from engine.services import consent
from engine.services.actor import SYSTEM
from engine.services.messages import until_nothing_is_under_way
from engine.services.pokes import NoPokes
from tests.driving.world import SIZES, START, library, sender_settings
from tests.messages.people import add_contacts
from tests.sending.asking import asked, let

PERFORMERS = 6
LEAVING_AT_ONCE = 8


@dataclass
class Slow:
    """A channel that takes a few milliseconds and remembers when each message began: the moment at
    which nobody could stop it any more."""

    name: str = "slow"
    group_size: int = 50
    handed_over: dict[str, float] = field(default_factory=dict)

    async def send(self, message: OutgoingMessage) -> None:
        await asyncio.sleep(random.uniform(0, 0.01))
        await message.begins()
        assert message.to not in self.handed_over
        self.handed_over[message.to] = time.monotonic()

    async def ask(self, provider_key: str) -> Known:
        del provider_key
        return Known.CANNOT_TELL

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class Paced(Slow):
    """One that lets a message through each 25 milliseconds, and has a group wait for that."""

    group_size: int = 16
    pace: Pace = field(default_factory=lambda: Pace(40))

    async def send(self, message: OutgoingMessage) -> None:
        assert await self.pace.turn(asyncio.get_running_loop().time() + 25)
        await super().send(message)


@dataclass(frozen=True)
class Race:
    """What came of it. `too_late` began after their withdrawal was acknowledged."""

    sent: int
    withheld: int
    acknowledged: int
    too_late: int
    unanswered: int
    seconds: float


def parts_of(store: Store, channel: Slow) -> Parts:
    return Parts(
        store=store,
        pokes=NoPokes(),
        channel=channel,
        library=library(),
        sender=sender_settings(),
        now=lambda: START,
        worker="race",
        sizes=replace(SIZES, perform_shards=1),
    )


async def race(store: Store, people: int, leaving: int) -> Race:
    """Send to `people` while `leaving` of them, all over the run of it, unsubscribe. Whatever the
    page has waited for, it acknowledges."""
    async with store.transaction() as session:
        await let(session, "caps: [{most: 1, per: day}]")
        ids = await add_contacts(session, people)
        await asked(session, "news", ids)
    channel = Slow()
    parts = parts_of(store, channel)
    acknowledged: dict[str, float] = {}
    began = time.monotonic()
    chosen = random.Random(5).sample(range(people), leaving)
    line = iter(chosen)

    async def perform() -> None:
        performer = parts.performer(0)
        while (await performer.perform_group(0, channel.group_size)).taken:
            pass

    async def leave() -> None:
        for place in line:
            # so that they leave all over the run of it, and not all before it
            while len(channel.handed_over) < len(acknowledged) * people * 0.6 / leaving:
                await asyncio.sleep(0.002)
            async with store.transaction() as session:
                await consent.withdraw(
                    session, SYSTEM, ids[place], source="link", now=START, partitions=1
                )
            await until_nothing_is_under_way(store, ids[place])
            acknowledged[f"ada{place}@example.com"] = time.monotonic()

    await asyncio.gather(
        *(perform() for _ in range(PERFORMERS)), *(leave() for _ in range(LEAVING_AT_ONCE))
    )
    seconds = time.monotonic() - began
    async with store.transaction() as session:
        rows = await session.execute(text("SELECT state, count(*) FROM message GROUP BY state"))
        states = {row[0]: row[1] for row in rows}
    return Race(
        sent=len(channel.handed_over),
        withheld=states.get("withheld", 0),
        acknowledged=len(acknowledged),
        too_late=sum(channel.handed_over.get(one, 0.0) > at for one, at in acknowledged.items()),
        unanswered=states.get("handing_over", 0),
        seconds=seconds,
    )
