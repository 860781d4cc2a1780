"""How things stand, in numbers alone: what a collector of metrics is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.open_rows import open_rows
from engine.measuring.breaker import Health
from engine.services.actor import Actor, allowed
from engine.services.sender_health import list_domains
from engine.services.vitals.queues import Queues, look

_ABOUT: Final = {
    "effects": "What flows asked of the world and has no answer yet, by state.",
    "notice_deliveries": "Notices to colleagues that are to be mailed, by state.",
    "webhook_deliveries": "Calls of webhook subscriptions that are open or failed, by state.",
    "jobs": "Long work of the API, by state.",
    "dead_letters": "What came in and could not be taken, by state.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`rows`: by what they are, words about them and counts by state. `domains`: sender domains by
    the state of their breaker; their names are nobody's business here."""

    queues: Queues
    domains: Mapping[str, int]
    rows: Mapping[str, tuple[str, Mapping[str, int]]]


async def standing(session: AsyncSession, actor: Actor, now: datetime) -> Standing:
    """Raises NotAllowed."""
    allowed(actor, "read", "audit")
    found = Counter(one.health.value for one in await list_domains(session, actor, now))
    counted = await open_rows(session)
    return Standing(
        await look(session, actor, now),
        {health.value: found[health.value] for health in Health},
        {name: (_ABOUT[name], counts) for name, counts in counted.items()},
    )
