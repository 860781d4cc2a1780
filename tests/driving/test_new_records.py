"""A record that a flow makes is told as made, to flows, segments and rules that read its kind."""

from __future__ import annotations

import pytest

from engine.services.changes.causes import MOST_TIMES
from tests.driving.sales_world import pipeline
from tests.driving.world import World

MAKING = """
flow: making
label: Making
subject: contact
purpose: service
trigger: {on: event, event: Called}
entry: always
steps:
  make: {do: create_record, record: RECORD, title: Asked, next: done}
  done: {do: exit}
"""
GREETING = """
flow: greeting
label: Greeting
subject: contact
purpose: service
trigger: {on: record, record: RECORD, created: true}
entry: {once_per: record_id}
steps:
  tag:  {do: update_record, add_tags: [greeted], next: done}
  done: {do: exit}
"""
ECHOING = """
flow: echoing
label: Echoing
subject: contact
purpose: service
trigger: {on: record, record: RECORD, created: true}
entry: always
steps:
  make: {do: create_record, record: RECORD, title: Again, next: done}
  done: {do: exit}
"""
LEAVING = """
flow: leaving
label: Leaving
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: once
exit_when: {is_set: [{var: RECORDs}]}
steps:
  rest: {do: wait, for: P30D, next: done}
  done: {do: exit}
"""
RECORDS = pytest.mark.parametrize("record", ["deal", "ticket"])


@pytest.fixture
async def sales(world: World) -> World:
    await pipeline(world, "sales", lead="open", won="won")
    return world


async def publish(world: World, *sources: str, record: str) -> None:
    for source in sources:
        await world.publish(source.replace("RECORD", record))


@RECORDS
async def test_whoever_gets_a_record_enters_once_for_each(sales: World, record: str) -> None:
    await publish(sales, MAKING, GREETING, record=record)
    ada, ben, _ = await sales.people(3)
    for person in (ada, ada, ben):
        await sales.event(person, "Called")
    await sales.until_quiet("making", "greeting")
    entered = await sales.rows(
        "SELECT subject_id, count(*) FROM run JOIN flow ON flow.id = flow_id"
        " WHERE name = 'greeting' GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in entered] == [(ada, 2), (ben, 1)]
    told = await sales.rows(
        "SELECT contact_id, properties ->> 'record_id' FROM event WHERE name = :name ORDER BY 2",
        name=f"{record.capitalize()} Created",
    )
    made = await sales.rows(f'SELECT contact_id, id::text FROM "{record}" ORDER BY 2')
    assert [tuple(row) for row in told] == [tuple(row) for row in made]


@RECORDS
async def test_a_flow_that_answers_itself_comes_to_rest(sales: World, record: str) -> None:
    await publish(sales, MAKING, ECHOING, record=record)
    (ada,) = await sales.people(1)
    await sales.event(ada, "Called")
    await sales.until_quiet("making", "echoing")
    assert len(await sales.rows(f'SELECT 1 FROM "{record}"')) == 1 + MOST_TIMES


@RECORDS
async def test_an_exit_rule_over_records_hears_of_a_new_one(sales: World, record: str) -> None:
    await publish(sales, LEAVING, MAKING, record=record)
    (ada,) = await sales.people(1)
    await sales.event(ada, "Signed Up")
    await sales.until_quiet("leaving")
    await sales.event(ada, "Called")
    await sales.until_quiet("leaving", "making")
    ended = await sales.rows(
        "SELECT outcome FROM run JOIN flow ON flow.id = flow_id WHERE name = 'leaving'"
    )
    assert [row[0] for row in ended] == ["exit_rule"]


async def test_where_nobody_asks_nothing_is_told(sales: World) -> None:
    await publish(sales, MAKING, record="deal")
    (ada,) = await sales.people(1)
    await sales.event(ada, "Called")
    await sales.until_quiet("making")
    assert len(await sales.rows("SELECT 1 FROM deal")) == 1
    assert await sales.rows("SELECT 1 FROM event WHERE kind = 'record'") == []
