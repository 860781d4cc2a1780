"""Members follow what happens to a contact."""

from __future__ import annotations

from tests.segments.segment_world import SegmentWorld

SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}
ACTIVE = {"done": ["Visited Pricing", ">=", 2]}
QUIET = {"not_done": ["Visited Pricing"]}


async def test_the_first_count_puts_members_in_silently(world: SegmentWorld) -> None:
    people = await world.people(3, country="SG")
    await world.counted("singapore", SINGAPORE)
    assert await world.members("singapore") == set(people)
    assert await world.moves() == []
    assert await world.size("singapore") == 3


async def test_an_event_lets_a_contact_in_and_out(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await world.counted("active", ACTIVE)
    await world.counted("quiet", QUIET)
    assert await world.members("quiet") == {ada}
    await world.event(ada, "Visited Pricing")
    await world.dispatch_all()
    assert await world.members("quiet") == set()
    assert await world.members("active") == set()
    await world.event(ada, "Visited Pricing")
    await world.dispatch_all()
    assert await world.members("active") == {ada}
    assert await world.moves() == [("Segment Left", "quiet"), ("Segment Entered", "active")]
    assert (await world.size("quiet"), await world.size("active")) == (0, 1)


async def test_an_event_that_no_segment_reads_asks_none(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await world.counted("singapore", SINGAPORE)
    await world.change(ada, "country", "SG")
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    assert await world.members("singapore") == set()
    await world.ask_recount("singapore")
    await world.recount()
    assert await world.members("singapore") == {ada}
    assert await world.moves() == [("Segment Entered", "singapore")]
