"""What the activities are given once, at the start of a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_store.session import Store
from engine.channels.base import Channel
from engine.services.messages import SenderSettings
from engine.services.performing import Performer
from engine.services.plans import FlowBook, Plans
from engine.services.pokes import Pokes
from engine.services.templates import TemplateLibrary
from engine.services.travelling import Ledger, Written


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done at once, and how far ahead a driver looks by itself."""

    advance_shards: int = 2
    perform_shards: int = 2
    dispatch_batch: int = 1000
    advance_batch: int = 2000
    enrol_batch: int = 5000
    lanes: int = 2
    lease: timedelta = timedelta(seconds=60)
    nurture_idle: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Parts:
    """One worker's means. `worker` names the process in claims."""

    store: Store
    pokes: Pokes
    channel: Channel
    library: TemplateLibrary
    sender: SenderSettings
    now: Callable[[], datetime]
    worker: str
    sizes: Sizes = field(default_factory=Sizes)
    default_zone: str = "UTC"
    plans: Plans = field(default_factory=Plans)

    def ledger(self, now: datetime, slot: int = 0) -> Ledger:
        return Ledger(now, self.default_zone, self.sizes.perform_shards, slot)

    def performer(self, slot: int) -> Performer:
        return Performer(
            store=self.store,
            plans=self.plans,
            channel=self.channel,
            library=self.library,
            sender=self.sender,
            new_ledger=lambda now: self.ledger(now, slot),
            now=self.now,
            worker=self.worker,
            lease=self.sizes.lease,
        )

    def tell(self, written: Written, book: FlowBook) -> None:
        """Poke the drivers concerned, after the commit.

        A due time that a driver will reach by its own looking around needs no poke.
        """
        for shard in written.perform_shards:
            self.pokes.perform(shard)
        horizon = self.now() + self.sizes.nurture_idle
        for (flow_id, shard), due in written.dues.items():
            if due <= horizon and flow_id in book.flows:
                self.pokes.advance(book.flows[flow_id].name, shard, due)
