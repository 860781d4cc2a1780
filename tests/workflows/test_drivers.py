"""The drivers on a real Temporal: poked, they do their work; unpoked, they find it."""

from __future__ import annotations

import time
import uuid

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Worker

from crm_store.session import Store
from engine.worker import sandboxed_runner
from engine.workflows.nurture import Nurture
from engine.workflows.shared import ADVANCE, NurtureInput, Progress
from tests.driving.world import SIZES
from tests.workflows.working import Working, eventually, working

QUICK = """
flow: quick_test
label: Quick
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
  hello:  {do: send_message, template: welcome, next: pause}
  pause:  {do: wait, for: PT1S, next: offer}
  offer:  {do: send_message, template: offer, next: done}
  done:   {do: exit}
"""
AUDIENCE = QUICK.replace("quick_test", "audience_test").replace(
    "{on: event, event: Signed Up}", "{on: segment, when: {is_set: [{var: contact.email}]}}"
)


async def mails(at_work: Working, wanted: int) -> None:
    async def arrived() -> bool:
        return len(at_work.world.channel.delivered) >= wanted

    await eventually(arrived, f"{wanted} mails are sent")


async def test_a_poked_event_goes_through_a_whole_flow(store: Store, temporal_address: str) -> None:
    async with working(store, temporal_address) as at_work:
        await at_work.world.publish(QUICK)
        [ada] = await at_work.world.people(1)
        await at_work.world.event(ada, "Signed Up")
        at_work.poke_dispatch()
        for shard in range(2):
            at_work.pokes.perform(shard)
        await mails(at_work, 2)

        async def over() -> bool:
            return bool(await at_work.world.rows("SELECT 1 FROM run WHERE state = 'ended'"))

        await eventually(over, "the run is over")
    assert set(at_work.world.channel.counts().values()) == {1}


async def test_an_audience_enters_page_by_page(store: Store, temporal_address: str) -> None:
    async with working(store, temporal_address) as at_work:
        people = await at_work.world.people(11)
        published = await at_work.world.publish(AUDIENCE)
        assert published.enrolment_id is not None
        at_work.pokes.audience(published.enrolment_id)
        await mails(at_work, 2 * len(people))
        [row] = await at_work.world.rows("SELECT state, looked_at, entered FROM enrolment")
        assert tuple(row) == ("done", 11, 11)


async def test_a_driver_finds_work_that_nobody_told_it_about(
    store: Store, temporal_address: str
) -> None:
    async with working(store, temporal_address) as at_work:
        at_work.poke_dispatch()
        await at_work.pokes.settled()
        await at_work.world.publish(QUICK)
        [ada] = await at_work.world.people(1)
        await at_work.world.event(ada, "Signed Up")
        await mails(at_work, 1)


async def test_many_pokes_become_few_signals(store: Store, temporal_address: str) -> None:
    async with working(store, temporal_address) as at_work:
        for _ in range(500):
            at_work.pokes.perform(0)
        await at_work.pokes.settled()
        handle = at_work.client.get_workflow_handle(f"{at_work.pokes.prefix}perform/0")
        signals = 0
        async for event in handle.fetch_history_events():
            signals += event.HasField("workflow_execution_signaled_event_attributes")
        assert signals <= 3


async def test_who_waits_for_days_has_a_driver_that_runs(
    store: Store, temporal_address: str
) -> None:
    async with working(store, temporal_address) as at_work:
        await at_work.world.publish(QUICK.replace("PT1S", "P3D"))
        [ada] = await at_work.world.people(1)
        await at_work.world.event(ada, "Signed Up")
        at_work.poke_dispatch()
        await mails(at_work, 1)

        async def has_a_driver() -> bool:
            for shard in range(SIZES.advance_shards):
                workflow_id = f"{at_work.pokes.prefix}nurture/quick_test/{shard}"
                try:
                    found = await at_work.client.get_workflow_handle(workflow_id).describe()
                except RPCError:
                    continue
                if found.status == WorkflowExecutionStatus.RUNNING:
                    return True
            return False

        await eventually(has_a_driver, "a driver waits for the third day")


async def looks_of_a_driver(address: str, *, pokes: int) -> int:
    """How often a driver looked in vain until it ended; it was told of a far time so often."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    mark = uuid.uuid4().hex
    looks = 0

    @activity.defn(name=ADVANCE)
    async def advance(line: NurtureInput) -> Progress:
        nonlocal looks
        looks += 1
        if looks <= pokes:
            driver = client.get_workflow_handle(f"{mark}/{line.flow}/{line.shard}")
            await driver.signal("poke", time.time() + 1_000_000)
        return Progress()

    async with Worker(
        client,
        task_queue=mark,
        workflows=[Nurture],
        activities=[advance],
        workflow_runner=sandboxed_runner(),
    ):
        await client.execute_workflow(
            Nurture.run,
            NurtureInput("someone", 0, idle_seconds=0.1),
            id=f"{mark}/someone/0",
            task_queue=mark,
        )
    return looks


async def test_a_driver_ends_when_nobody_waits(temporal_address: str) -> None:
    assert await looks_of_a_driver(temporal_address, pokes=0) == 2


async def test_a_driver_that_was_told_of_a_far_time_looks_before_it_ends(
    temporal_address: str,
) -> None:
    assert await looks_of_a_driver(temporal_address, pokes=1) == 3
