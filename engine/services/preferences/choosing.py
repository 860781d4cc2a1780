"""A contact's choices, changed by the contact or for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import preferences as rows
from crm_store.merged_contacts import now_known_as
from crm_store.models import Frequency
from crm_store.preferences import PreferenceRow
from engine.errors import Problem, Refused
from engine.services import audit
from engine.services.actor import Actor
from engine.services.consent import (
    EVENT_SOURCE,
    MARKETING,
    ConsentChange,
    grant,
    locked,
    state_of,
    withdraw,
)
from engine.services.events import partitions_of, record_event
from engine.services.roles.one_record import allowed_record

CHANGED: Final = "Preferences Changed"
MOST_TOPICS: Final = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be changed; what is left out stays. `topics` by slug; `media` says for each medium
    whether marketing may come by it."""

    topics: Mapping[str, bool] = field(default_factory=dict)
    frequency: str | None = None
    unmeasured: bool | None = None
    media: Mapping[str, bool] = field(default_factory=dict)


async def preference_of(session: AsyncSession, actor: Actor, contact_id: int) -> PreferenceRow:
    """What the contact chose, or what holds for whoever did not. Raises NotAllowed."""
    await allowed_record(session, actor, "read", "contact", contact_id)
    return await rows.preference_of(session, await now_known_as(session, contact_id))


async def choose(
    session: AsyncSession,
    actor: Actor,
    contact_id: int,
    choice: Choice,
    *,
    source: str,
    now: datetime,
    partitions: int,
) -> ConsentChange:
    """Write choices down, with an audit row and event "Preferences Changed"; consent is granted and
    withdrawn as always. It holds from the commit on, as a withdrawal does. Twice is once. Raises
    NotAllowed, NotFound, Refused."""
    await allowed_record(session, actor, "edit", "contact", contact_id)
    _check(choice)
    contact_id = (await locked(session, contact_id)).id
    before = await rows.preference_of(session, contact_id)
    after = _chosen(before, choice)
    touched = frozenset[int]()
    if after != before:
        await rows.put_preference(session, contact_id, after, now)
        difference = _difference(before, after)
        await audit.record(
            session, actor, "choose", "contact", contact_id, difference.before, difference.after
        )
        await record_event(
            session,
            source=EVENT_SOURCE,
            message_id=f"preferences:{contact_id}:{now.isoformat()}",
            name=CHANGED,
            contact_id=contact_id,
            properties={**difference.after, "source": source},
            occurred_at=now,
            partitions=partitions,
        )
        touched = partitions_of([contact_id], partitions)
    touched |= await _media(session, actor, contact_id, choice.media, source, now, partitions)
    return ConsentChange(bool(touched), touched)


async def _media(
    session: AsyncSession,
    actor: Actor,
    contact_id: int,
    media: Mapping[str, bool],
    source: str,
    now: datetime,
    partitions: int,
) -> frozenset[int]:
    """Grant and withdraw what differs; a medium that was never asked for stays so without a yes."""
    if not media:
        return frozenset()
    recorded = {
        one.channel: one.granted
        for one in await state_of(session, contact_id)
        if one.purpose == MARKETING
    }
    touched = frozenset[int]()
    for medium, wanted in sorted(media.items()):
        if recorded.get(medium, False) == wanted:
            continue
        change = await (grant if wanted else withdraw)(
            session,
            actor,
            contact_id,
            channel=medium,
            purpose=MARKETING,
            source=source,
            now=now,
            partitions=partitions,
        )
        touched |= change.event_partitions
    return touched


def _chosen(before: PreferenceRow, choice: Choice) -> PreferenceRow:
    return replace(
        before,
        frequency=before.frequency if choice.frequency is None else choice.frequency,
        unmeasured=before.unmeasured if choice.unmeasured is None else choice.unmeasured,
        topics={**before.topics, **choice.topics},
    )


@dataclass(frozen=True, slots=True)
class _Difference:
    before: dict[str, Any]
    after: dict[str, Any]


def _difference(before: PreferenceRow, after: PreferenceRow) -> _Difference:
    """Only what changed, as plain JSON."""
    topics = {slug for slug in after.topics if before.topics.get(slug) != after.topics[slug]}
    found = _Difference({}, {})
    if topics:
        found.before["topics"] = {slug: before.topics.get(slug) for slug in sorted(topics)}
        found.after["topics"] = {slug: after.topics[slug] for slug in sorted(topics)}
    for name in ("frequency", "unmeasured"):
        if getattr(before, name) != getattr(after, name):
            found.before[name] = getattr(before, name)
            found.after[name] = getattr(after, name)
    return found


def _check(choice: Choice) -> None:
    problems: list[Problem] = []
    if choice.frequency is not None and choice.frequency not in set(Frequency):
        known = ", ".join(Frequency)
        problems.append(Problem("/frequency", "unknown_value", f"must be one of {known}."))
    if len(choice.topics) > MOST_TOPICS or any(len(slug) > 63 for slug in choice.topics):
        problems.append(Problem("/topics", "too_many", f"choose at most {MOST_TOPICS} topics."))
    if problems:
        raise Refused("The choice cannot be kept.", problems)
