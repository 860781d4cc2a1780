"""A whole audience enters: page by page, with progress, pauses, a pace and an end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.flows.holdout import is_held_out
from engine.rules import RuleRefused
from engine.services import enrolments
from engine.services.actor import SYSTEM, Actor
from engine.services.enrolling import Page, enrol_page
from engine.services.enrolments import EVERYBODY, EnrolmentLine
from tests.driving.world import SIZES, World
from tests.run_care.test_merging import merge

FLOW = """
flow: by_hand
label: By hand
subject: contact
purpose: service
trigger: {on: manual}
entry: once
steps:
  wait: {do: wait, for: 3d, next: done}
  done: {do: exit}
"""


async def start(world: World, **given: Any) -> EnrolmentLine:
    given.setdefault("rule", EVERYBODY)
    async with world.store.store.transaction() as session:
        return await enrolments.start_enrolment(
            session, SYSTEM, world.parts.plans, "by_hand", now=world.now, **given
        )


async def page(world: World, enrolment_id: int) -> Page:
    async with world.store.store.transaction() as session:
        return await enrol_page(
            session,
            world.parts.plans,
            enrolment_id=enrolment_id,
            limit=SIZES.enrol_batch,
            advance_shards=SIZES.advance_shards,
            now=world.now,
            default_zone="UTC",
        )


async def line(world: World) -> EnrolmentLine:
    async with world.store.store.transaction() as session:
        return (await enrolments.list_enrolments(session, SYSTEM, "by_hand"))[0]


async def test_everybody_enters_with_progress(world: World) -> None:
    await world.publish(FLOW)
    people = await world.people(10)
    started = await start(world)
    world.now += timedelta(seconds=2)
    assert not (await page(world, started.id)).done
    seen = await line(world)
    assert (seen.state, seen.looked_at, seen.entered, seen.total) == ("running", 4, 4, 10)
    assert (seen.per_second, seen.left) == (2.0, timedelta(seconds=3))
    while not await world.enrol(started.id):
        pass
    seen = await line(world)
    assert (seen.state, seen.entered, seen.refused) == ("done", 10, 0)
    await world.until_quiet("by_hand")
    assert {row.subject_id for row in await world.runs()} == {*people}
    assert {row.node for row in await world.runs()} == {"wait"}


@pytest.mark.parametrize("entry", ["once", "always", "after_exit", "{every: P1D}"])
async def test_who_may_not_enter_is_counted_as_refused(world: World, entry: str) -> None:
    await world.publish(FLOW.replace("once", entry))
    await world.people(6)
    for turn in range(2):
        started = await start(world)
        while not await world.enrol(started.id):
            pass
        await world.until_quiet("by_hand")
        seen = await line(world)
        refused = 6 if turn and entry != "always" else 0
        assert (seen.entered, seen.refused) == (6 - refused, refused)


async def test_the_holdout_is_drawn_by_the_database_as_in_memory(world: World) -> None:
    await world.publish(FLOW.replace("entry: once", "entry: once\nholdout: 40"))
    people = await world.people(40)
    started = await start(world)
    while not await world.enrol(started.id):
        pass
    rows = await world.rows("SELECT subject_id, state, shard, due_at IS NULL FROM run")
    out = {row[0] for row in rows if row[1] == "ended"}
    assert out == {person for person in people if is_held_out("by_hand", person, 40)} != set()
    assert all((row[0] in out) == row[3] for row in rows)


async def test_a_paused_enrolment_goes_on_where_it_stopped(world: World) -> None:
    await world.publish(FLOW)
    await world.people(10)
    started = await start(world)
    await page(world, started.id)
    async with world.store.store.transaction() as session:
        await enrolments.pause_enrolment(session, SYSTEM, "by_hand")
    assert await world.enrol(started.id)
    assert ((await line(world)).state, (await line(world)).looked_at) == ("paused", 4)
    async with world.store.store.transaction() as session:
        await enrolments.resume_enrolment(session, SYSTEM, "by_hand", world.now)
    while not await world.enrol(started.id):
        pass
    assert (await line(world)).entered == 10


async def test_a_cancelled_enrolment_lets_nobody_more_in(world: World) -> None:
    await world.publish(FLOW)
    await world.people(10)
    started = await start(world)
    await page(world, started.id)
    async with world.store.store.transaction() as session:
        await enrolments.cancel_enrolment(session, SYSTEM, "by_hand", world.now)
    assert await world.enrol(started.id)
    assert ((await line(world)).state, (await line(world)).entered) == ("cancelled", 4)
    async with world.store.store.transaction() as session:
        with pytest.raises(Conflict):
            await enrolments.resume_enrolment(session, SYSTEM, "by_hand", world.now)
    await start(world)


async def test_a_pace_spreads_people_over_time(world: World) -> None:
    await world.publish(FLOW)
    await world.people(10)
    started = await start(world, per_minute=12)
    first = await page(world, started.id)
    assert (first.looked_at, first.next_at) == (2, world.now + timedelta(seconds=10))
    assert (await page(world, started.id)).looked_at == 0
    world.now += timedelta(seconds=10)
    assert (await page(world, started.id)).looked_at == 2


async def test_only_those_whom_the_rule_finds_enter(world: World) -> None:
    await world.publish(FLOW)
    await world.people(3, country="SG")
    started = await start(world, rule={"==": [{"var": "contact.country"}, "DE"]})
    assert await world.enrol(started.id)
    assert (await line(world)).total == 0


async def test_two_workers_on_one_enrolment_let_nobody_in_twice(world: World) -> None:
    await world.publish(FLOW)
    await world.people(10)
    started = await start(world)
    one, other = world.new_worker("one"), world.new_worker("other")
    while not await world.enrol(started.id, one) or not await world.enrol(started.id, other):
        pass
    assert (await line(world)).entered == 10
    assert len(await world.rows("SELECT 1 FROM run")) == 10


async def test_an_enrolment_by_hand_goes_on_with_a_newer_version(world: World) -> None:
    await world.publish(FLOW)
    await world.people(6)
    started = await start(world)
    await page(world, started.id)
    await world.publish(FLOW.replace("3d", "4d"))
    while not await world.enrol(started.id):
        pass
    assert (await line(world)).entered == 6
    versions = await world.rows("SELECT flow_version_id, count(*) FROM run GROUP BY 1 ORDER BY 1")
    assert [row[1] for row in versions] == [4, 2]


async def test_what_makes_no_sense_is_refused(world: World) -> None:
    with pytest.raises(NotFound):
        await start(world)
    await world.publish(FLOW)
    with pytest.raises(Refused):
        await start(world, rule=None)
    with pytest.raises(RuleRefused):
        await start(world, rule={"nonsense": []})
    with pytest.raises(Refused):
        await start(world, per_minute=0)
    async with world.store.store.transaction() as session:
        cleo = Actor("user", None, "Cleo", "viewer")
        with pytest.raises(NotAllowed):
            await enrolments.cancel_enrolment(session, cleo, "by_hand", world.now)
    await start(world)
    with pytest.raises(Conflict):
        await start(world)


@pytest.mark.parametrize("entry", ["once", "after_exit"])
async def test_who_is_merged_while_they_enter_goes_on_as_the_other(
    world: World, entry: str
) -> None:
    await world.publish(FLOW.replace("once", entry))
    [ada, twin] = await world.people(2, country="SG")
    await world.rows("UPDATE contact SET country = 'DE' WHERE id = :id RETURNING 1", id=twin)
    started = await start(world, rule={"==": [{"var": "contact.country"}, "DE"]})
    async with world.store.store.transaction() as session:
        entering = await enrol_page(
            session,
            world.parts.plans,
            enrolment_id=started.id,
            limit=SIZES.enrol_batch,
            advance_shards=SIZES.advance_shards,
            now=world.now,
            default_zone="UTC",
        )
        merging = asyncio.create_task(merge(world, ada, twin))
        await asyncio.wait([merging], timeout=0.3)
        assert not merging.done()
    await merging
    assert entering.entered == 1
    assert [row[0] for row in await world.rows("SELECT subject_id FROM run")] == [ada]


async def test_who_is_gone_when_the_page_comes_is_not_let_in(world: World) -> None:
    await world.publish(FLOW)
    [ada, twin] = await world.people(2)
    started = await start(world)
    async with world.store.store.transaction() as session:
        await session.execute(text("DELETE FROM contact WHERE id = :id"), {"id": twin})
        entering = asyncio.create_task(page(world, started.id))
        await asyncio.wait([entering], timeout=0.3)
        assert not entering.done()
    assert (await entering).entered == 1
    assert [row[0] for row in await world.rows("SELECT subject_id FROM run")] == [ada]
