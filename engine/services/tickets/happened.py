"""What flows hear of tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.flows.triggers.ticket_events import TICKET_KIND
from engine.services.changes.said import SOURCE
from engine.services.events import NewEvent, partitions_of, record_events
from engine.services.work import Work


def ticket_event(
    name: str,
    place: str,
    ticket: Mapping[str, Any],
    at: datetime,
    properties: Mapping[str, Any] | None = None,
) -> NewEvent | None:
    """`place` tells it from other events of the same name and ticket. None without a contact:
    events are things that happened to one."""
    if ticket["contact_id"] is None:
        return None
    id_ = ticket["id"]
    said = {"ticket_id": id_, "priority": ticket["priority"], "category": ticket["category"]}
    message_id = f"{name.lower().replace(' ', '_')}:{id_}:{place}"
    told = {**said, **(properties or {})}
    return NewEvent(SOURCE, message_id, name, ticket["contact_id"], told, at, TICKET_KIND)


async def tell_events(work: Work, events: Sequence[NewEvent | None]) -> None:
    """Record them; each is recorded once, whoever says it again."""
    new = [one for one in events if one is not None]
    partitions = work.shared.partitions
    await record_events(work.session, new, partitions, work.now)
    work.after.partitions |= partitions_of([one.contact_id for one in new], partitions)
