"""Flows start and stop as people enter and leave segments."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Conflict
from engine.flows.problems import FlowRefused
from tests.segments.segment_world import SegmentWorld

ACTIVE = {"done": ["Visited Pricing", ">=", 1, ["in_last", 6, "hours"]]}
FLOW = """
flow: keen
label: Keen people
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: segment, segment: keen_people}
entry: always
exit_when: {"!": [{member_of: [keen_people]}]}
steps:
  hello:  {do: send_message, template: welcome, next: stay}
  stay:   {do: wait, for: 30d, next: done}
  done:   {do: exit}
"""
GOODBYE = """
flow: goodbye
label: Goodbye
subject: contact
purpose: service
trigger: {on: segment, segment: keen_people, when: left}
steps:
  call:   {do: create_task, title: Ask what was missing, next: done}
  done:   {do: exit}
"""
WAITING = """
flow: waiting
label: Waiting
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
steps:
  listen:
    do: wait_for
    event: Segment Entered
    when: {"==": [{var: event.properties.segment}, keen_people]}
    timeout: 5d
    exits: {happened: call, timed_out: done}
  call:   {do: create_task, title: Call, next: done}
  done:   {do: exit}
"""


async def settle(world: SegmentWorld, *names: str) -> None:
    await world.recount()
    await world.until_quiet(*names)


async def test_who_enters_gets_the_mail_and_who_leaves_is_let_go(world: SegmentWorld) -> None:
    ada, ben = await world.people(2)
    await world.counted("keen_people", ACTIVE)
    await world.publish(FLOW)
    await world.publish(GOODBYE)
    await world.event(ada, "Visited Pricing")
    await settle(world, "keen", "goodbye")
    assert [message.to for message in world.channel.delivered] == ["person0@example.com"]
    assert await world.outcomes() == [("active", "stay", None)]
    world.now += timedelta(hours=7)
    await settle(world, "keen", "goodbye")
    assert await world.members("keen_people") == set()
    assert await world.rows(
        "SELECT name, subject_id FROM run JOIN flow f ON f.id = flow_id ORDER BY run.id"
    ) == [("keen", ada), ("goodbye", ada)]
    assert await world.outcomes() == [("ended", "stay", "exit_rule"), ("ended", "done", "done")]
    await world.event(ben, "Signed Up")
    await settle(world, "keen", "goodbye")
    assert len(world.channel.delivered) == 1


async def test_those_inside_at_publishing_do_not_enter_again(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await world.event(ada, "Visited Pricing")
    await world.dispatch_all()
    await world.counted("keen_people", ACTIVE)
    published = await world.publish(FLOW)
    assert published.enrolment_id is None
    await settle(world, "keen")
    assert await world.outcomes() == []


async def test_a_run_waits_for_one_segment_and_not_for_others(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await world.counted("keen_people", ACTIVE)
    await world.counted("buyers", {"done": ["Order Completed"]})
    await world.publish(WAITING)
    await world.event(ada, "Signed Up")
    await world.event(ada, "Order Completed")
    await settle(world, "waiting")
    assert await world.members("buyers") == {ada}
    assert await world.outcomes() == [("active", "listen", None)]
    await world.event(ada, "Visited Pricing")
    await settle(world, "waiting")
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_an_edited_segment_is_edited_in_the_flows_that_name_it(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await world.counted("keen_people", ACTIVE)
    await world.publish(FLOW)
    await world.event(ada, "Visited Pricing")
    await settle(world, "keen")
    assert await world.outcomes() == [("active", "stay", None)]
    await world.edit("keen_people", {"done": ["Visited Pricing", ">=", 5]})
    await settle(world, "keen")
    assert await world.outcomes() == [("ended", "stay", "exit_rule")]


async def test_being_put_on_a_list_starts_a_flow(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await world.static("keen_people")
    await world.publish(FLOW)
    await world.put("keen_people", ada)
    await settle(world, "keen")
    assert await world.outcomes() == [("active", "stay", None)]
    await world.take("keen_people", ada)
    await settle(world, "keen")
    assert await world.outcomes() == [("ended", "stay", "exit_rule")]


async def test_a_flow_names_a_segment_that_is_there(world: SegmentWorld) -> None:
    with pytest.raises(FlowRefused) as refused:
        await world.publish(FLOW)
    codes = {(one.code, one.pointer) for one in refused.value.flow_problems}
    assert ("unknown_segment", "/trigger/segment") in codes


async def test_a_segment_that_a_flow_uses_stays(world: SegmentWorld) -> None:
    await world.counted("keen_people", ACTIVE)
    await world.counted("keen_abroad", {"member_of": ["keen_people"]})
    await world.publish(FLOW)
    with pytest.raises(Conflict, match='segment "keen_abroad", flow "keen"'):
        await world.delete("keen_people")
    await world.delete("keen_abroad")
