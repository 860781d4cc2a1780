"""Many contacts wait in a flow: memory of the process, size of the table, and waking one.

    python -m benchmarks.waiting_contacts [contacts]

The peer for memory is the same process, started and idle, with nobody waiting; for waking it is the
same event with a hundred waiting.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

import psutil
from sqlalchemy import text

from benchmarks._stack import add_contacts, machine_line, number, publish, stack
from benchmarks._waiting import let_wait
from engine.runtime import Runtime
from engine.services.events import NewEvent, partitions_of, record_events

FLOW = """
flow: {name}
label: A long wait
subject: contact
purpose: service
trigger: {{on: manual}}
entry: once
steps:
  pause: {{do: wait_for, event: {event}, timeout: P300D, next: done}}
  done:  {{do: exit}}
"""
WOKEN = 300
PER_SECOND = 20
PATIENCE_SECONDS = 30


def megabytes() -> dict[str, float]:
    own = psutil.Process()
    sizes = {"product": own.memory_info().rss / 2**20, "temporal": 0.0}
    for child in own.children(recursive=True):
        if "temporal" in child.name():
            sizes["temporal"] += child.memory_info().rss / 2**20
    return sizes


async def wait_in(runtime: Runtime, name: str, event: str, count: int) -> int:
    """A flow in which so many wait for an event; its id."""
    published = await publish(runtime, FLOW.format(name=name, event=event))
    due = runtime.now() + timedelta(days=300)
    await let_wait(runtime, published, "pause", due, [event], count)
    for shard in range(runtime.settings.drivers.advance_shards):
        runtime.pokes.advance(published.name, shard, due)
    return published.flow_id


async def wake(runtime: Runtime, flow_id: int, event: str, spread: int) -> list[float]:
    """Seconds from an event to its contact's run having ended, for contacts all over the table."""
    partitions = runtime.settings.drivers.dispatch_partitions
    waits = []
    for one in range(WOKEN):
        contact, began = 1 + one * spread, time.perf_counter()
        happened = NewEvent("bench", f"{event}-{contact}", event, contact, {}, datetime.now(UTC))
        async with runtime.store.transaction() as session:
            await record_events(session, [happened], partitions)
        runtime.pokes.dispatch(partitions_of([contact], partitions))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await _ended(runtime, flow_id, contact):
                await asyncio.sleep(0.005)
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 1 / PER_SECOND - waits[-1]))
    return waits


async def _ended(runtime: Runtime, flow_id: int, contact: int) -> bool:
    async with runtime.store.connection() as connection:
        state = await connection.scalar(
            text("SELECT state FROM run WHERE flow_id = :flow AND subject_id = :contact"),
            {"flow": flow_id, "contact": contact},
        )
    return bool(state == "ended")


async def measure(contacts: int) -> None:
    async with stack("null") as runtime:
        await add_contacts(runtime, contacts)
        before = megabytes()
        few = await wait_in(runtime, "few_wait", "Called", WOKEN)
        peer = await wake(runtime, few, "Called", 1)
        many = await wait_in(runtime, "many_wait", "Visited", contacts)
        waits = await wake(runtime, many, "Visited", contacts // WOKEN)
        after = megabytes()
        size = await number(runtime, "SELECT pg_total_relation_size('run')")
        table = await number(runtime, "SELECT pg_relation_size('run')")
        print(
            f"{contacts:,} waiting: product {after['product']:.0f} MiB"
            f" (idle {before['product']:.0f},"
            f" ratio {after['product'] / before['product']:.2f}), temporal"
            f" {after['temporal']:.0f} MiB; run table {table / 2**20:.0f} MiB, with indexes"
            f" {size / 2**20:.0f} MiB ({size / contacts:.0f} bytes each)"
        )
        print(f"waking one by an event: {_told(waits)}; with {WOKEN} waiting {_told(peer)}")
        print(f"ratio of p95: {_cut(waits, 94) / _cut(peer, 94):.2f}")


def _cut(waits: list[float], percent: int) -> float:
    return statistics.quantiles(waits, n=100)[percent]


def _told(waits: list[float]) -> str:
    return f"p50 {_cut(waits, 49) * 1000:.0f} ms, p95 {_cut(waits, 94) * 1000:.0f} ms"


def main() -> None:
    print(machine_line())
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))


if __name__ == "__main__":
    main()
