"""People who leave a flow get nothing more from it, and what became of them stays written."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from crm_store import effects
from engine.channels.base import Unreachable
from tests.driving.world import PARTITIONS, World

WITH_EXIT = """
flow: with_exit
label: With an exit
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
exit_when: {"==": [{var: contact.lifecycle_stage}, customer]}
steps:
  hello:  {do: send_message, template: welcome, next: done}
  done:   {do: exit}
"""


async def waiting_for_a_server(world: World) -> int:
    """Ada's mail was tried once and is put off; she stands at the mail."""
    await world.publish(WITH_EXIT)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    return ada


async def buys(world: World, contact: int) -> None:
    await world.rows(
        "UPDATE contact SET lifecycle_stage = 'customer' WHERE id = :id RETURNING 1", id=contact
    )
    await world.event(contact, "Order Completed")


async def test_who_left_during_a_try_gets_no_second_one(world: World) -> None:
    ada = await waiting_for_a_server(world)
    leaving: list[int] = [ada]

    async def fails(message: object) -> None:
        if leaving:
            await buys(world, leaving.pop())
            await world.dispatch_all()
        raise Unreachable("connection_refused", "nobody listens")

    send, world.channel.send = world.channel.send, fails  # type: ignore[method-assign]
    await world.perform_all()
    assert await world.outcomes() == [("ended", "hello", "exit_rule")]
    world.channel.send = send  # type: ignore[method-assign]
    world.now += timedelta(hours=1)
    await world.until_quiet("with_exit")
    assert world.channel.delivered == []
    assert await world.effects() == [("done", "withheld")]
    assert [row[0] for row in await world.rows("SELECT state FROM message")] == ["withheld"]


async def test_an_answer_after_the_end_does_not_change_the_end(world: World) -> None:
    ada = await waiting_for_a_server(world)
    send = world.channel.send
    leaving: list[int] = [ada]

    async def takes_its_time(message: object) -> None:
        if leaving:
            await buys(world, leaving.pop())
            world.now += timedelta(seconds=1)
            await world.dispatch_all()
            world.now += timedelta(seconds=1)
        await send(message)  # type: ignore[arg-type]

    world.channel.send = takes_its_time  # type: ignore[method-assign]
    before = world.now
    await world.perform_all()
    assert await world.outcomes() == [("ended", "hello", "exit_rule")]
    [(ended_at,)] = await world.rows("SELECT ended_at FROM run")
    assert ended_at == before + timedelta(seconds=1)
    assert await world.effects() == [("done", "done")]


async def test_leaving_does_not_wait_for_who_is_claiming_the_mail(world: World) -> None:
    ada = await waiting_for_a_server(world)
    await buys(world, ada)
    async with world.store.store.transaction() as claiming:
        taken = [
            await effects.take_open(claiming, shard, "pending", world.now, 5) for shard in (0, 1)
        ]
        assert sum(map(len, taken)) == 1
        async with asyncio.timeout(20):
            for partition in range(PARTITIONS):
                await world.dispatch(partition)
    await world.until_quiet("with_exit")
    assert world.channel.delivered == []
    assert await world.outcomes() == [("ended", "hello", "exit_rule")]
