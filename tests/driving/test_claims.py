"""Claims on effects: whoever is slow or late neither sends twice nor forgets what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import OperationalError

from crm_store.session import Store
from engine.channels.base import Known, OutgoingMessage, Unreachable
from engine.services.receipts import MOST_UNCLEAR_TRIES
from tests.driving.world import SIZES, CrashingStore, RememberingChannel, World

ONE_MAIL = """
flow: one_mail
label: One mail
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
  hello:  {do: send_message, template: welcome, next: done}
  done:   {do: exit}
"""
SERVICE_MAIL = ONE_MAIL.replace(
    "purpose: marketing\nconsent_note: asked at sign-up", "purpose: service"
)


@dataclass
class SlowChannel(RememberingChannel):
    """Holds every mail until it is let go. `taken`: somebody is being waited for."""

    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, message: OutgoingMessage) -> None:
        self.taken.set()
        await self.let_go.wait()
        await super().send(message)


async def asked(world: World, source: str = ONE_MAIL, people: int = 1) -> None:
    """People stand at the mail, and their asks are open."""
    await world.publish(source)
    for contact in await world.people(people):
        await world.event(contact, "Signed Up")
    await world.dispatch_all()


async def messages(world: World) -> list[str]:
    return [row[0] for row in await world.rows("SELECT state FROM message ORDER BY id")]


async def test_a_late_answer_of_a_settled_message_does_not_send_it_again(store: Store) -> None:
    channel = SlowChannel(askable=False)
    world = World(CrashingStore(store), channel)
    await asked(world)
    slow = asyncio.create_task(world.perform_all())
    await channel.taken.wait()
    world.now += SIZES.lease
    assert await world.settle_all(world.new_worker("two")) == 1
    channel.spoil = lambda: "unreachable"
    channel.let_go.set()
    await slow
    channel.spoil = lambda: None
    world.now += timedelta(days=1)
    await world.until_quiet("one_mail")
    assert channel.delivered == []
    assert await world.effects() == [("maybe_done", "maybe_done")]
    assert await messages(world) == ["maybe_sent"]


async def test_a_late_yes_keeps_the_message_from_going_again(store: Store) -> None:
    channel = SlowChannel()
    world = World(CrashingStore(store), channel)
    await asked(world)
    slow = asyncio.create_task(world.perform_all())
    await channel.taken.wait()
    world.now += SIZES.lease
    assert await world.settle_all(world.new_worker("two")) == 1
    channel.let_go.set()
    await slow
    await world.until_quiet("one_mail")
    assert len(channel.delivered) == 1
    assert await messages(world) == ["sent"]
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_a_claim_is_renewed_while_the_mail_is_under_way(store: Store) -> None:
    channel = SlowChannel()
    world = World(CrashingStore(store), channel)
    world.parts = replace(world.parts, sizes=replace(SIZES, lease=timedelta(seconds=1)))
    await asked(world)
    [first] = await world.rows("SELECT not_before FROM effect")
    slow = asyncio.create_task(world.perform_all())
    await channel.taken.wait()
    world.now += timedelta(seconds=0.9)
    async with asyncio.timeout(20):
        while (await world.rows("SELECT not_before FROM effect"))[0][0] < world.now + timedelta(
            seconds=1
        ):
            await asyncio.sleep(0.05)
    world.now += timedelta(seconds=0.5)
    assert await world.settle_all(world.new_worker("two")) == 0
    channel.let_go.set()
    await slow
    assert len(channel.delivered) == 1
    assert first[0] < world.now


async def test_a_lost_claim_cuts_off_what_is_still_under_way(store: Store) -> None:
    channel = SlowChannel(askable=False)
    world = World(CrashingStore(store), channel)
    world.parts = replace(world.parts, sizes=replace(SIZES, lease=timedelta(seconds=0.4)))
    await asked(world)
    slow = asyncio.create_task(world.perform_all())
    await channel.taken.wait()
    world.now += SIZES.lease
    await world.settle_all(world.new_worker("two"))
    async with asyncio.timeout(20):
        await slow
    assert channel.delivered == []


async def test_a_fault_with_one_message_does_not_forget_the_others(world: World) -> None:
    await asked(world, people=3)
    send = world.channel.send
    faults = [ZeroDivisionError("a bug")]

    async def faulty(message: OutgoingMessage) -> None:
        if faults:
            raise faults.pop()
        await send(message)

    world.channel.send = faulty  # type: ignore[method-assign]
    while await world.perform_all():
        pass
    assert sorted(await messages(world)) == ["handing_over", "sent", "sent"]


async def test_a_provider_that_does_not_answer_questions_is_asked_later(world: World) -> None:
    await asked(world)
    world.channel.spoil = lambda: "unclear_taken"
    await world.perform_all()

    async def silent(provider_key: str) -> Known:
        raise Unreachable("away", "nobody answers")

    answering, world.channel.ask = world.channel.ask, silent  # type: ignore[method-assign]
    world.now += timedelta(minutes=2)
    assert await world.settle_all() == 1
    assert await world.settle_all() == 0
    world.channel.ask = answering  # type: ignore[method-assign]
    world.now += timedelta(minutes=2)
    await world.until_quiet("one_mail")
    assert len(world.channel.delivered) == 1
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_a_service_mail_that_never_becomes_clear_is_not_sent_for_ever(store: Store) -> None:
    world = World(CrashingStore(store), RememberingChannel(askable=False))
    await asked(world, SERVICE_MAIL)
    world.channel.spoil = lambda: "unclear_taken"
    for _ in range(20):
        await world.until_quiet("one_mail")
        world.now += timedelta(minutes=30)
    assert len(world.channel.delivered) == MOST_UNCLEAR_TRIES
    assert await world.effects() == [("maybe_done", "maybe_done")]
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_a_cancelled_worker_still_writes_down_what_it_handed_over(store: Store) -> None:
    channel = SlowChannel(askable=False)
    world = World(CrashingStore(store), channel)
    await asked(world)
    slow = asyncio.create_task(world.perform_all())
    await channel.taken.wait()
    slow.cancel()
    asyncio.get_running_loop().call_later(0.1, channel.let_go.set)
    await asyncio.wait([slow])
    assert slow.cancelled()
    assert await messages(world) == ["sent"]
    assert await world.outcomes() == [("ended", "done", "done")]


@dataclass
class FailingStore(CrashingStore):
    """A database that is away for some transactions."""

    fails: Callable[[], bool] = lambda: False

    @asynccontextmanager
    async def transaction(self) -> Any:
        if self.fails():
            raise OperationalError("COMMIT", {}, Exception("the connection is gone"))
        async with super().transaction() as session:
            yield session


async def test_an_answer_is_written_again_when_the_database_was_away(store: Store) -> None:
    failing = FailingStore(store)
    world = World(failing, RememberingChannel(askable=False))
    await asked(world)
    failures = [True, True]
    failing.fails = lambda: bool(world.channel.delivered and failures and failures.pop())
    await world.perform_all()
    assert failures == []
    assert await messages(world) == ["sent"]
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_two_workers_that_settle_the_same_effect_move_its_run_once(world: World) -> None:
    await asked(world)
    world.channel.spoil = lambda: "unclear_taken"
    await world.perform_all()
    world.channel.spoil = lambda: None
    world.now += timedelta(minutes=2)
    await asyncio.gather(world.settle_all(), world.settle_all(world.new_worker("two")))
    await world.until_quiet("one_mail")
    assert await world.outcomes() == [("ended", "done", "done")]
    assert len(world.channel.delivered) == 1
    answered = await world.rows(
        "SELECT count(*) FROM journal, jsonb_array_elements(entries) e"
        " WHERE e->>'what' = 'answered'"
    )
    assert answered[0][0] == 1
