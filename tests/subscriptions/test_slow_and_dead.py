"""One receiver that is slow, or was dead for hours, and what the others notice of it."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from engine.services.deliveries import handing_over
from tests.outgoing.scripted_http import answering, one_after_the_other, plain, scripted, silent
from tests.subscriptions.backlog import after_a_dead_receiver
from tests.subscriptions.telling_world import World


async def test_others_are_served_while_a_slow_answer_outlasts_the_drivers_time(
    world: World,
) -> None:
    release = asyncio.Event()

    async def slowly(writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(plain(200, b""))

    script = one_after_the_other(answering(), slowly)
    async with scripted(script) as slow, scripted(answering()) as quick:
        await world.subscribe(slow.url, name="slow")
        await world.subscribe(quick.url, name="quick", per_second=1_000)
        await world.happen()
        # the first call of a process opens what all others use
        delivering = world.delivering()
        await delivering.deliver(5)
        await world.happen()
        began = time.monotonic()
        going = asyncio.create_task(delivering.deliver(1))
        async with asyncio.timeout(30):
            while (len(slow.heard), len(quick.heard)) != (2, 2):
                await asyncio.sleep(0.01)
            while time.monotonic() < began + 1 + handing_over.SLOW_SECONDS + 0.3:
                await asyncio.sleep(0.05)
            # its time is long over, and it waits for the slow one still
            assert not going.done()
            await world.happen(times=3)
            while len(quick.heard) < 5:
                await asyncio.sleep(0.01)
        # the slow one was given nothing more meanwhile
        assert len(slow.heard) == 2
        release.set()
        assert await going == 5


async def test_a_stop_is_not_held_up_by_new_calls(world: World) -> None:
    async with scripted(silent) as slow, scripted(answering()) as quick:
        await world.subscribe(slow.url, name="slow")
        await world.subscribe(quick.url, name="quick")
        await world.happen()
        stopped = asyncio.Event()
        delivering = world.delivering()
        going = asyncio.create_task(delivering.deliver(30, stopped.is_set))
        async with asyncio.timeout(30):
            while not (slow.heard and quick.heard):
                await asyncio.sleep(0.01)
        stopped.set()
        await asyncio.sleep(0.3)
        await world.happen()
        await asyncio.sleep(0.5)
        assert len(quick.heard) == 1
        going.cancel()
        await slow.hang_up()
        await asyncio.gather(going, return_exceptions=True)


async def test_six_dead_hours_lose_nothing_and_nobody_else_waits(world: World) -> None:
    found = await after_a_dead_receiver(world, waiting=300, healthy=40, per_second=1_000)
    assert found.lost == 0
    assert found.repeated <= found.tried_while_dead
    assert found.tried_while_dead < 120
    assert found.drained < timedelta(seconds=60)
