"""A ring at the door is answered by one more look, or it was not heard and others are told."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from temporalio.testing import ActivityEnvironment

from engine.activities.dispatch import DispatchActivities
from engine.services.doorbell import Doorbell
from engine.workflows.shared import DispatchInput, dispatch_id
from tests.driving.test_driving import WELCOME
from tests.driving.world import PARTITIONS, World


async def test_nobody_at_the_door_hears_nothing() -> None:
    bell = Doorbell()
    assert not bell.ring("dispatch/0")
    with bell.answering("dispatch/0"):
        assert not bell.ring("dispatch/1")
    assert not bell.ring("dispatch/0")


async def test_a_ring_during_work_is_heard_when_the_work_is_done() -> None:
    bell = Doorbell()
    with bell.answering("dispatch/0") as door:
        assert bell.ring("dispatch/0")
        assert await door.rung(0)
        assert not await door.rung(0)


async def test_a_ring_while_waiting_ends_the_wait() -> None:
    bell = Doorbell()
    with bell.answering("dispatch/0") as door:
        asyncio.get_running_loop().call_later(0.01, bell.ring, "dispatch/0")
        assert await door.rung(30)


async def test_no_ring_is_lost_at_the_end_of_a_wait() -> None:
    """Rung at random moments around the end: whoever was told "heard" was looked for again."""
    bell = Doorbell()
    for delay in range(40):
        rings: list[bool] = []

        def ring(heard: list[bool] = rings) -> None:
            heard.append(bell.ring("door"))

        asyncio.get_running_loop().call_later(0.004 + delay / 10_000, ring)
        with bell.answering("door") as door:
            looked_again = await door.rung(0.006)
        await asyncio.sleep(0.006)
        assert rings == [looked_again]


async def test_two_at_one_door_both_look() -> None:
    bell = Doorbell()
    with bell.answering("door") as one, bell.answering("door") as other:
        assert bell.ring("door")
        assert await one.rung(0)
        assert await other.rung(0)


def test_another_event_loop_is_not_rung() -> None:
    bell = Doorbell()

    async def ring() -> bool:
        return bell.ring("door")

    async def answer() -> bool:
        with bell.answering("door"):
            return await asyncio.to_thread(asyncio.run, ring())

    assert asyncio.run(answer()) is False


async def test_events_that_come_while_it_is_busy_are_dealt_with_without_another_poke(
    world: World,
) -> None:
    await world.publish(WELCOME)
    people = await world.people(3)
    parts = replace(world.parts, doorbell=Doorbell())
    activities = DispatchActivities(parts)

    async def listen(partition: int) -> int:
        progress = await ActivityEnvironment().run(activities.dispatch, DispatchInput(partition))
        return int(progress.done)

    for one in people:
        await world.event(one, "Signed Up")
    heard: list[bool] = []

    async def more() -> None:
        while len(world.channel.delivered) < len(people):
            await asyncio.sleep(0.01)
        for one in people:
            await world.event(one, "Looked Around")
        heard.extend(parts.doorbell.ring(dispatch_id(partition)) for partition in range(PARTITIONS))

    async with asyncio.timeout(20):
        listening = asyncio.gather(*(listen(one) for one in range(PARTITIONS)))
        await more()
        dealt_with = await listening
    left = len(await world.rows("SELECT 1 FROM event_pending"))
    assert any(heard)
    assert sum(dealt_with) + left == 2 * len(people)
    assert sum(dealt_with) > len(people)
