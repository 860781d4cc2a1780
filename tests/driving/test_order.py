"""Events are seen in their order, however they are cut into batches."""

from __future__ import annotations

from tests.driving.world import World

LISTENING = """
flow: listening
label: Listening
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
  visit:
    do: wait_for
    event: Visited Pricing
    timeout: P3D
    exits: {happened: offer, timed_out: done}
  offer:  {do: send_message, template: offer, next: done}
  done:   {do: exit}
"""


async def test_an_event_in_the_batch_of_the_entry_is_heard(world: World) -> None:
    await world.publish(LISTENING)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("listening")
    assert len(world.channel.delivered) == 1


async def test_an_event_before_the_entry_in_the_same_batch_is_not_heard(world: World) -> None:
    await world.publish(LISTENING)
    [ada] = await world.people(1)
    await world.event(ada, "Visited Pricing")
    await world.event(ada, "Signed Up")
    await world.until_quiet("listening")
    assert await world.outcomes() == [("active", "visit", None)]
