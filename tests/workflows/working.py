"""A worker on a real Temporal and a real database, with a channel that remembers."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from crm_store.session import Store
from engine.activities import make_activities
from engine.worker import sandboxed_runner
from engine.workflows import ALL_WORKFLOWS
from engine.workflows.client import TemporalPokes
from engine.workflows.connect import register_search_attributes
from tests.driving.world import PARTITIONS, SIZES, CrashingStore, RememberingChannel, World

# After which only the library's own clean-up may still be under way.
LIBRARY_SECONDS = 15


@dataclass
class Working:
    """The world with drivers that run by themselves; `now` is the real clock."""

    world: World
    client: Client
    pokes: TemporalPokes

    def poke_dispatch(self) -> None:
        self.pokes.dispatch(range(PARTITIONS))


@asynccontextmanager
async def working(
    store: Store, address: str, *, standing_still: bool = False
) -> AsyncIterator[Working]:
    """`standing_still`: the time of the drivers is the world's, which only the test moves."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    await register_search_attributes(client)
    # Workflow ids are meaningful and so the same in every test: a queue of its own and a prefix
    # keep tests on one server apart.
    mark = uuid.uuid4().hex[:8]
    pokes = TemporalPokes(client, idle_seconds=2, task_queue=mark, prefix=f"{mark}/", store=store)
    world = World(CrashingStore(store), RememberingChannel())
    now = (lambda: world.now) if standing_still else (lambda: datetime.now(UTC))
    world.parts = replace(world.parts, pokes=pokes, now=now, sizes=replace(SIZES, lanes=1))
    world.now = world.now if standing_still else datetime.now(UTC)
    worker = Worker(
        client,
        task_queue=mark,
        workflows=ALL_WORKFLOWS,
        activities=make_activities(world.parts),
        workflow_runner=sandboxed_runner(),
    )
    async with stopping(worker):
        yield Working(world, client, pokes)
        async with asyncio.timeout(30):
            await pokes.settled()


@asynccontextmanager
async def stopping(worker: Worker, seconds: float = 100) -> AsyncIterator[None]:
    """A worker that runs meanwhile. One that does not stop in time fails the test, and says what
    its tasks wait for."""
    before = asyncio.all_tasks()
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        ending = asyncio.create_task(worker.shutdown())
        await asyncio.wait({running, ending}, timeout=LIBRARY_SECONDS)
        if asyncio.all_tasks() - before == {running, ending}:
            # Pollers, workflows and activities are over; the client library's own last clean-up
            # hangs now and then on a busy machine. Cancelling ends it.
            running.cancel()
        await asyncio.wait({running, ending}, timeout=seconds)
        if not (running.done() and ending.done()):
            for task in asyncio.all_tasks():
                task.print_stack()
            raise AssertionError(f"the worker did not stop within {seconds} s")
        await asyncio.gather(running, ending)


async def eventually(
    reached: Callable[[], Awaitable[bool]], what: str, seconds: float = 30
) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await reached():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"waited {seconds} s in vain until {what}") from None
