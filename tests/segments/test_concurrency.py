"""Dispatch and recounts at once, with workers that die: nobody is lost, nothing is told twice."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from crm_store.session import Store
from engine.activities.parts import Parts
from engine.rules import parse
from engine.services import dispatching
from engine.services.facts import load_facts
from engine.services.plans import current_catalogue
from engine.services.segments_query import ids_matching
from tests.driving.world import PARTITIONS, Crash, CrashingStore, Dice, RememberingChannel
from tests.segments.segment_world import SegmentWorld
from tests.servers import Databases

PEOPLE = 8
# `HISTORIES=300 pytest tests/segments/test_concurrency.py` plays more than a push has time for.
HISTORIES = int(os.environ.get("HISTORIES", "1"))
RULES: dict[str, Any] = {
    "keen": {"done": ["Visited Pricing", ">=", 2, ["in_last", 6, "hours"]]},
    "singapore": {"==": [{"var": "contact.country"}, "SG"]},
    "lately": {"in_last": [{"var": "contact.last_seen_at"}, 3, "hours"]},
    "keen_guests": {"and": [{"member_of": ["guests"]}, {"member_of": ["keen"]}]},
}


async def play(url: str, seed: int) -> SegmentWorld:
    dice = Dice(seed)

    def dies() -> str | None:
        return dice.random.choice(["before", "after"]) if dice.happens(10) else None

    world = SegmentWorld(CrashingStore(Store(url)), RememberingChannel())
    people = await world.people(PEOPLE)
    await world.static("guests")
    for name, rule in RULES.items():
        await world.segment(name, rule)
    await world.recount()
    world.store.dies = dies
    workers = [world.parts, world.new_worker("two"), world.new_worker("three")]
    for _ in range(40):
        await happen(world, dice, dice.random.choice(people))
        await asyncio.gather(*(deed(world, dice, worker) for worker in workers))
        if dice.happens(20):
            world.now += timedelta(minutes=dice.random.choice([1, 30, 200, 500]))
    world.store.dies = lambda: None
    await world.ask_recount()
    for _ in range(3):
        await world.until_quiet()
        await world.recount()
    return world


async def happen(world: SegmentWorld, dice: Dice, contact: int) -> None:
    match dice.random.randrange(6):
        case 0 | 1:
            await world.event(contact, "Visited Pricing")
        case 2:
            await world.change(contact, "country", dice.random.choice(["SG", "MY"]))
            await world.told_change(contact, "country")
        case 3:
            await world.change(contact, "last_seen_at", world.now)
            await world.event(contact, "Signed In")
        case 4:
            await dice.random.choice([world.put, world.take])("guests", contact)
        case _:
            await world.change(contact, "country", dice.random.choice(["SG", "MY"]))
            await world.ask_recount("singapore")


async def deed(world: SegmentWorld, dice: Dice, worker: Parts) -> None:
    try:
        if dice.happens(60):
            await world.dispatch(dice.random.randrange(PARTITIONS), worker)
        else:
            await world.recounting(worker).look(lambda: dice.happens(10))
    except Crash:
        return


async def as_the_rules_say(world: SegmentWorld) -> None:
    async with world.store.store.transaction() as session:
        catalogue = await current_catalogue(session)
        for name, document in RULES.items():
            rule = parse(document, catalogue, event_rule=False)
            found = await session.scalars(ids_matching(rule, world.now))
            assert await world.members(name) == set(found), name


async def told_in_turn(world: SegmentWorld) -> None:
    told: dict[tuple[str, int], list[str]] = defaultdict(list)
    for name, segment, contact in await world.rows(
        "SELECT name, properties->>'segment', contact_id FROM event WHERE kind = 'segment' "
        "ORDER BY id"
    ):
        told[segment, contact].append(name)
    for key, names in told.items():
        assert names == (["Segment Entered", "Segment Left"] * len(names))[: len(names)], key
    for name in (*RULES, "guests"):
        inside = {
            contact
            for (segment, contact), names in told.items()
            if segment == name and len(names) % 2
        }
        assert await world.members(name) == inside, name
        assert await world.size(name) == len(inside), name


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_members_are_right_and_entering_and_leaving_alternate(
    seed: int, databases: Databases
) -> None:
    async def history() -> None:
        world = await play(databases.url(databases.fresh()), seed)
        await as_the_rules_say(world)
        await told_in_turn(world)
        assert await world.rows("SELECT 1 FROM event_pending") == []
        await world.store.store.close()

    asyncio.run(history())


async def test_a_recount_lets_those_finish_who_decide_by_older_facts(
    world: SegmentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ada] = await world.people(1, country="MY")
    await world.counted("singapore", RULES["singapore"])
    await world.change(ada, "country", "SG")
    await world.told_change(ada, "country")
    loaded, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(*arguments: Any) -> Any:
        facts = await load_facts(*arguments)
        loaded.set()
        await go_on.wait()
        return facts

    monkeypatch.setattr(dispatching, "load_facts", slowly)
    async with asyncio.timeout(30):
        dispatched = asyncio.create_task(world.dispatch_all())
        await loaded.wait()
        # an import takes it back, and tells no event
        await world.change(ada, "country", "MY")
        await world.ask_recount()
        recounted = asyncio.create_task(world.recount(world.new_worker("two")))
        await asyncio.wait([recounted], timeout=0.5)
        assert not recounted.done()
        go_on.set()
        await asyncio.gather(dispatched, recounted)
    assert await world.members("singapore") == set()
    assert await world.moves(ada) == [
        ("Segment Entered", "singapore"),
        ("Segment Left", "singapore"),
    ]


async def test_a_recount_with_older_eyes_does_not_bring_back_who_left(world: SegmentWorld) -> None:
    [ada] = await world.people(1, country="SG")
    await world.counted("singapore", RULES["singapore"])
    await world.change(ada, "country", "MY")
    await world.ask_recount()
    await world.recount()
    assert await world.members("singapore") == set()
    stale = world.recounting(world.new_worker("late"))
    stale.now = lambda: world.now - timedelta(seconds=5)
    await world.ask_recount()
    world.now += timedelta(seconds=1)
    await stale.look(lambda: False)
    assert await world.members("singapore") == set()
    assert await world.moves(ada) == [("Segment Left", "singapore")]
