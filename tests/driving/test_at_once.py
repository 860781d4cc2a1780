"""A lone event meets its mail where it is dealt with; crowds and slow channels do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from temporalio.testing import ActivityEnvironment

from engine.activities import at_once
from engine.activities.dispatch import DispatchActivities
from engine.activities.parts import Haste, Parts
from engine.workflows.shared import DispatchInput
from tests.driving.test_driving import WELCOME
from tests.driving.test_waking import RememberingPokes
from tests.driving.world import PARTITIONS, World


def hasty(world: World) -> tuple[Parts, RememberingPokes]:
    pokes = RememberingPokes()
    return replace(world.parts, pokes=pokes), pokes


async def dispatch(parts: Parts) -> None:
    activities = DispatchActivities(parts)
    for partition in range(PARTITIONS):
        await ActivityEnvironment().run(activities.dispatch, DispatchInput(partition))


def performs(pokes: RememberingPokes) -> list[tuple[object, ...]]:
    return [said for said in pokes.said if said[0] == "perform"]


async def test_a_lone_events_mail_is_sent_where_the_event_is_dealt_with(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    parts, pokes = hasty(world)
    await dispatch(parts)
    assert set(world.channel.counts().values()) == {1}
    assert performs(pokes) == []


async def test_a_crowds_mails_are_left_to_the_perform_drivers(world: World) -> None:
    await world.publish(WELCOME)
    world.channel.group_size = 1
    crowd = await world.people(8)
    for one in crowd:
        await world.event(one, "Signed Up")
    parts, pokes = hasty(world)
    await dispatch(parts)
    assert len(world.channel.delivered) == 0
    assert performs(pokes)


async def test_what_the_channel_put_off_is_told_to_the_driver(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    world.channel.spoil = lambda: "unreachable"
    parts, pokes = hasty(world)
    await dispatch(parts)
    assert len(performs(pokes)) == 1


async def test_an_unclear_mail_is_told_to_the_driver_that_settles(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    world.channel.spoil = lambda: "unclear_taken"
    parts, pokes = hasty(world)
    await dispatch(parts)
    assert len(performs(pokes)) == 1


async def test_a_slow_channel_is_left_alone_for_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.publish(WELCOME)
    ada, ben, cleo = await world.people(3)
    parts, pokes = hasty(world)
    monkeypatch.setattr(at_once, "SLOW_SECONDS", 0.0)
    await world.event(ada, "Signed Up")
    await dispatch(parts)
    await world.event(ben, "Signed Up")
    await dispatch(parts)
    assert len(world.channel.delivered) == 1
    assert len(performs(pokes)) == 1
    parts.haste.resting_until = 0.0
    await world.event(cleo, "Signed Up")
    await dispatch(parts)
    assert len(world.channel.delivered) > 1


async def test_a_fault_in_performing_does_not_undo_the_dispatch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    parts, pokes = hasty(world)

    async def fails(*_: object) -> bool:
        raise RuntimeError("the database went away")

    monkeypatch.setattr(at_once, "_group", fails)
    await dispatch(parts)
    assert len(await world.rows("SELECT 1 FROM event_pending")) == 0
    assert len(performs(pokes)) == 1


def test_the_rest_doubles_while_it_stays_slow_and_is_forgotten_when_it_is_quick() -> None:
    haste, now = Haste(), 1_000.0
    rests = []
    for _ in range(8):
        haste.was_slow(now)
        rests.append(haste.resting_until - now)
        assert not haste.allowed(now)
        now = haste.resting_until
        assert haste.allowed(now)
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60]
    haste.was_quick()
    haste.was_slow(now)
    assert haste.resting_until - now == 1
