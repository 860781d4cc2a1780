"""Many runs that fall due in the same minute.

    python -m benchmarks.due_at_once [runs]

Prints how long it takes until all have moved on by a wait, a branch and an exit, and the events of
Temporal history that it cost. The peer is one UPDATE in the same database that moves as many rows.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta

from sqlalchemy import text

from benchmarks._stack import (
    add_contacts,
    cpu_seconds,
    history_events,
    machine_line,
    number,
    publish,
    stack,
)
from benchmarks._waiting import let_wait
from engine.runtime import Runtime

FLOW = """
flow: same_minute
label: The same minute
subject: contact
purpose: service
trigger: {on: manual}
entry: once
steps:
  pause: {do: wait, for: P3D, next: look}
  look:  {do: branch, cases: [{when: {"==": [{var: contact.country}, SG]}, next: near}], else: far}
  near:  {do: exit, outcome: near}
  far:   {do: exit, outcome: far}
"""
AHEAD = timedelta(seconds=45)


async def measure(runs: int) -> None:
    async with stack("null") as runtime:
        await add_contacts(runtime, runs)
        published = await publish(runtime, FLOW)
        due = runtime.now() + AHEAD
        await let_wait(runtime, published, "pause", due, [], runs)
        shards = runtime.settings.drivers.advance_shards
        for shard in range(shards):
            runtime.pokes.advance(published.name, shard, due)
        peer = await bare(runtime)
        before = sum((await history_events(runtime.temporal)).values()) if runtime.temporal else 0
        await asyncio.sleep(max(0.0, (due - runtime.now()).total_seconds()))
        began, used = time.perf_counter(), cpu_seconds()
        first = 0.0
        while left := await number(runtime, "SELECT count(*) FROM run WHERE state = 'active'"):
            if not first and left < runs:
                first = time.perf_counter() - began
            await asyncio.sleep(0.1)
        took = time.perf_counter() - began
        spent = {name: seconds - used[name] for name, seconds in cpu_seconds().items()}
        after = sum((await history_events(runtime.temporal)).values()) if runtime.temporal else 0
        print(
            f"{runs:,} runs due at once: first moved after {first:.1f} s, all after {took:.1f} s,"
            f" {runs / took:,.0f} a second; CPU {spent['product']:.1f} s here,"
            f" {spent['postgres']:.1f} s PostgreSQL, {spent['temporal']:.1f} s Temporal;"
            f" {(after - before) / (3 * runs):.4f} history events a contact-step"
        )
        print(f"bare UPDATE of as many rows: {peer:.1f} s, ratio {took / peer:.1f}")


async def bare(runtime: Runtime) -> float:
    """The same rows written once by one statement, and forgotten."""
    began = time.perf_counter()
    async with runtime.store.engine.connect() as connection:
        await connection.execute(text("UPDATE run SET node = 'near', moved_at = now()"))
        await connection.rollback()
    return time.perf_counter() - began


def main() -> None:
    print(machine_line())
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))


if __name__ == "__main__":
    main()
