"""The driver of segments on a real Temporal: poked or not, members follow."""

from __future__ import annotations

from datetime import UTC, datetime

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.segments import editing
from tests.segments.test_flows_over_segments import FLOW
from tests.workflows.working import Working, eventually, working

# Windows are of minutes at least; a moment may be nearer, and nobody wants to wait for a minute.
JUST_NOW = {">=": [{"var": "occurred_at"}, {"moment": ["now", "-PT6S"]}]}
KEEN = {
    "some": [{"var": "events"}, {"and": [{"==": [{"var": "name"}, "Visited Pricing"]}, JUST_NOW]}]
}


async def make(at_work: Working) -> None:
    new = editing.NewSegment("keen_people", "Keen", rule=KEEN)
    async with at_work.world.store.transaction() as session:
        await editing.create_segment(session, SYSTEM, new, at_work.world.now)


async def test_a_visit_enters_a_segment_starts_a_flow_and_sends_a_mail(
    store: Store, temporal_address: str
) -> None:
    async with working(store, temporal_address) as at_work:
        world = at_work.world
        [ada] = await world.people(1)
        await make(at_work)
        at_work.pokes.segments()

        async def is_counted() -> bool:
            return bool(await world.rows("SELECT 1 FROM segment WHERE counted_at IS NOT NULL"))

        await eventually(is_counted, "the segment is counted")
        await world.publish(FLOW)
        world.now = datetime.now(UTC)
        await world.event(ada, "Visited Pricing")
        at_work.poke_dispatch()
        for shard in range(2):
            at_work.pokes.perform(shard)

        async def is_over() -> bool:
            at_work.poke_dispatch()
            return bool(await world.rows("SELECT 1 FROM run WHERE outcome = 'exit_rule'"))

        await eventually(is_over, "the run ends because the visit is over")
    assert [message.to for message in world.channel.delivered] == ["person0@example.com"]
    told = await world.rows("SELECT name FROM event WHERE kind = 'segment' ORDER BY id")
    assert [row[0] for row in told] == ["Segment Entered", "Segment Left"]
