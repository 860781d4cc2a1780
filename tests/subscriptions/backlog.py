"""A receiver that is dead for hours beside a healthy one, and what comes of its backlog.

The hours pass on the world's clock; what is measured passes on the wall's.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

import orjson

from tests.outgoing.scripted_http import Script, ScriptedServer, answering, scripted
from tests.subscriptions.telling_world import World

DEAD_FOR = timedelta(hours=6)
_AT_ONCE = 1_000


@dataclass(frozen=True)
class Backlog:
    """`before` and `beside` are the healthy receiver's seconds from the event to its call, sorted:
    without the backlog, and while it goes out. `repeated`: messages that came twice."""

    before: list[float]
    beside: list[float]
    tried_while_dead: int
    drained: timedelta
    lost: int
    repeated: int

    def p95(self, of: list[float]) -> float:
        return of[min(int(len(of) * 0.95), len(of) - 1)]


async def after_a_dead_receiver(
    world: World, *, waiting: int, healthy: int, per_second: int, concurrency: int = 4
) -> Backlog:
    """`waiting` events are for the dead one, `healthy` for the other, before and during."""
    dying = _Dying()
    async with scripted(dying) as dead, scripted(answering()) as other:
        await world.subscribe(
            dead.url,
            ("For Dead",),
            name="dead",
            per_second=per_second,
            concurrency=concurrency,
        )
        await world.subscribe(other.url, ("For Healthy",), name="healthy")
        before = await _measured(world, other, healthy)
        for _ in range(0, waiting, _AT_ONCE):
            await world.happen("For Dead", times=min(_AT_ONCE, waiting))
        await _let_it_be_dead(world)
        tried = len(dead.heard)
        dying.alive, began = True, time.monotonic()
        draining = asyncio.create_task(_drain(world))
        beside = await _measured(world, other, healthy, driven=True)
        await draining
        drained = timedelta(seconds=time.monotonic() - began)
        taken = [one.headers["webhook-id"] for one in dead.heard[tried:]]
        lost = waiting - len(set(taken))
        return Backlog(before, beside, tried, drained, lost, len(taken) - len(set(taken)))


class _Dying:
    alive = False

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        script: Script = answering(200 if self.alive else 503)
        await script(writer)


async def _let_it_be_dead(world: World) -> None:
    """A driver comes by every five minutes, as often as such a receiver is asked."""
    step = timedelta(minutes=5, seconds=1)
    for _ in range(DEAD_FOR // step):
        await world.deliver(0.2)
        world.clock.advance(step)


async def _drain(world: World) -> None:
    world.clock.advance(timedelta(minutes=6))
    while True:
        await world.deliver(5)
        [(left,)] = await world.rows(
            "SELECT count(*) FROM webhook_delivery WHERE state <> 'delivered' AND type = 'For Dead'"
        )
        if not left:
            return
        # those that were tried last come again some hours after their first try
        [(due,)] = await world.rows(
            "SELECT min(due_at) FROM webhook_delivery WHERE state = 'waiting'"
        )
        if due is not None and due > world.clock():
            world.clock.advance(due - world.clock())


async def _measured(
    world: World, server: ScriptedServer, count: int, *, driven: bool = False
) -> list[float]:
    """One event at a time. `driven`: somebody else delivers."""
    seconds = []
    already = len(server.heard)
    for number in range(count):
        began = time.monotonic()
        await world.happen("For Healthy", number=number)
        going = None if driven else asyncio.create_task(world.deliver(0.5))
        async with asyncio.timeout(60):
            while len(server.heard) <= already + number:
                await asyncio.sleep(0.002)
        seconds.append(time.monotonic() - began)
        if going is not None:
            await going
    assert orjson.loads(server.heard[-1].body)["type"] == "For Healthy"
    return sorted(seconds)
