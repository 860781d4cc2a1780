"""What the activities are given once, at the start of a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crm_store.session import Store
from engine.channels.base import Channel
from engine.outgoing import Outgoing
from engine.services.bounces import BounceDesk
from engine.services.changes.announcing import Announcer
from engine.services.deciding.answers import Deciding
from engine.services.doorbell import Doorbell
from engine.services.effects import Deed, Means, deeds
from engine.services.messages import SenderSettings
from engine.services.performing import Performer
from engine.services.plans import FlowBook, Plans
from engine.services.pokes import Pokes
from engine.services.secrets import SecretBox
from engine.services.sending.arbiter import Arbiter
from engine.services.sending.shelf import PolicyShelf
from engine.services.sharing import shared_of
from engine.services.templates import TemplateLibrary
from engine.services.travelling import Ledger, Written
from engine.services.work import Shared


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
    dispatch_partitions: int = 4


@dataclass(slots=True)
class Told:
    """What this process said lately, so that it need not say it again with every batch."""

    every: timedelta
    lines: dict[tuple[int, int], datetime] = field(default_factory=dict)
    everybody: datetime | None = None

    def line_is_due(self, line: tuple[int, int], now: datetime) -> bool:
        """Whether a flow and shard should be told again that somebody waits; notes that it was."""
        if not self._is_over(self.lines.get(line), now):
            return False
        self.lines[line] = now
        return True

    def everybody_is_due(self, now: datetime) -> bool:
        if not self._is_over(self.everybody, now):
            return False
        self.everybody = now
        return True

    def forget(self) -> None:
        self.lines.clear()
        self.everybody = None

    def _is_over(self, last: datetime | None, now: datetime) -> bool:
        # a clock that was set back says nothing about how long ago it was
        return last is None or not timedelta() <= now - last < self.every


FIRST_REST_SECONDS = 1.0
LONGEST_REST_SECONDS = 60.0


@dataclass(slots=True)
class Haste:
    """Whether effects are done where they were asked for: not for a while after a slow hand-over.

    The while doubles as long as it stays slow. The first mail of a process is slow by itself, and
    must not cost the minute that a slow provider costs. Times are of the monotonic clock.
    """

    resting_until: float = 0.0
    rest_seconds: float = FIRST_REST_SECONDS

    def allowed(self, now: float) -> bool:
        return now >= self.resting_until

    def was_slow(self, now: float) -> None:
        self.resting_until = now + self.rest_seconds
        self.rest_seconds = min(self.rest_seconds * 2, LONGEST_REST_SECONDS)

    def was_quick(self) -> None:
        self.rest_seconds = FIRST_REST_SECONDS


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
    base_currency: str = "USD"
    plans: Plans = field(default_factory=Plans)
    haste: Haste = field(default_factory=Haste)
    doorbell: Doorbell = field(default_factory=Doorbell)
    outgoing: Outgoing = field(default_factory=Outgoing)
    secrets: SecretBox = field(default_factory=SecretBox)
    public_url: str = ""
    bounce_desk: BounceDesk | None = None
    bounce_folder: Path | None = None
    webhook_log: timedelta = timedelta(days=30)
    # None: the audit is kept for ever.
    audit_kept: timedelta | None = None
    deeds: Mapping[str, Deed] = field(init=False)
    told: Told = field(init=False)
    announcer: Announcer = field(init=False)
    shared: Shared = field(init=False)

    def __post_init__(self) -> None:
        # A driver ends when two of its looks, an idle time apart, find nobody waiting. Telling it
        # within half of that time means that it cannot have ended unseen.
        object.__setattr__(self, "told", Told(self.sizes.nurture_idle / 2))
        announcer = Announcer(self.plans, self.sizes.dispatch_partitions)
        object.__setattr__(self, "announcer", announcer)
        shared = shared_of(
            self.plans,
            default_zone=self.default_zone,
            base_currency=self.base_currency,
            partitions=self.sizes.dispatch_partitions,
            advance_shards=self.sizes.advance_shards,
            perform_shards=self.sizes.perform_shards,
            announcer=announcer,
            links=self.sender.links.signed,
            library=lambda: self.library,
        )
        object.__setattr__(self, "shared", shared)
        means = Means(
            self.channel,
            self.library,
            self.sender,
            self.outgoing,
            self.secrets,
            self.public_url,
            store=self.store,
            announcer=announcer,
            arbiter=Arbiter(self.plans.priorities, PolicyShelf(self.plans.calendars)),
            shared=shared,
            pokes=self.pokes,
        )
        object.__setattr__(self, "deeds", deeds(means))

    def ledger(self, now: datetime, slot: int = 0) -> Ledger:
        shards = self.sizes.perform_shards
        deciding = Deciding(
            *(self.plans, self.sizes.advance_shards, self.sizes.dispatch_partitions),
            *(self.default_zone, self.shared.desk),
        )
        return Ledger(now, self.default_zone, shards, slot, self.announcer, self.now, deciding)

    def performer(self, slot: int) -> Performer:
        return Performer(
            store=self.store,
            plans=self.plans,
            deeds=self.deeds,
            new_ledger=lambda now: self.ledger(now, slot),
            now=self.now,
            worker=self.worker,
            lease=self.sizes.lease,
        )

    def tell(self, written: Written, book: FlowBook) -> None:
        """Poke the drivers concerned, after the commit.

        A far due time needs no poke while the driver runs, because it looks by itself; but it may
        have ended, so now and then it is told all the same.
        """
        for shard in written.perform_shards:
            self.pokes.perform(shard)
        if written.partitions:
            self.pokes.dispatch(written.partitions)
        now = self.now()
        for (flow_id, shard), due in written.dues.items():
            if flow_id not in book.names:
                continue
            is_near = due <= now + self.sizes.nurture_idle
            if self.told.line_is_due((flow_id, shard), now) or is_near:
                self.pokes.advance(book.names[flow_id], shard, due)
