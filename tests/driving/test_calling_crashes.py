"""Random histories of calls and notices: crashes at any commit, two workers, a bad other side.

Whatever happens, everybody comes to the end, every call arrives at least once under one id and one
body, and everybody of ours is told exactly once where the mail server can be asked.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from crm_store.models import User
from crm_store.partitions import APART_FROM
from crm_store.session import Store
from engine.activities.parts import Parts
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from engine.services.people import ensure_roles
from tests.driving.world import SIZES, Crash, CrashingStore, Dice, RememberingChannel, World
from tests.outgoing.scripted_http import ScriptedServer, answering, cut_off, plain, scripted

SEEDS = range(int(os.environ.get("CALL_HISTORIES", "2")))
PEOPLE = 6
FLOW = """
flow: both
label: Both
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
  call:    {do: call_webhook, url: "URL", exits: {ok: tell, refused: bad, gave_up: bad}}
  tell:    {do: notify, title: "Called {{ contact.first_name }}",
            exits: {sent: good, nobody: bad, failed: bad}}
  good:    {do: exit, outcome: good}
  bad:     {do: exit, outcome: bad}
"""


async def owned(store: Store, world: World) -> None:
    """Ben owns everybody."""
    async with store.transaction() as session:
        await ensure_roles(session)
        ben = User(
            name="Ben",
            name_key="ben",
            email="ben@example.com",
            email_key="ben@example.com",
            role="rep",
        )
        session.add(ben)
        await session.flush()
        owner = ben.id
    for contact in await world.people(PEOPLE, owner_id=owner):
        await world.event(contact, "Signed Up")


async def one_round(world: World, parts: Parts, dice: Dice) -> None:
    """A worker's work in any order; a crash ends what it was about, and another one comes."""
    work: list[Callable[[], Awaitable[object]]] = [
        partial(world.dispatch_all, parts),
        partial(world.advance_all, "both", parts),
    ]
    for shard in range(SIZES.perform_shards):
        apart = APART_FROM + shard
        work += [
            partial(parts.performer(shard).perform_group, apart, 4),
            partial(parts.performer(shard).settle_left_behind, apart, 9),
            partial(world.perform, shard, parts),
            partial(world.settle, shard, parts),
        ]
    dice.random.shuffle(work)
    for one in work:
        try:
            await one()
        except Crash:
            continue


@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_is_lost_and_nothing_is_forgotten(store: Store, seed: int) -> None:
    dice, world = Dice(seed), World(CrashingStore(store), RememberingChannel())
    calm = False

    async def moody(writer: asyncio.StreamWriter) -> None:
        draw = random.Random(f"{seed}:{len(server.heard)}").random()
        if calm or draw < 0.4:
            await answering()(writer)
        elif draw < 0.7:
            await cut_off(writer)
        else:
            writer.write(plain(503, b""))

    def dies() -> str | None:
        return dice.random.choice(("before", "after")) if not calm and dice.happens(8) else None

    await owned(store, world)
    async with scripted(moody) as server:
        await world.publish(FLOW.replace("URL", server.url))
        world.store.dies = dies
        world.channel.spoil = lambda: (
            dice.random.choice(("unreachable", "unclear_lost", "unclear_taken", "crash"))
            if not calm and dice.happens(30)
            else None
        )
        clients = [Outgoing(read_reachable("127.0.0.0/8")) for _ in range(2)]
        workers = [
            replace(world.new_worker(name), outgoing=client)
            for name, client in zip(("one", "two"), clients, strict=True)
        ]
        for number in range(60):
            calm = number > 12
            await asyncio.gather(*(one_round(world, parts, dice) for parts in workers))
            if [o for _, _, o in await world.outcomes()] == ["good"] * PEOPLE:
                break
            world.now += timedelta(minutes=2)
        for client in clients:
            await client.close()
    assert [o for _, _, o in await world.outcomes()] == ["good"] * PEOPLE
    check_calls(server)
    told = [message.provider_key for message in world.channel.delivered]
    assert (len(told), len(set(told))) == (PEOPLE, PEOPLE)
    assert await world.rows("SELECT state, count(*) FROM notice GROUP BY 1") == [("sent", PEOPLE)]
    assert {state for state, _ in await world.effects()} == {"done"}


def check_calls(server: ScriptedServer) -> None:
    bodies = defaultdict(set)
    for request in server.heard:
        bodies[request.headers["webhook-id"]].add(request.body)
    assert len(bodies) == PEOPLE
    assert all(len(one) == 1 for one in bodies.values())
