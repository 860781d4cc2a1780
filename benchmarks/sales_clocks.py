"""Open deals with clocks: time to start their hosts, memory and idle CPU afterwards.

    python -m benchmarks.sales_clocks [deals] [idle seconds]

Their clocks are due in the next weeks, as those of a pipeline are; the sweep starts the hosts. The
peer is the same product with nobody open, just before.
"""

from __future__ import annotations

import asyncio
import sys
import time

from sqlalchemy import text

from benchmarks._hosts import told, weight
from benchmarks._stack import machine_line, number, stack
from engine.runtime import Runtime

CLOCKS = """
INSERT INTO clock (kind, entity_id, due_at)
SELECT 'deal', n, now() + make_interval(hours => 24 + n % 700) FROM generate_series(1, :deals) AS n
"""
UNHOSTED = "SELECT count(*) FROM clock WHERE hosted_at IS NULL"
SETTLING_SECONDS = 15


async def idle(seconds: float) -> str:
    """CPU while nothing is due, in percent of one core."""
    before, began = weight(), time.monotonic()
    await asyncio.sleep(seconds)
    used, passed = weight().cpu_since(before), time.monotonic() - began
    return told({name: 100 * cpu / passed for name, cpu in used.items()}, "%", 1)


async def start_all(runtime: Runtime, deals: int) -> float:
    """Seconds until every deal has its host."""
    async with runtime.store.transaction() as session:
        await session.execute(text(CLOCKS), {"deals": deals})
    began = time.monotonic()
    runtime.pokes.clocks()
    while await number(runtime, UNHOSTED):
        await asyncio.sleep(0.2)
    return time.monotonic() - began


async def measure(deals: int, seconds: float) -> None:
    async with stack("null") as runtime:
        await asyncio.sleep(SETTLING_SECONDS)
        print(f"nobody open, idle CPU of one core: {await idle(seconds)}")
        before = weight()
        took = await start_all(runtime, deals)
        started = weight()
        print(f"{deals:,} hosts started in {took:.1f} s ({deals / took:.0f}/s)")
        print(f"CPU for it: {told(started.cpu_since(before), 's', 1)}")
        await asyncio.sleep(SETTLING_SECONDS)
        after = weight()
        print(f"memory: {told(after.memory, 'MiB')}; before {told(before.memory, 'MiB')}")
        print(f"{deals:,} open, idle CPU of one core: {await idle(seconds)}")


def main() -> None:
    deals = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 30
    print(machine_line())
    asyncio.run(measure(deals, seconds))


if __name__ == "__main__":
    main()
