"""Making events of what a transaction changed, in that transaction, for those who want to hear."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.events import add_events
from crm_store.field_changes import changes_of_transaction
from crm_store.partitions import partition_of
from engine.services.changes.causes import (
    NO_CHAINS,
    Cause,
    Chain,
    Chains,
    chains_of,
    said_of,
)
from engine.services.changes.gathering import ChangedRecord, changed_records
from engine.services.changes.interest import CREATED, UPDATED, Interests, event_name
from engine.services.changes.said import KIND, SOURCE
from engine.services.plans import Plans

# Under this key a session remembers up to which change it has announced.
_ANNOUNCED: Final = "changes announced"


class NewRecord(NamedTuple):
    """A record that this transaction made, and the contact who stands behind it."""

    record: str
    record_id: int
    contact_id: int


@dataclass(slots=True)
class Announcer:
    """One per process. `partitions` is the number of dispatch partitions."""

    plans: Plans
    partitions: int
    interests: Interests = field(init=False)

    def __post_init__(self) -> None:
        self.interests = Interests(self.plans)

    async def announce(
        self,
        session: AsyncSession,
        now: datetime,
        *,
        created: Collection[NewRecord] = (),
        causes: Sequence[Cause] = (),
        chains: Chains = NO_CHAINS,
        nothing_changed: bool = False,
    ) -> frozenset[int]:
        """Queue an event for each record that this transaction changed and somebody cares about.

        Call it last, outside of savepoints; called again it announces what came since. `created`
        are records made in this transaction, which are told as made and not as changed; `causes`
        the runs that did it. Without runs `chains` are what the changes followed from. Whoever
        knows that `nothing_changed` need not have it looked up. Returns the partitions to poke
        after commit.
        """
        rows = []
        if not nothing_changed:
            rows = await changes_of_transaction(session, session.info.get(_ANNOUNCED, 0))
        if not rows and not created:
            return frozenset()
        if rows:
            session.info[_ANNOUNCED] = rows[-1].id
        interest = await self.interests.now(session)
        new = {(one.record, one.record_id) for one in created}
        wanted = [
            (one, changes)
            for one in changed_records(rows)
            if (one.record, one.record_id) not in new
            if (changes := one.changes) and interest.wants_changed(one.record, changes)
        ]
        made = [one for one in sorted(created) if interest.wants_created(one.record)]
        if (wanted or made) and causes:
            chains = await chains_of(session, causes, now)
        events = [
            *(_made(one, chains.get(one.contact_id)) for one in made),
            *(_event(one, changes, chains.get(one.contact_id)) for one, changes in wanted),
        ]
        for event in events:
            event |= {
                "occurred_at": now,
                "partition": partition_of(event["contact_id"], self.partitions),
            }
        if events:
            # in order of contacts, so that two transactions reach their rows in one order
            await add_events(session, sorted(events, key=_contact), now)
        return frozenset(event["partition"] for event in events)


def _contact(event: Mapping[str, Any]) -> int:
    contact_id: int = event["contact_id"]
    return contact_id


def _made(one: NewRecord, chain: Chain | None) -> dict[str, Any]:
    return {
        "source": SOURCE,
        "message_id": f"created:{one.record}:{one.record_id}",
        "kind": KIND,
        "name": event_name(one.record, CREATED),
        "contact_id": one.contact_id,
        "properties": {"record": one.record, "record_id": one.record_id, **said_of(chain)},
    }


def _event(one: ChangedRecord, changes: dict[str, Any], chain: Chain | None) -> dict[str, Any]:
    properties = {"record": one.record, "record_id": one.record_id, "changes": changes}
    properties |= said_of(chain)
    return {
        "source": SOURCE,
        # the number of a change comes back with a restored database; a transaction's does not
        "message_id": f"changed:{one.record}:{one.record_id}:{one.last_id}",
        "kind": KIND,
        "name": event_name(one.record, UPDATED),
        "contact_id": one.contact_id,
        "properties": properties,
    }
