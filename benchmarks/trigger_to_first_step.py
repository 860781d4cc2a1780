"""From an event that lets somebody in to their first step having been taken, at a steady rate.

The step changes a record, so that it has been taken once the run stands on the next node.

    python -m benchmarks.trigger_to_first_step [events a second] [seconds]

The peer is a bare loop that commits one row a transaction on the same database and sees it again
by the same polling, so the ratio says what the product adds.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime

from sqlalchemy import text

from benchmarks._stack import add_contacts, machine_line, publish, stack
from engine.runtime import Runtime
from engine.services.events import NewEvent, partitions_of, record_events

FLOW = """
flow: first_step
label: First step
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: always
steps:
  mark:  {do: update_record, set: {lead_status: open}, next: pause}
  pause: {do: wait, for: P30D, next: done}
  done:  {do: exit}
"""
LOOK_SECONDS = 0.02
# Only those still on their way, so that the looking costs little.
ARRIVED = text("SELECT subject_id FROM run WHERE subject_id = ANY(:ids) AND node <> 'mark'")
BARE = text("INSERT INTO tag (name) VALUES (:name)")
BARE_SEEN = text("SELECT name FROM tag WHERE name LIKE 'bench%'")


async def happen(runtime: Runtime, number: int) -> None:
    """One event as ingest writes it: its own transaction, then a poke."""
    partitions = runtime.settings.drivers.dispatch_partitions
    event = NewEvent("bench", f"one-{number}", "Signed Up", number, {}, datetime.now(UTC))
    async with runtime.store.transaction() as session:
        await record_events(session, [event], partitions)
    runtime.pokes.dispatch(partitions_of([number], partitions))


async def steady(runtime: Runtime, per_second: int, seconds: int) -> list[float]:
    """Seconds from sending each event until its contact stands behind the first step."""
    total = per_second * seconds
    sent: dict[int, float] = {}
    waits: dict[int, float] = {}
    sending = asyncio.create_task(_send(runtime, per_second, total, sent))
    while len(waits) < total and not (sending.done() and time.perf_counter() > max_wait(sent)):
        async with runtime.store.connection() as connection:
            rows = await connection.execute(
                ARRIVED, {"ids": [one for one in sent if one not in waits]}
            )
            seen = time.perf_counter()
            for (contact,) in rows:
                if contact not in waits:
                    waits[contact] = seen - sent[contact]
        await asyncio.sleep(LOOK_SECONDS)
    await sending
    return list(waits.values())


def max_wait(sent: dict[int, float]) -> float:
    return max(sent.values(), default=0.0) + 30


async def _send(runtime: Runtime, per_second: int, total: int, sent: dict[int, float]) -> None:
    began = time.perf_counter()
    under_way = set()
    for number in range(1, total + 1):
        await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
        sent[number] = time.perf_counter()
        task = asyncio.create_task(happen(runtime, number))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    if under_way:
        await asyncio.wait(under_way)


async def bare(runtime: Runtime, rounds: int) -> list[float]:
    waits = []
    for number in range(rounds):
        name = f"bench {number}"
        began = time.perf_counter()
        async with runtime.store.transaction() as session:
            await session.execute(BARE, {"name": name})
        seen = False
        while not seen:
            async with runtime.store.connection() as connection:
                seen = name in {row[0] for row in await connection.execute(BARE_SEEN)}
            if not seen:
                await asyncio.sleep(LOOK_SECONDS)
        waits.append(time.perf_counter() - began)
    return waits


def told(waits: list[float]) -> str:
    cuts = statistics.quantiles(waits, n=100)
    p50, p95, most = cuts[49] * 1000, cuts[94] * 1000, max(waits) * 1000
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, max {most:.0f} ms"


async def measure(per_second: int, seconds: int) -> None:
    async with stack("null") as runtime:
        await add_contacts(runtime, per_second * seconds)
        await publish(runtime, FLOW)
        peer = await bare(runtime, 200)
        waits = await steady(runtime, per_second, seconds)
        print(f"{per_second} events/s for {seconds} s: {told(waits)}; {len(waits)} arrived")
        p95 = statistics.quantiles(waits, n=100)[94] / statistics.quantiles(peer, n=100)[94]
        print(f"bare row: {told(peer)}; ratio of p95 {p95:.1f}")


def main() -> None:
    print(machine_line())
    per_second = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    asyncio.run(measure(per_second, seconds))


if __name__ == "__main__":
    main()
