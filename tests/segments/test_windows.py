"""Windows open and close with no event: members follow the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.rules import Catalogue, parse
from engine.rules.flips import flips_of
from tests.segments.segment_world import SegmentWorld

CATALOGUE = Catalogue.standard()


async def seen(world: SegmentWorld, contact: int, when: datetime) -> None:
    await world.change(contact, "last_seen_at", when)


async def test_the_next_look_is_when_the_first_window_closes(world: SegmentWorld) -> None:
    ada, ben = await world.people(2)
    await seen(world, ada, world.now - timedelta(days=29))
    await seen(world, ben, world.now - timedelta(days=10))
    await world.counted("lately", {"in_last": [{"var": "contact.last_seen_at"}, 30, "days"]})
    closes = world.now + timedelta(days=1)
    # a recount of everybody comes at the same time here, and would find it as well
    assert await world.due("lately") <= closes
    world.now = closes + timedelta(seconds=1)
    await world.recount()
    assert await world.members("lately") == {ben}
    assert await world.moves(ada) == [("Segment Left", "lately")]


async def test_a_window_of_hours_is_looked_at_to_the_second(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await seen(world, ada, world.now - timedelta(hours=5))
    await world.counted("today", {"in_last": [{"var": "contact.last_seen_at"}, 6, "hours"]})
    closes = world.now + timedelta(hours=1)
    assert closes < await world.due("today") <= closes + timedelta(seconds=1)
    world.now = closes
    await world.recount()
    assert await world.members("today") == {ada}
    world.now = await world.due("today")
    await world.recount()
    assert await world.members("today") == set()


async def test_a_count_of_events_falls_when_the_oldest_leaves_its_window(
    world: SegmentWorld,
) -> None:
    ada, ben = await world.people(2)
    await world.event(ada, "Visited Pricing")
    world.now += timedelta(hours=2)
    for contact in (ada, ben):
        await world.event(contact, "Visited Pricing")
    await world.dispatch_all()
    world.now += timedelta(hours=1)
    rule = {"done": ["Visited Pricing", ">=", 2, ["in_last", 6, "hours"]]}
    await world.counted("keen", rule)
    assert await world.members("keen") == {ada}
    assert await world.due("keen") == world.now + timedelta(hours=3, milliseconds=1)
    world.now += timedelta(hours=4)
    await world.recount()
    assert await world.members("keen") == set()
    assert await world.moves() == [("Segment Left", "keen")]


async def test_inactivity_begins_with_no_event(world: SegmentWorld) -> None:
    [ada] = await world.people(1, created_at=world.now - timedelta(days=90))
    await world.event(ada, "Visited Pricing")
    await world.dispatch_all()
    world.now += timedelta(hours=1)
    await world.counted("idle", {"inactive_for": ["Visited Pricing", 12, "hours"]})
    assert await world.members("idle") == set()
    world.now = await world.due("idle")
    await world.recount()
    assert await world.moves(ada) == [("Segment Entered", "idle")]


async def test_a_calendar_day_ends_at_midnight(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await seen(world, ada, world.now)
    await world.counted("seen_today", {"today": [{"var": "contact.last_seen_at"}]})
    assert await world.members("seen_today") == {ada}
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    assert await world.due("seen_today") == midnight
    world.now = midnight
    await world.recount()
    assert await world.members("seen_today") == set()


async def test_a_segment_without_time_is_only_recounted_daily(world: SegmentWorld) -> None:
    await world.people(1)
    await world.counted("singapore", {"==": [{"var": "contact.country"}, "SG"]})
    assert await world.due("singapore") == world.now + timedelta(days=1)


@pytest.mark.parametrize(
    ("rule", "clocks", "daily", "unclear"),
    [
        ({"==": [{"var": "contact.country"}, "SG"]}, 0, False, False),
        ({"in_last": [{"var": "contact.last_seen_at"}, 3, "days"]}, 2, False, False),
        ({"more_than_ago": [{"var": "contact.created_at"}, 3, "months"]}, 1, False, False),
        ({"done": ["X", ">=", 1, ["in_last", 3, "days"]]}, 2, False, False),
        ({"more_than_ago": [{"last_done": ["X"]}, 3, "days"]}, 1, False, False),
        ({"before": [{"var": "contact.created_at"}, "2026-01-01"]}, 0, False, False),
        ({"anniversary_in_next": [{"var": "contact.birthday"}, 7, "days"]}, 0, True, False),
        ({">": [{"now": []}, "2027-01-01T00:00:00Z"]}, 0, False, True),
    ],
)
def test_what_time_moves_is_known(rule: object, clocks: int, daily: bool, unclear: bool) -> None:
    found = flips_of(parse(rule, CATALOGUE, event_rule=False).root)
    assert (len(found.clocks), found.daily, found.unclear) == (clocks, daily, unclear)


async def test_a_value_at_the_very_end_of_a_window_is_not_missed(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await seen(world, ada, world.now - timedelta(days=1))
    await world.counted("lately", {"in_last": [{"var": "contact.last_seen_at"}, 1, "days"]})
    assert await world.members("lately") == {ada}
    await world.live_until(world.now + timedelta(seconds=2))
    assert await world.members("lately") == set()
