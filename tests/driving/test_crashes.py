"""Whatever dies and whenever: nobody is lost, nobody stands twice, nobody gets a mail twice."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta

import pytest

from crm_store.session import Store
from tests.driving.test_driving import WELCOME
from tests.driving.world import (
    PARTITIONS,
    SIZES,
    Crash,
    CrashingStore,
    Dice,
    RememberingChannel,
    World,
)
from tests.servers import Databases

PEOPLE = 12
# `HISTORIES=500 pytest tests/driving/test_crashes.py` plays more than a push has time for.
HISTORIES = int(os.environ.get("HISTORIES", "3"))


async def travel_with_crashes(
    url: str, seed: int, *, askable: bool, pauses: bool = False
) -> tuple[World, list[int]]:
    dice = Dice(seed)

    def dies() -> str | None:
        return dice.random.choice(["before", "after"]) if dice.happens(12) else None

    def spoils() -> str | None:
        if not dice.happens(10):
            return None
        return dice.random.choice(["unreachable", "unclear_lost", "unclear_taken", "crash"])

    store = Store(url)
    world = World(CrashingStore(store, dies), RememberingChannel(askable=askable, spoil=spoils))
    await world.publish(WELCOME)
    people = await world.people(PEOPLE)
    two_workers = [world.parts, world.new_worker("two")]
    signed_up = list(people)
    visits = [contact for contact in people if dice.happens(50)]
    for _ in range(160):
        if signed_up and dice.happens(40):
            await world.event(signed_up.pop(), "Signed Up")
        if visits and dice.happens(10):
            await world.event(visits.pop(), "Visited Pricing")
        if pauses and dice.happens(10):
            await dice.random.choice([world.pause, world.resume])("welcome_test")
        deeds = [deed(world, dice, worker) for worker in two_workers]
        await asyncio.gather(*deeds, return_exceptions=False)
        if dice.happens(15):
            world.now += timedelta(minutes=dice.random.choice([1, 20, 600, 2000]))
    while signed_up:
        await world.event(signed_up.pop(), "Signed Up")
    if pauses:
        await world.resume("welcome_test")
    world.store.dies = lambda: None
    world.channel.spoil = lambda: None
    for _ in range(8):
        await world.until_quiet("welcome_test")
        world.now += timedelta(days=1)
    await world.until_quiet("welcome_test")
    return world, people


async def deed(world: World, dice: Dice, worker: object) -> None:
    """One driver of one worker does one batch, and may die doing it."""
    kind = dice.random.choice(["dispatch", "advance", "perform", "perform", "settle"])
    try:
        match kind:
            case "dispatch":
                await world.dispatch(dice.random.randrange(PARTITIONS), worker)  # type: ignore[arg-type]
            case "advance":
                shard = dice.random.randrange(SIZES.advance_shards)
                await world.advance("welcome_test", shard, worker)  # type: ignore[arg-type]
            case "perform":
                await world.perform(dice.random.randrange(SIZES.perform_shards), worker)  # type: ignore[arg-type]
            case "settle":
                await world.settle(dice.random.randrange(SIZES.perform_shards), worker)  # type: ignore[arg-type]
    except Crash:
        return


async def invariants(world: World, people: list[int]) -> None:
    runs = await world.rows(
        "SELECT subject_id, count(*), min(state) FROM run GROUP BY 1 ORDER BY 1"
    )
    assert [(row[0], row[1]) for row in runs] == [(person, 1) for person in sorted(people)]
    assert {row[2] for row in runs} == {"ended"}
    assert await world.rows("SELECT 1 FROM event_pending") == []
    assert await world.rows("SELECT 1 FROM effect WHERE state IN ('pending', 'handing_over')") == []
    counted = await world.rows(
        "SELECT sum(CASE WHEN exit = '' THEN count ELSE -count END) FROM node_count"
    )
    assert counted[0][0] == 0
    tasks = await world.rows("SELECT run_id, count(*) FROM activity GROUP BY 1 HAVING count(*) > 1")
    assert tasks == []


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_every_mail_is_there_exactly_once_when_the_channel_can_be_asked(
    seed: int, databases: Databases
) -> None:
    async def play() -> None:
        url = databases.url(databases.fresh())
        world, people = await travel_with_crashes(url, seed, askable=True)
        await invariants(world, people)
        assert set(world.channel.counts().values()) == {1}
        sent = await world.rows("SELECT count(*) FROM message WHERE state = 'sent'")
        assert sent[0][0] == len(world.channel.delivered)
        assert await world.rows("SELECT 1 FROM message WHERE state = 'maybe_sent'") == []
        welcomes = [m for m in world.channel.delivered if "person" in m.to]
        assert len({m.to for m in welcomes}) == PEOPLE
        await world.store.store.close()

    asyncio.run(play())


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_no_marketing_mail_comes_twice_when_the_channel_cannot_be_asked(
    seed: int, databases: Databases
) -> None:
    async def play() -> None:
        url = databases.url(databases.fresh())
        world, people = await travel_with_crashes(url, seed + 1000, askable=False)
        await invariants(world, people)
        assert set(world.channel.counts().values()) <= {1}
        rows = await world.rows("SELECT state, count(*) FROM message GROUP BY 1")
        counts = {row[0]: row[1] for row in rows}
        got = len(world.channel.delivered)
        assert counts.get("sent", 0) <= got <= counts.get("sent", 0) + counts.get("maybe_sent", 0)
        await world.store.store.close()

    asyncio.run(play())


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_pauses_in_between_lose_nobody_and_send_nothing_twice(
    seed: int, databases: Databases
) -> None:
    async def play() -> None:
        url = databases.url(databases.fresh())
        world, people = await travel_with_crashes(url, seed + 2000, askable=True, pauses=True)
        await invariants(world, people)
        assert set(world.channel.counts().values()) == {1}
        assert {m.to for m in world.channel.delivered} == {
            f"person{n}@example.com" for n in range(PEOPLE)
        }
        await world.store.store.close()

    asyncio.run(play())
