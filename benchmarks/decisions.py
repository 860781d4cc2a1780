"""A burst of decisions on approvals through real Temporal: per second, latencies, none lost.

    python -m benchmarks.decisions [requests]

Each request has one approver, and all of them are approved at once. Counted in the tables
afterwards: every request decided, every decision kept once.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from sqlalchemy import text

from benchmarks._hosts import told, weight
from benchmarks._stack import machine_line, number, stack
from crm_store.people import add_user
from engine.runtime import Runtime
from engine.services.approvals.asking import Ask, InlineChain
from engine.services.approvals.opening import open_requests
from engine.services.people import ensure_roles
from engine.services.tending import Answer, ClockKind
from engine.services.work import working
from engine.steps.words import Words

CHAIN = {"levels": [{"key": "first", "approvers": [{"user": "ben@example.com"}]}]}
# A browser or a worker waits for so many answers at once.
AT_ONCE = 100


async def somebody(runtime: Runtime, name: str) -> int:
    email = f"{name}@example.com"
    row = {"email": email, "email_key": email, "name": name, "name_key": name}
    async with runtime.store.transaction() as session:
        await ensure_roles(session)
        return await add_user(session, row | {"role": "sales_manager"})


async def opened(runtime: Runtime, count: int, requester: int) -> list[int]:
    """Requests whose hosts are there."""
    requests: list[int] = []
    for first in range(0, count, 100):
        async with working(runtime.store, runtime.shared, runtime.pokes, runtime.now()) as work:
            asks = [
                Ask(
                    InlineChain(CHAIN),
                    "benchmark",
                    one,
                    requester,
                    Words("Discount", "折扣"),
                    key=f"benchmark:{one}",
                )
                for one in range(first, min(first + 100, count))
            ]
            requests += await open_requests(work, asks)
    runtime.pokes.clocks()
    while await number(runtime, "SELECT count(*) FROM clock WHERE hosted_at IS NULL"):
        await asyncio.sleep(0.2)
    return requests


async def decide(runtime: Runtime, requests: list[int], by: int) -> list[float]:
    """Seconds from asking to knowing, of each."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(request: int) -> float:
        async with places:
            began = time.perf_counter()
            answer = Answer(by, "approve", {}, "api", f"benchmark-{request}")
            answered = await runtime.pokes.ask(ClockKind.APPROVAL, request, answer)
            assert answered.code == "accepted", answered
            return time.perf_counter() - began

    return await asyncio.gather(*(one(request) for request in requests))


async def measure(count: int) -> None:
    async with stack("null") as runtime:
        requester, ben = await somebody(runtime, "cleo"), await somebody(runtime, "ben")
        requests = await opened(runtime, count, requester)
        before, began = weight(), time.monotonic()
        waits = await decide(runtime, requests, ben)
        took = time.monotonic() - began
        used = weight().cpu_since(before)
        cuts = statistics.quantiles(waits, n=100)
        print(f"{count:,} decisions, {AT_ONCE} at once: {took:.1f} s ({count / took:.0f}/s)")
        print(f"each: p50 {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms")
        print(
            f"CPU: {told({name: 1000 * cpu / count for name, cpu in used.items()}, 'ms each', 1)}"
        )
        async with runtime.store.connection() as connection:
            found = await connection.execute(
                text(
                    "SELECT count(*), count(DISTINCT entity_id), count(*) FILTER"
                    " (WHERE code = 'accepted') FROM given_answer"
                )
            )
            kept, distinct, accepted = found.one()
        print(f"kept {kept}, of {distinct} requests, accepted {accepted}")


def main() -> None:
    print(machine_line())
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 500))


if __name__ == "__main__":
    main()
