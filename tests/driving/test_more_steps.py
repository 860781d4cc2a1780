"""Steps that touch records or time, on a real database."""

from __future__ import annotations

from datetime import timedelta

from tests.driving.world import World

SCORING = """
flow: {name}
label: Scoring
subject: contact
purpose: service
trigger: {{on: event, event: Signed Up}}
entry: always
steps:
  add:   {{do: adjust_score, by: {points}, next: done}}
  done:  {{do: exit}}
"""
ROUNDS = """
flow: rounds
label: Rounds
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: always
steps:
  call:   {do: create_task, title: "Call", next: again}
  again:  {do: jump, at_most: 2, exits: {again: call, enough: done}}
  done:   {do: exit}
"""
MORNING = """
flow: morning
label: Morning
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: always
steps:
  sleep:  {do: wait_until, at: "09:00", until: "18:00", next: hello}
  hello:  {do: send_message, template: welcome, next: done}
  done:   {do: exit}
"""


async def test_two_flows_that_adjust_one_score_at_once_both_count(world: World) -> None:
    await world.publish(SCORING.format(name="plus", points=5))
    await world.publish(SCORING.format(name="more", points=7))
    ada, ben = await world.people(2)
    for one in (ada, ada, ben):
        await world.event(one, "Signed Up")
    await world.until_quiet("plus", "more")
    found = await world.rows("SELECT id, score FROM contact ORDER BY id")
    assert [tuple(row) for row in found] == [(ada, 24), (ben, 12)]


async def test_a_round_is_gone_as_often_as_the_jump_says(world: World) -> None:
    await world.publish(ROUNDS)
    [_] = ids = await world.people(1)
    await world.event(ids[0], "Signed Up")
    await world.until_quiet("rounds")
    assert len(await world.rows("SELECT 1 FROM activity WHERE kind = 'task'")) == 3
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_a_mail_waits_for_the_local_morning(world: World) -> None:
    await world.publish(MORNING)
    [ada] = await world.people(1, time_zone="America/New_York")
    await world.event(ada, "Signed Up")  # 04:00 in New York
    await world.until_quiet("morning")
    assert not world.channel.delivered
    world.now += timedelta(hours=5)
    await world.until_quiet("morning")
    assert len(world.channel.delivered) == 1


LOOP_AT_THE_START = """
flow: loop
label: Loop
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: always
steps:
  hello:  {do: send_message, template: welcome, next: again}
  again:  {do: jump, at_most: 2, exits: {again: hello, enough: done}}
  done:   {do: exit}
"""


async def test_a_loop_that_begins_with_the_first_node_sends_every_time(world: World) -> None:
    await world.publish(LOOP_AT_THE_START)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("loop")
    assert len(world.channel.delivered) == 3
    assert await world.outcomes() == [("ended", "done", "done")]
