"""What a process's transactions have in common, put together once."""

from __future__ import annotations

from collections.abc import Callable

from engine.services.changes.announcing import Announcer
from engine.services.deals.for_flows import FlowDeals
from engine.services.endings import ENDINGS
from engine.services.links.tokens import SignedLinks
from engine.services.plans import Plans
from engine.services.templates import TemplateLibrary
from engine.services.work import Shared


def shared_of(
    plans: Plans,
    *,
    default_zone: str = "UTC",
    base_currency: str = "USD",
    partitions: int = 4,
    advance_shards: int = 2,
    perform_shards: int = 2,
    announcer: Announcer | None = None,
    links: SignedLinks | None = None,
    library: Callable[[], TemplateLibrary] | None = None,
) -> Shared:
    return Shared(
        plans=plans,
        announcer=announcer or Announcer(plans, partitions),
        people=plans.people,
        default_zone=default_zone,
        base_currency=base_currency,
        partitions=partitions,
        advance_shards=advance_shards,
        perform_shards=perform_shards,
        endings=ENDINGS,
        deals=FlowDeals,
        links=links,
        library=library,
    )
