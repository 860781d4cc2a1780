"""Static lists: people are put on them and taken off."""

from __future__ import annotations

import pytest

from crm_store.contacts import join_visitors
from engine.errors import Conflict
from engine.services.actor import SYSTEM
from engine.services.segments import lists
from tests.segments.segment_world import WHERE, SegmentWorld

GUESTS_IN_SG = {"and": [{"member_of": ["guests"]}, {"==": [{"var": "contact.country"}, "SG"]}]}
SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}


async def test_people_are_called_by_address_number_or_external_id(world: SegmentWorld) -> None:
    ada, ben, cleo = await world.people(3)
    await world.change(ben, "external_id", "b-1")
    await world.static("guests")
    called = lists.Called(["PERSON0@example.com", "nobody@example.com"], ["b-1", "x"], [cleo, 999])
    async with world.store.transaction() as session:
        done = await lists.add_to_list(session, SYSTEM, "guests", called, WHERE, world.now)
    assert (done.moved, done.unchanged) == (3, 0)
    assert set(done.unknown) == {"nobody@example.com", "x", "999"}
    assert await world.members("guests") == {ada, ben, cleo}


async def test_putting_twice_enters_once(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await world.static("guests")
    assert (await world.put("guests", ada)).moved == 1
    again = await world.put("guests", ada)
    assert (again.moved, again.unchanged, again.partitions) == (0, 1, frozenset())
    await world.take("guests", ada)
    await world.take("guests", ada)
    assert await world.moves(ada) == [("Segment Entered", "guests"), ("Segment Left", "guests")]
    assert await world.size("guests") == 0


async def test_a_segment_made_of_a_list_follows_it(world: SegmentWorld) -> None:
    ada, ben = await world.people(2, country="SG")
    await world.static("guests")
    await world.put("guests", ada)
    await world.counted("guests_in_sg", GUESTS_IN_SG)
    assert await world.members("guests_in_sg") == {ada}
    await world.put("guests", ben)
    await world.take("guests", ada)
    await world.until_quiet()
    assert await world.members("guests_in_sg") == {ben}


async def test_a_list_is_filled_by_a_rule_once(world: SegmentWorld) -> None:
    ada, ben, cleo = await world.people(3)
    for contact in (ada, ben):
        await world.change(contact, "country", "SG")
    await world.static("guests", fill=SINGAPORE)
    await world.recount()
    assert await world.members("guests") == {ada, ben}
    assert len(await world.moves()) == 2
    await world.change(cleo, "country", "SG")
    await world.change(ada, "country", "MY")
    await world.recount()
    assert await world.members("guests") == {ada, ben}
    async with world.store.transaction() as session:
        await lists.fill_list(session, SYSTEM, "guests", SINGAPORE, world.now)
    await world.recount()
    assert await world.members("guests") == {ada, ben, cleo}


async def test_a_rule_segment_takes_nobody_by_hand(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await world.counted("singapore", SINGAPORE)
    with pytest.raises(Conflict, match="follow its rule"):
        await world.put("singapore", ada)


async def test_a_person_keeps_the_lists_of_the_visitor_they_were(world: SegmentWorld) -> None:
    visitor, ada = await world.people(2)
    await world.static("guests")
    await world.put("guests", visitor)
    async with world.store.store.transaction() as session:
        await join_visitors(session, {visitor: ada})
    assert await world.members("guests") == {ada}
