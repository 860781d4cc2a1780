"""Memory of the one process while many contacts wait in a flow.

    python -m benchmarks.waiting_contacts [contacts]

The peer is the same process, started and idle, with nobody waiting.
"""

from __future__ import annotations

import asyncio
import sys

import psutil

from benchmarks._stack import add_contacts, machine_line, number, publish, stack

FLOW = """
flow: long_wait
label: A long wait
subject: contact
purpose: marketing
consent_note: benchmark
trigger: {on: segment, when: {is_set: [{var: contact.email}]}}
entry: once
steps:
  pause: {do: wait, for: P30D, next: done}
  done:  {do: exit}
"""


def megabytes() -> dict[str, float]:
    own = psutil.Process()
    sizes = {"product": own.memory_info().rss / 2**20, "temporal": 0.0}
    for child in own.children(recursive=True):
        if "temporal" in child.name():
            sizes["temporal"] += child.memory_info().rss / 2**20
    return sizes


async def measure(contacts: int) -> None:
    async with stack("null") as runtime:
        await add_contacts(runtime, contacts)
        before = megabytes()
        published = await publish(runtime, FLOW)
        assert published.enrolment_id is not None
        runtime.pokes.audience(published.enrolment_id)
        waiting = "SELECT count(*) FROM run WHERE node = 'pause' AND happening IS NULL"
        while await number(runtime, waiting) < contacts:
            await asyncio.sleep(0.5)
        after = megabytes()
        size = await number(runtime, "SELECT pg_total_relation_size('run')")
        print(
            f"{contacts:,} waiting: product {after['product']:.0f} MiB"
            f" (idle {before['product']:.0f},"
            f" ratio {after['product'] / before['product']:.2f}), temporal"
            f" {after['temporal']:.0f} MiB, run table with indexes {size / contacts:.0f} bytes each"
        )


def main() -> None:
    print(machine_line())
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))


if __name__ == "__main__":
    main()
