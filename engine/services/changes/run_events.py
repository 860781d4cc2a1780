"""Events that runs make happen: those a step records, and the moments of the run itself.

They carry what led to them, as changes do, so that flows which start each other do not go round
without end. An event is told once, however often it is written: its message id names the run and
the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.events import Message, add_events
from crm_store.partitions import partition_of
from engine.flows.triggers.flow import FLOW_ENDED, FLOW_ENTERED, FLOW_KIND
from engine.machines.journey import Passage
from engine.services.changes.causes import Cause, Chain, chains_of, said_of
from engine.services.changes.said import SOURCE
from engine.steps.moves import TellEvent

TRACK: Final = "track"


class RunEvent(NamedTuple):
    """`place` tells this event from others of the same run: "<node>:<visit>", "ended"."""

    cause: Cause
    place: str
    kind: str
    name: str
    properties: Mapping[str, Any]

    @property
    def message_id(self) -> str:
        return f"run:{self.cause.run_id}:{self.place}"


def own_events(cause: Cause, passages: Iterable[Passage]) -> Iterator[RunEvent]:
    """The events that steps of the run record."""
    for passage in passages:
        for node, visit, change in passage.changes:
            if isinstance(change, TellEvent):
                place = f"{node}:{visit}"
                yield RunEvent(cause, place, TRACK, change.name, change.properties)


def moments_of(cause: Cause, passages: Iterable[Passage]) -> Iterator[RunEvent]:
    """The run's entering and ending, for those who want to hear of them."""
    told: dict[str, Any] = {"flow": cause.flow, "run_id": cause.run_id}
    for passage in passages:
        for entry in passage.entries:
            if entry["what"] == "entered":
                yield RunEvent(cause, "entered", FLOW_KIND, FLOW_ENTERED, told)
            elif entry["what"] == "ended":
                ended = {**told, "outcome": entry["outcome"]}
                yield RunEvent(cause, "ended", FLOW_KIND, FLOW_ENDED, ended)


async def tell(
    session: AsyncSession, events: Sequence[RunEvent], now: datetime, partitions: int
) -> dict[Message, int]:
    """Write the events and queue them for dispatch; ids of the new ones."""
    if not events:
        return {}
    chains = await chains_of(session, [event.cause for event in events], now)
    rows = [_row(event, chains[event.cause.contact_id], now, partitions) for event in events]
    # in order of contacts, so that two transactions reach their rows in one order
    return await add_events(session, sorted(rows, key=lambda row: int(row["contact_id"])), now)


def lines_of(events: Sequence[RunEvent], partitions: int) -> frozenset[int]:
    """The partitions to poke after the commit."""
    return frozenset(partition_of(event.cause.contact_id, partitions) for event in events)


def _row(event: RunEvent, chain: Chain, now: datetime, partitions: int) -> dict[str, Any]:
    contact_id = event.cause.contact_id
    return {
        "source": SOURCE,
        "message_id": event.message_id,
        "kind": event.kind,
        "name": event.name,
        "contact_id": contact_id,
        "properties": {**event.properties, **said_of(chain)},
        "occurred_at": now,
        "partition": partition_of(contact_id, partitions),
    }
