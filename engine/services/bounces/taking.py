"""Mails that came back are read off the event loop, and their reports taken in together."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crm_store.session import Store
from engine.channels.bounces import BounceAddresses, Kind, read
from engine.channels.reports import Report
from engine.services.feedback import USUAL, Consequences, take_in

# The source of the events; the same by whatever way a mail came, so that it counts once.
SOURCE: Final = "bounces"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many mails were of which kind; `fresh` of their reports had not been seen before."""

    kinds: Mapping[Kind, int] = field(default_factory=dict)
    fresh: int = 0

    @property
    def total(self) -> int:
        return sum(self.kinds.values())

    def __add__(self, other: Counted) -> Counted:
        return Counted(Counter(self.kinds) + Counter(other.kinds), self.fresh + other.fresh)


@dataclass(frozen=True, slots=True)
class BounceDesk:
    """Where bounces are handed in. `poke` tells the dispatch drivers of these partitions."""

    store: Store
    addresses: BounceAddresses | None
    partitions: int
    poke: Callable[[Collection[int]], None]
    consequences: Consequences = USUAL

    async def take(self, mails: Sequence[bytes], now: datetime) -> Counted:
        """Read mails and write down what they report, in one transaction; twice is once."""
        letters = await asyncio.to_thread(lambda: [read(raw, self.addresses, now) for raw in mails])
        reports = [letter.report for letter in letters if letter.report is not None]
        fresh = await self.take_reports(reports, now)
        return Counted(Counter(letter.kind for letter in letters), fresh)

    async def take_reports(self, reports: Sequence[Report], now: datetime) -> int:
        """How many were new."""
        if not reports:
            return 0
        taken = await take_in(
            self.store,
            SOURCE,
            reports,
            partitions=self.partitions,
            now=now,
            consequences=self.consequences,
        )
        if taken.partitions:
            self.poke(taken.partitions)
        return taken.fresh
