"""Flows that wake each other by a segment or a score stop, as those do that meet directly."""

from __future__ import annotations

from typing import Any

import pytest

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.changes.causes import MOST_TIMES
from engine.services.scoring.editing import ask_recount, create_model
from engine.services.scoring.recounting import ScoreRecounting
from tests.driving.world import CrashingStore, RememberingChannel
from tests.segments.segment_world import SegmentWorld

IN_IPOH = {"==": [{"var": "contact.city"}, "Ipoh"]}
MODEL: dict[str, Any] = {
    "score": "nearness",
    "label": "Nearness",
    "bands": [{"name": "far", "from": 0}, {"name": "near", "from": 20}],
    "rules": [{"key": "ipoh", "points": 30, "when": IN_IPOH}],
}
MOVES = """
flow: {name}
label: Moves to {city}
subject: contact
purpose: service
trigger: {{on: event, event: {event}, when: {when}}}
entry: always
steps:
  move: {{do: update_record, set: {{city: {city}}}, next: done}}
  done: {{do: exit}}
"""
BY_SEGMENT = '{"==": [{"var": "event.properties.segment"}, "ipoh"]}'
BY_BORDER = '{{"==": [{{"var": "event.properties.direction"}}, "{}"]}}'
# More than enough for every pass that may happen, and an end for those that may not.
ROUNDS = 60


@pytest.fixture
def world(store: Store) -> SegmentWorld:
    return SegmentWorld(CrashingStore(store), RememberingChannel())


async def dispatched(world: SegmentWorld) -> bool:
    """Whether the queue ran empty."""
    for _ in range(ROUNDS):
        if not await world.dispatch_all():
            return True
    return False


async def test_flows_that_meet_by_a_segment_stop(world: SegmentWorld) -> None:
    (ada,) = await world.people(1, city="Berlin")
    await world.counted("ipoh", IN_IPOH)
    for name, event, city in (("a", "Segment Entered", "Berlin"), ("b", "Segment Left", "Ipoh")):
        await world.publish(MOVES.format(name=name, event=event, city=city, when=BY_SEGMENT))
    await world.change(ada, "city", "Ipoh")
    await world.ask_recount()
    await world.recount()
    assert await dispatched(world)
    assert len(await world.runs()) == 2 * MOST_TIMES


async def test_flows_that_meet_by_a_score_stop(world: SegmentWorld) -> None:
    (ada,) = await world.people(1, city="Berlin")
    async with world.store.store.transaction() as session:
        await create_model(session, SYSTEM, MODEL, world.now, default=True)
    await counted(world)
    for name, way, city in (("a", "up", "Berlin"), ("b", "down", "Ipoh")):
        when = BY_BORDER.format(way)
        event = "Score Threshold Reached"
        await world.publish(MOVES.format(name=name, event=event, city=city, when=when))
    # somebody hears of the score itself
    await world.segment("near", {">": [{"var": "contact.score"}, 20]})
    await world.change(ada, "city", "Ipoh")
    async with world.store.store.transaction() as session:
        await ask_recount(session, SYSTEM)
    await counted(world)
    assert await dispatched(world)
    assert len(await world.runs()) == 2 * MOST_TIMES
    said = await world.rows(
        "SELECT properties ? 'caused_by' FROM event "
        "WHERE properties->'changes' ? 'score' ORDER BY id"
    )
    # the first was found by a count
    assert [row[0] for row in said] == [False] + [True] * 2 * MOST_TIMES


async def counted(world: SegmentWorld) -> None:
    parts = world.parts
    counting = ScoreRecounting(
        parts.store, parts.plans, parts.announcer, lambda: world.now, parts.default_zone
    )
    while (await counting.look()).again:
        pass
