"""When people answer, and which links they follow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import message_figures as rows
from engine.local_time import is_zone, local
from engine.services.actor import Actor, allowed
from engine.services.message_results.asking import Question, chosen_by

# Hours after a message was handed over.
BORDERS: Final = (1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, 72.0, 168.0)
HOURS: Final = 24
# Without a beginning: an hour of the day says nothing after longer, and costs a row a quarter hour.
HOURS_SINCE: Final = timedelta(days=90)
MOST_LINKS: Final = 500


@dataclass(frozen=True, slots=True)
class LinkResult:
    """Messages in which the link was followed; `machines`: by scanners alone."""

    link: str
    clicked: int
    machines: int


@dataclass(frozen=True, slots=True)
class Delay:
    """From so many hours after handing over, up to `until_hours` (None: without end)."""

    from_hours: float
    until_hours: float | None
    opened: int
    clicked: int


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of the day where the contact lives."""

    hour: int
    opened: int
    clicked: int


@dataclass(frozen=True, slots=True)
class Response:
    delays: tuple[Delay, ...]
    hours: tuple[Hour, ...]


async def link_results(
    session: AsyncSession, actor: Actor, question: Question, *, limit: int = MOST_LINKS
) -> list[LinkResult]:
    """The most followed first. Raises NotAllowed, Refused and NotFound."""
    allowed(actor, "read", "message")
    chosen = await chosen_by(session, question)
    found = await rows.links(session, chosen, limit=min(limit, MOST_LINKS))
    return [LinkResult(*row) for row in found]


async def response(
    session: AsyncSession, actor: Actor, question: Question, now: datetime, default_zone: str
) -> Response:
    """How long people take, and at which hour of their day they look; each message counts once.

    Hours are of the last ninety days where the question has no beginning.
    """
    allowed(actor, "read", "message")
    chosen = await chosen_by(session, question)
    found = {row.bucket: row for row in await rows.delays(session, chosen, BORDERS)}
    lately = replace(chosen, since=chosen.since or now - HOURS_SINCE)
    opened: Counter[int] = Counter()
    clicked: Counter[int] = Counter()
    for row in await rows.quarters(session, lately):
        zone = row.zone if row.zone and is_zone(row.zone) else default_zone
        hour = local(row.at, zone).hour
        opened[hour] += row.opened
        clicked[hour] += row.clicked
    starts, ends = (0.0, *BORDERS), (*BORDERS, None)
    return Response(
        tuple(
            Delay(start, end, found[number].opened, found[number].clicked)
            if number in found
            else Delay(start, end, 0, 0)
            for number, (start, end) in enumerate(zip(starts, ends, strict=True))
        ),
        tuple(Hour(hour, opened[hour], clicked[hour]) for hour in range(HOURS)),
    )
