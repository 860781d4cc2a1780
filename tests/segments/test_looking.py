"""What people ask about segments: sizes, days, overlap, samples and reasons."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import NotFound, Refused
from engine.rules import Catalogue
from engine.rules.wording import sentence
from engine.services.actor import SYSTEM
from engine.services.segments import looking
from tests.segments.segment_world import SegmentWorld

SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}
ACTIVE = {"done": ["Visited Pricing"]}


async def test_sizes_and_states_are_listed(world: SegmentWorld) -> None:
    await world.people(3, country="SG")
    await world.counted("singapore", SINGAPORE)
    await world.static("guests")
    await world.segment("active", ACTIVE)
    async with world.store.transaction() as session:
        found = await looking.list_segments(session, SYSTEM)
    assert [(one.name, one.kind, one.state, one.size) for one in found] == [
        ("active", "rule", "counting", None),
        ("guests", "static", "kept", 0),
        ("singapore", "rule", "kept", 3),
    ]


async def test_each_day_says_who_came_and_who_went(world: SegmentWorld) -> None:
    ada, ben, cleo = await world.people(3)
    await world.static("guests")
    first = world.now.date()
    await world.put("guests", ada, ben)
    world.now += timedelta(days=2)
    await world.take("guests", ada)
    await world.put("guests", cleo)
    await world.take("guests", ben)
    world.now += timedelta(days=1)
    async with world.store.transaction() as session:
        found = await looking.counts_over_time(session, SYSTEM, "guests", first, world.now.date())
        with pytest.raises(Refused):
            await looking.counts_over_time(session, SYSTEM, "guests", world.now.date(), first)
    assert [(one.members, one.entered, one.left) for one in found] == [
        (2, 2, 0),
        (2, 0, 0),
        (1, 1, 2),
        (1, 0, 0),
    ]


async def test_two_segments_overlap_by_their_members(world: SegmentWorld) -> None:
    ada, ben, cleo = await world.people(3, country="SG")
    await world.counted("singapore", SINGAPORE)
    await world.static("guests")
    await world.put("guests", ada)
    await world.change(ben, "country", "MY")
    await world.ask_recount()
    await world.recount()
    async with world.store.transaction() as session:
        found = await looking.overlap(session, SYSTEM, "singapore", "guests")
    assert (found.only_first, found.both, found.only_second) == (1, 1, 0)
    assert cleo in await world.members("singapore")


async def test_reasons_are_given_for_members_and_others(world: SegmentWorld) -> None:
    ada, ben = await world.people(2)
    await world.event(ada, "Visited Pricing")
    await world.dispatch_all()
    await world.counted("active", ACTIVE)
    async with world.store.transaction() as session:
        [one] = await looking.sample(session, SYSTEM, "active", 5, world.now, "UTC")
        other = await looking.why(session, SYSTEM, "active", ben, world.now, "UTC")
        page = await looking.members(session, SYSTEM, "active")
        with pytest.raises(NotFound):
            await looking.why(session, SYSTEM, "active", 999, world.now, "UTC")
    assert (one.contact_id, one.is_member, one.explained and one.explained.truth) == (
        ada,
        True,
        True,
    )
    assert [row.contact_id for row in page] == [ada]
    assert not other.is_member
    assert other.explained is not None
    assert not other.explained.truth
    assert "not" in sentence(other.explained, "en", Catalogue.standard())


async def test_a_list_gives_no_reasons(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await world.static("guests")
    await world.put("guests", ada)
    async with world.store.transaction() as session:
        found = await looking.why(session, SYSTEM, "guests", ada, world.now, "UTC")
        detail = await looking.show_segment(session, SYSTEM, "guests")
    assert (found.is_member, found.explained) == (True, None)
    assert (detail.summary.size, detail.rule, bool(detail.used_by)) == (1, None, False)
