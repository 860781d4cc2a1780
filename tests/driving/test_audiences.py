"""Audiences and versions: nobody enters by a rule that was replaced."""

from __future__ import annotations

from tests.driving.test_poison import break_version, mend_version
from tests.driving.world import World

AUDIENCE = """
flow: to_all
label: To all
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: segment, when: {is_set: [{var: contact.email}]}}
entry: once
steps:
  call:   {do: create_task, title: "Call", next: done}
  done:   {do: exit}
"""
NARROWER = AUDIENCE.replace(
    "{is_set: [{var: contact.email}]}", '{"==": [{var: contact.country}, SG]}'
)


async def test_a_new_version_ends_the_audience_of_the_one_before(world: World) -> None:
    first = await world.publish(AUDIENCE)
    await world.people(10)
    assert first.enrolment_id is not None
    assert not await world.enrol(first.enrolment_id)
    second = await world.publish(NARROWER)
    assert second.enrolment_id is not None
    while not await world.enrol(first.enrolment_id):
        pass
    while not await world.enrol(second.enrolment_id):
        pass
    states = await world.rows("SELECT state, entered FROM enrolment ORDER BY id")
    assert [tuple(row) for row in states] == [("cancelled", 4), ("done", 0)]
    assert len(await world.rows("SELECT 1 FROM run")) == 4


async def test_an_audience_waits_for_a_version_that_cannot_be_read(world: World) -> None:
    published = await world.publish(AUDIENCE)
    await world.people(3)
    assert published.enrolment_id is not None
    await break_version(world, "to_all")
    world.parts = world.new_worker("after the upgrade")
    assert await world.enrol(published.enrolment_id)
    assert (await world.rows("SELECT state FROM enrolment"))[0][0] == "running"
    await mend_version(world, "to_all", "create_task")
    while not await world.enrol(published.enrolment_id):
        pass
    assert (await world.rows("SELECT state, entered FROM enrolment"))[0] == ("done", 3)
