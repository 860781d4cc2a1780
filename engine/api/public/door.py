"""What the public pages that change something are given."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from crm_store.session import Store
from engine.services.links.tokens import SignedLinks


@dataclass(frozen=True, slots=True)
class Door:
    """`poke` tells the dispatch drivers of these partitions that an event came."""

    store: Store
    links: SignedLinks
    now: Callable[[], datetime]
    partitions: int
    poke: Callable[[Collection[int]], None]
