"""What a change followed from, so that flows which wake each other do not go round without end.

A change that a run makes becomes an event, which may start or wake flows, the same one among them.
The event carries how often each flow has acted already in this chain; a flow that acted three times
is not started or woken by it again for this contact. A chain ends with an event from outside, and
when a run is a day old: whatever goes round more slowly can be seen and stopped by people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.field_changes import entered_because_of
from engine.flows.chains import MOST_TIMES as MOST_TIMES
from engine.flows.chains import REMEMBERED_FOR
from engine.services.changes.said import SOURCE

CAUSED_BY: Final = "caused_by"

# How often each flow, by name, has acted on the way to this change.
Chain = Mapping[str, int]
NO_CHAIN: Final[Chain] = {}
# Chains by contact.
Chains = Mapping[int, Chain]
NO_CHAINS: Final[Chains] = {}


class Happened(Protocol):
    """An event as dispatch reads it."""

    @property
    def contact_id(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def properties(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Cause:
    """A run that changed its contact; `behind` is what led to what it was told, if anything was."""

    run_id: int
    contact_id: int
    flow: str
    behind: Chain | None


def chain_behind(source: str, properties: Mapping[str, Any]) -> Chain:
    """The chain that an event carries; others' events carry none, whatever they say."""
    return _chain_of(properties.get(CAUSED_BY)) if source == SOURCE else NO_CHAIN


def chains_behind(events: Iterable[Happened]) -> dict[int, Chain]:
    """By contact, the chain of what follows from these events; contacts with none are left out."""
    found: dict[int, Chain] = {}
    for event in events:
        if chain := chain_behind(event.source, event.properties):
            found[event.contact_id] = merged([found.get(event.contact_id, NO_CHAIN), chain])
    return found


def said_of(chain: Chain | None) -> dict[str, Any]:
    """The properties in which an event carries its chain; none for an empty one."""
    return {CAUSED_BY: {"flows": dict(chain)}} if chain else {}


def goes_round(flow: str, source: str, properties: Mapping[str, Any]) -> bool:
    """Whether the flow has acted so often in this event's chain that it must not hear of it."""
    return chain_behind(source, properties).get(flow, 0) >= MOST_TIMES


def merged(chains: Iterable[Chain]) -> Chain:
    """The chain of a change that several runs made together."""
    found: dict[str, int] = {}
    for chain in chains:
        for flow, times in chain.items():
            found[flow] = max(times, found.get(flow, 0))
    return found


async def chains_of(
    session: AsyncSession, causes: Sequence[Cause], now: datetime
) -> dict[int, Chain]:
    """By contact, how often which flow has acted, with what these runs just did.

    A run whose own time came goes on in the chain by which it was entered.
    """
    by_time = [cause.run_id for cause in causes if cause.behind is None]
    entered = await entered_because_of(session, by_time, now - REMEMBERED_FOR)
    found: dict[int, Chain] = {}
    for cause in causes:
        behind = _chain_of(entered.get(cause.run_id)) if cause.behind is None else cause.behind
        chain = {**behind, cause.flow: behind.get(cause.flow, 0) + 1}
        found[cause.contact_id] = merged([found.get(cause.contact_id, NO_CHAIN), chain])
    return found


def _chain_of(stored: Any) -> Chain:
    flows = stored.get("flows") if isinstance(stored, Mapping) else None
    if not isinstance(flows, Mapping):
        return NO_CHAIN
    return {flow: times for flow, times in flows.items() if isinstance(times, int)}
