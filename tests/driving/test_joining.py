"""A visitor turns out to be a person: what was promised to the one is kept to the other."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from crm_store.contacts import join_visitors
from crm_store.models import Contact
from tests.driving.test_driving import WELCOME
from tests.driving.test_order import LISTENING
from tests.driving.world import World
from tests.goals.test_arms import FLOW as TWO_WAYS
from tests.goals.test_limits import FLOW as A_FEW


async def visitor(world: World) -> int:
    async with world.store.store.transaction() as session:
        contact = Contact()
        session.add(contact)
        await session.flush()
        return contact.id


async def join(world: World, known_as: dict[int, int]) -> None:
    async with world.store.store.transaction() as session:
        await join_visitors(session, known_as)


async def test_the_person_goes_on_where_the_visitor_stood(world: World) -> None:
    await world.publish(LISTENING)
    [ada] = await world.people(1)
    browser = await visitor(world)
    await world.event(browser, "Signed Up")
    await world.until_quiet("listening")
    await join(world, {browser: ada})
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("listening")
    assert [message.to for message in world.channel.delivered] == ["person0@example.com"]
    assert await world.rows("SELECT 1 FROM contact WHERE id = :id", id=browser) == []


async def test_an_open_ask_goes_to_the_person(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    browser = await visitor(world)
    await world.event(browser, "Signed Up")
    await world.dispatch_all()
    await join(world, {browser: ada})
    await world.until_quiet("welcome_test")
    assert [message.to for message in world.channel.delivered] == ["person0@example.com"]


async def test_who_is_in_the_flow_already_does_not_go_through_it_twice(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    browser = await visitor(world)
    for contact in (ada, browser):
        await world.event(contact, "Signed Up")
    await world.until_quiet("welcome_test")
    await join(world, {browser: ada})
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("welcome_test")
    assert len(world.channel.delivered) == 2
    assert [row[0] for row in await world.rows("SELECT count(*) FROM run GROUP BY subject_id")] == [
        1,
        1,
    ]


async def test_joining_waits_for_the_entry_that_is_being_written(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    browser = await visitor(world)
    await world.event(browser, "Signed Up")
    joining: asyncio.Task[None] | None = None
    inner = world.store.store.transaction
    async with inner() as session:
        await session.execute(
            text("SELECT id FROM contact WHERE id = :id FOR KEY SHARE"), {"id": browser}
        )
        joining = asyncio.create_task(join(world, {browser: ada}))
        await asyncio.wait([joining], timeout=0.3)
        assert not joining.done()
        await session.execute(
            text(
                "INSERT INTO run (flow_id, flow_version_id, subject_id, entry_key, shard, node,"
                " visit, due_at, entered_at, moved_at) SELECT id, published_version_id, :subject,"
                " 'once', 0, 'hello', 1, now(), now(), now() FROM flow"
            ),
            {"subject": browser},
        )
    await joining
    assert [row[0] for row in await world.rows("SELECT subject_id FROM run")] == [ada]


async def test_an_event_of_a_visitor_who_is_just_being_joined_is_the_persons(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    browser = await visitor(world)
    await world.event(browser, "Signed Up")
    async with world.store.store.transaction() as session:
        await join_visitors(session, {browser: ada})
        dispatching = asyncio.create_task(world.dispatch_all())
        await asyncio.wait([dispatching], timeout=0.3)
        assert not dispatching.done()
    await dispatching
    await world.until_quiet("welcome_test")
    assert [message.to for message in world.channel.delivered] == ["person0@example.com"]
    assert await world.rows("SELECT 1 FROM event_pending") == []


async def test_who_is_inside_under_a_limit_can_be_known_as_somebody_who_is_too(
    world: World,
) -> None:
    await world.publish(A_FEW)
    [ada] = await world.people(1)
    browser, other = await visitor(world), await visitor(world)
    for contact in (ada, browser, other):
        await world.event(contact, "Viewed")
    await world.until_quiet("a_few")
    await join(world, {browser: ada, other: ada})
    assert [row.subject_id for row in await world.runs()] == [ada] * 3
    # all of them count against the limit
    await world.event(ada, "Viewed")
    await world.until_quiet("a_few")
    assert len(await world.runs()) == 3


async def test_arms_and_goals_of_the_visitor_are_the_persons(world: World) -> None:
    await world.publish(TWO_WAYS)
    [ada] = await world.people(1)
    browser = await visitor(world)
    for event in ("Signed Up", "Order Completed"):
        await world.event(browser, event)
        await world.until_quiet("two_ways")
    await join(world, {browser: ada})
    assert await world.rows("SELECT subject_id FROM goal_reached") == [(ada,)]
    assert await world.rows("SELECT subject_id FROM split_taken") == [(ada,)]


async def test_the_persons_own_arm_stands(world: World) -> None:
    await world.publish(TWO_WAYS.replace("entry: once", "entry: always"))
    [ada] = await world.people(1)
    browser = await visitor(world)
    for contact in (ada, browser):
        await world.event(contact, "Signed Up")
    await world.until_quiet("two_ways")
    own = "SELECT arm, taken_at FROM split_taken WHERE subject_id = :id"
    before = await world.rows(own, id=ada)
    await join(world, {browser: ada})
    assert await world.rows(own, id=ada) == before
    assert len(await world.runs()) == 2
