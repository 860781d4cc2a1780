"""What flows do with people, done by hand on the house's database; mail goes to its mailbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from crm_store.session import Store
from engine.activities.parts import Parts
from engine.channels.local_mailbox import LocalMailbox
from engine.channels.mailbox import Mailbox
from engine.channels.smtp import SmtpChannel, SmtpServer
from engine.services.plans import Plans
from engine.services.sharing import shared_of
from tests.asked_here import AskedHere
from tests.browser.house import House
from tests.browser.serve import sender_settings, shipped_templates
from tests.designer.seeded_runs import NOW
from tests.driving.world import SIZES, CrashingStore, World

# As the house's server shares the work out.
ALONE: Final = replace(SIZES, advance_shards=1, perform_shards=1, dispatch_partitions=1)


@dataclass
class Drivers(World):
    """The drivers of the world of tests, with the addresses and the mailbox of the house."""

    house: House = field(kw_only=True)

    def new_worker(self, name: str) -> Parts:
        pokes = AskedHere(self.store, shared_of(Plans()), lambda: self.now)  # type: ignore[arg-type]
        parts = Parts(
            store=self.store,  # type: ignore[arg-type]  # offers what a Store offers here
            pokes=pokes,
            channel=self.channel,
            library=shipped_templates(),
            sender=sender_settings(self.house.url),
            now=lambda: self.now,
            worker=name,
            sizes=ALONE,
            public_url=self.house.url,
        )
        pokes.shared = parts.shared
        return parts

    async def settle(self, shard: int, parts: Parts | None = None) -> int:
        """What the house is furnished with stays: a letter that nobody knows to have gone."""
        del shard, parts
        return 0


@asynccontextmanager
async def driving(house: House) -> AsyncIterator[Drivers]:
    store = Store(house.database_url)
    mailbox = Mailbox(house.mail, now=lambda: NOW)
    port = await mailbox.start("127.0.0.1", 0)
    smtp = SmtpChannel(
        SmtpServer("127.0.0.1", port, security="none"), message_id_domain="cadenza.test"
    )
    channel = LocalMailbox(smtp, mailbox)
    try:
        yield Drivers(CrashingStore(store), channel, NOW, house=house)  # type: ignore[arg-type]
    finally:
        await channel.close()
        await mailbox.stop()
        await store.close()
