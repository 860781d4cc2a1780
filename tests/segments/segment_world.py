"""The small world of the drivers, with segments made, edited and counted by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm_store.models import Segment, SegmentKind
from engine.activities.parts import Parts
from engine.services.actor import SYSTEM
from engine.services.events import record_event
from engine.services.segments import editing, lists
from engine.services.segments.recounting import Look, Recounting
from tests.driving.world import PARTITIONS, World

WHERE = lists.Where("UTC", PARTITIONS)


class SegmentWorld(World):
    def recounting(self, parts: Parts | None = None) -> Recounting:
        parts = parts or self.parts
        return Recounting(parts.store, parts.plans.segments, lambda: self.now, "UTC", PARTITIONS)

    async def segment(self, name: str, rule: Any, **more: Any) -> Segment:
        """Make a rule segment; nobody is counted yet."""
        new = editing.NewSegment(name, name.capitalize(), rule=rule, **more)
        async with self.store.store.transaction() as session:
            return await editing.create_segment(session, SYSTEM, new, self.now)

    async def counted(self, name: str, rule: Any) -> None:
        """Make a rule segment and count its members."""
        await self.segment(name, rule)
        await self.recount()

    async def static(self, name: str, fill: Any = None) -> None:
        new = editing.NewSegment(name, name, kind=SegmentKind.STATIC, fill=fill)
        async with self.store.store.transaction() as session:
            await editing.create_segment(session, SYSTEM, new, self.now)

    async def edit(self, name: str, rule: Any) -> None:
        async with self.store.store.transaction() as session:
            await editing.edit_segment(session, SYSTEM, name, editing.Edit(rule=rule), self.now)

    async def ask_recount(self, name: str | None = None) -> None:
        async with self.store.store.transaction() as session:
            await editing.ask_recount(session, SYSTEM, self.now, name)

    async def recount(self, parts: Parts | None = None) -> Look:
        """Look at segments until none is due; the last look."""
        while True:
            look = await self.recounting(parts).look(lambda: False)
            if not look.again:
                return look

    async def put(self, name: str, *contacts: int) -> lists.Listed:
        async with self.store.store.transaction() as session:
            called = lists.Called(contact_ids=contacts)
            return await lists.add_to_list(session, SYSTEM, name, called, WHERE, self.now)

    async def take(self, name: str, *contacts: int) -> lists.Listed:
        async with self.store.store.transaction() as session:
            called = lists.Called(contact_ids=contacts)
            return await lists.remove_from_list(session, SYSTEM, name, called, WHERE, self.now)

    async def members(self, name: str) -> set[int]:
        found = await self.rows(
            "SELECT contact_id FROM segment_member m JOIN segment s ON s.id = m.segment_id "
            "WHERE s.name = :name",
            name=name,
        )
        return {row[0] for row in found}

    async def moves(self, contact: int | None = None) -> list[tuple[str, str]]:
        """(event, segment) of every entering and leaving so far, in order."""
        found = await self.rows(
            "SELECT name, properties->>'segment', contact_id FROM event "
            "WHERE kind = 'segment' ORDER BY id"
        )
        return [(row[0], row[1]) for row in found if contact in (None, row[2])]

    async def size(self, name: str) -> int:
        found = await self.rows(
            "SELECT coalesce(sum(z.members), 0) FROM segment s LEFT JOIN segment_size z "
            "ON z.segment_id = s.id WHERE s.name = :name",
            name=name,
        )
        return int(found[0][0])

    async def change(self, contact: int, column: str, value: Any) -> None:
        """A record change that tells no event."""
        await self.rows(
            f"UPDATE contact SET {column} = :value WHERE id = :id RETURNING 1",
            value=value,
            id=contact,
        )

    async def due(self, name: str) -> Any:
        return (await self.rows("SELECT due_at FROM segment WHERE name = :name", name=name))[0][0]

    async def delete(self, name: str) -> None:
        async with self.store.store.transaction() as session:
            await editing.delete_segment(session, SYSTEM, name)

    async def told_change(self, contact: int, *fields: str) -> None:
        """The event of a record change."""
        self.events += 1
        async with self.store.store.transaction() as session:
            await record_event(
                session,
                source="cadenza",
                message_id=f"change-{self.events}",
                name="Contact Updated",
                contact_id=contact,
                properties={
                    "record": "contact",
                    "record_id": contact,
                    "changes": {field: [None, None] for field in fields},
                },
                occurred_at=self.now,
                partitions=PARTITIONS,
                kind="record",
            )

    async def live_until(self, when: datetime, *flow_names: str) -> None:
        """Let time pass, with the driver looking whenever something is due."""
        while True:
            due = (await self.rows("SELECT min(due_at) FROM segment"))[0][0]
            if due is None or due > when:
                break
            self.now = max(self.now, due)
            await self.recount()
            await self.until_quiet(*flow_names)
        self.now = when
