"""A flow is checked among the flows, messages and names that are there."""

from __future__ import annotations

import pytest

from crm_store.session import Store
from engine.flows.problems import Code, FlowProblem, FlowRefused
from engine.services import flows
from engine.services.actor import SYSTEM
from tests.driving.world import CrashingStore, RememberingChannel, World

FLOW = """
flow: %s
purpose: marketing
consent_note: asked
trigger: {on: event, event: Signed Up}
steps:
  mail: {do: send_message, template: welcome, next: mark}
  mark: {do: update_record, set: {lead_status: %s}, next: end}
  end: {do: exit}
"""


@pytest.fixture
def world(store: Store) -> World:
    return World(CrashingStore(store), RememberingChannel())


async def drafted(world: World, source: str) -> tuple[FlowProblem, ...]:
    async with world.store.store.transaction() as session:
        saved = await flows.save_draft(
            session, SYSTEM, source, library=world.parts.library, file="draft.yaml"
        )
        return saved.problems


async def codes(world: World, source: str) -> set[Code]:
    return {problem.code for problem in await drafted(world, source)}


async def test_a_draft_is_compared_with_the_flows_that_people_enter_now(world: World) -> None:
    assert await codes(world, FLOW % ("first", "new")) == set()
    await world.publish(FLOW % ("first", "new"))
    second = FLOW % ("second", "connected")
    assert await codes(world, second) == {Code.FIELD_CONFLICT, Code.SHARED_AUDIENCE}
    places = {problem.place for problem in await drafted(world, second)}
    assert places == {"draft.yaml:5:1", "draft.yaml:8:3"}
    await world.pause("first")
    assert await codes(world, second) == set()
    await world.resume("first")
    assert await codes(world, second) == {Code.FIELD_CONFLICT, Code.SHARED_AUDIENCE}


async def test_a_flow_is_not_compared_with_its_own_version_or_a_mere_draft(world: World) -> None:
    await world.publish(FLOW % ("first", "new"))
    assert await codes(world, FLOW % ("first", "connected")) == set()
    await drafted(world, FLOW % ("second", "connected"))
    assert await codes(world, FLOW % ("first", "new")) == set()


async def test_a_new_version_is_what_others_are_compared_with(world: World) -> None:
    await world.publish(FLOW % ("first", "new"))
    await world.publish((FLOW % ("first", "connected")).replace("Signed Up", "Left"))
    assert await codes(world, FLOW % ("second", "connected")) == set()


async def test_warnings_do_not_stop_a_flow_and_a_missing_flow_does(world: World) -> None:
    await world.publish(FLOW % ("first", "new"))
    await world.publish(FLOW % ("second", "connected"))
    starting = "flow: third\npurpose: service\ntrigger: {on: manual}\nsteps:\n"
    starting += "  a: {do: start_flow, flow: %s, next: end}\n  end: {do: exit}\n"
    with pytest.raises(FlowRefused) as refused:
        await world.publish(starting % "frist")
    assert [problem.code for problem in refused.value.flow_problems] == [Code.UNKNOWN_FLOW]
    await world.publish(starting % "first")


async def test_the_messages_are_known_with_their_purpose(world: World) -> None:
    source = (FLOW % ("first", "new")).replace("purpose: marketing", "purpose: service")
    assert Code.MARKETING_IN_SERVICE in await codes(world, source)
    answer = source.replace("template: welcome", "template: request_received")
    assert Code.MARKETING_IN_SERVICE not in await codes(world, answer)
