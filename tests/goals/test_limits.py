"""`always` with a limit: so many at once, whoever lets people in, and however many do at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from crm_store.new_runs import NewRun, insert_runs
from engine.flows.entry import EarlierRuns, admit
from engine.flows.model import Entry, EntryPolicy
from tests.driving.world import START, World
from tests.flows.reading import refused

FLOW = """
flow: a_few
label: A few
subject: contact
purpose: service
trigger: {on: event, event: Viewed}
entry: {always: {at_most: 2}}
steps:
  wait: {do: wait, for: 3d, next: done}
  done: {do: exit}
"""


async def test_nobody_is_inside_more_often_than_the_limit(world: World) -> None:
    await world.publish(FLOW)
    [ada, ben] = await world.people(2)
    for _ in range(4):
        await world.event(ada, "Viewed")
    await world.event(ben, "Viewed")
    await world.until_quiet("a_few")
    assert sorted(row.subject_id for row in await world.runs()) == [ada, ada, ben]
    world.now += timedelta(days=4)
    await world.until_quiet("a_few")
    for _ in range(3):
        await world.event(ada, "Viewed")
        await world.until_quiet("a_few")
    open_ = await world.rows("SELECT slot FROM run WHERE state <> 'ended' ORDER BY id")
    assert [row[0] for row in open_] == [1, 2]


async def test_workers_that_let_in_at_once_keep_the_limit(world: World) -> None:
    published = await world.publish(FLOW)
    [ada] = await world.people(1)

    async def lets_in(number: int) -> int:
        async with world.store.store.transaction() as session:
            run = NewRun(
                published.flow_id,
                published.version_id,
                ada,
                f"always:event:{number}",
                0,
                "wait",
                {"what": "entered"},
                at_most=2,
            )
            entered = await insert_runs(session, [run], world.now)
            await asyncio.sleep(0.05)
            return len(entered)

    assert sum(await asyncio.gather(*(lets_in(number) for number in range(6)))) == 2
    assert await lets_in(0) == 0


async def test_a_repeated_entry_is_one_run_whatever_the_limit_says(world: World) -> None:
    published = await world.publish(FLOW)
    [ada] = await world.people(1)
    run = NewRun(
        *(published.flow_id, published.version_id, ada, "always:event:1", 0, "wait"),
        {"what": "entered"},
        at_most=2,
    )
    for entered in (1, 0, 0):
        async with world.store.store.transaction() as session:
            assert len(await insert_runs(session, [run], world.now)) == entered


def test_who_is_refused_is_told_why() -> None:
    entry = Entry(EntryPolicy.ALWAYS, at_most=3)
    inside = EarlierRuns(count=9, unfinished=3)
    found = admit(entry, occasion="event:1", event=None, earlier=inside, now=START, zone="UTC")
    assert found.key is None
    assert found.why == {
        "policy": "always",
        "at_most": 3,
        "inside": 3,
        "reason": "too_many_inside",
    }
    room = EarlierRuns(count=9, unfinished=2)
    assert (
        admit(entry, occasion="event:1", event=None, earlier=room, now=START, zone="UTC").key
        == "always:event:1"
    )


@pytest.mark.parametrize(
    "written", ["{always: {at_most: 0}}", "{always: {most: 1}}", "{always: 3}"]
)
def test_a_limit_that_is_none_is_refused(written: str) -> None:
    text = FLOW.replace("{always: {at_most: 2}}", written)
    assert [problem.pointer[:13] for problem in refused(text)] == ["/entry/always"]
