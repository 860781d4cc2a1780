"""A receiver was dead for six hours and a hundred thousand deliveries wait for it: how long until
they are out, is one lost, and do other receivers notice?

The six hours pass on a clock of ours. The healthy receiver is told of one event after the other,
before there is a backlog and while it goes out.

    python -m benchmarks.webhook_backlog [deliveries] [events of the healthy one] [per second]
"""

from __future__ import annotations

import asyncio
import sys

from benchmarks._stack import machine_line, stack
from tests.subscriptions.backlog import after_a_dead_receiver
from tests.subscriptions.telling_world import World


async def main(waiting: int, healthy: int, per_second: int) -> None:
    async with stack(working=False) as runtime:
        world = World(runtime.store)
        await world.furnish()
        found = await after_a_dead_receiver(
            world, waiting=waiting, healthy=healthy, per_second=per_second
        )
        await world.outgoing.close()
    before, beside = found.p95(found.before), found.p95(found.beside)
    print(machine_line())
    print(f"{waiting:,} deliveries waited; tried {found.tried_while_dead} times while dead")
    print(f"  drained in {found.drained.total_seconds():,.0f} s; lost {found.lost}")
    print(f"  came twice: {found.repeated}")
    print(f"  the healthy one's p95: {before * 1000:.0f} ms before, {beside * 1000:.0f} ms beside")
    print(f"  changed by {(beside / before - 1) * 100:+.0f} %")


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    asyncio.run(main(*(numbers + [100_000, 500, 50][len(numbers) :])))
