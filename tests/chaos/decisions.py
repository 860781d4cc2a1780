"""Many decisions while the worker that acts on them is killed three times: each counts once.

A soak of a minute or two: `make chaos-decisions`, `make chaos-decisions DECISIONS=60` for a short
one. Two people are asked about each request, one after the other, and press their buttons again
until they hear what became of it, as a browser would.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import text

from benchmarks._stack import number, stack
from crm_store.people import add_user
from engine.errors import Unavailable
from engine.runtime import Runtime
from engine.services.approvals.asking import Ask, InlineChain
from engine.services.approvals.opening import open_requests
from engine.services.people import ensure_roles
from engine.services.tending import Answer, ClockKind
from engine.services.work import working
from engine.steps.words import Words

DECISIONS = int(os.environ.get("CHAOS_DECISIONS", "300"))
KILLS = 3
AT_ONCE = 40
CHAIN = {
    "levels": [
        {"key": "first", "approvers": [{"user": "ben@example.com"}]},
        {"key": "second", "approvers": [{"user": "cleo@example.com"}]},
    ]
}


async def test_every_decision_counts_once_through_kills() -> None:
    async with stack("null", working=False) as runtime:
        worker = [start(runtime)]
        ada, ben, cleo = [await somebody(runtime, name) for name in ("ada", "ben", "cleo")]
        requests = await opened(runtime, ada)
        began = time.monotonic()
        killing = asyncio.create_task(kill_now_and_then(runtime, worker))
        try:
            said = await decided(runtime, requests, ben, cleo)
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
            worker[0].kill()
            worker[0].wait()
        assert killed(worker) == KILLS
        assert Counter(said) == {"accepted": 2 * len(requests)}
        assert await rows(runtime, "SELECT status, count(*) FROM approval_request GROUP BY 1") == [
            ("approved", len(requests))
        ]
        per_request = await rows(
            runtime,
            "SELECT count(*), count(DISTINCT by_id), count(DISTINCT answer_id)"
            " FROM approval_decision GROUP BY request_id",
        )
        assert set(per_request) == {(2, 2, 2)}
        seconds = time.monotonic() - began
        print(  # noqa: T201 - the figures of the soak
            f"\n{len(said):,} decisions on {len(requests):,} requests through {KILLS} kills in"
            f" {seconds:.0f} s"
        )


def start(runtime: Runtime) -> subprocess.Popen[bytes]:
    settings = runtime.settings
    assert settings.database.url is not None
    assert settings.security.secret_key is not None
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database.url.get_secret_value(),
        "TEMPORAL_ADDRESS": str(settings.temporal.address),
        "SECRET_KEY": settings.security.secret_key.get_secret_value(),
        "DELIVERY_CHANNEL": "null",
        "CADENZA_DATA_DIR": str(settings.data.folder),
        "LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "engine.cli", "worker"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


async def kill_now_and_then(runtime: Runtime, worker: list[subprocess.Popen[bytes]]) -> None:
    """Each time another quarter of the decisions is there; `worker[0]` is the living one."""
    for kill in range(1, KILLS + 1):
        share = 2 * DECISIONS * kill // (KILLS + 1)
        while await number(runtime, "SELECT count(*) FROM approval_decision") < share:
            await asyncio.sleep(0.02)
        worker[0].send_signal(signal.SIGKILL)
        await asyncio.to_thread(worker[0].wait)
        worker.insert(0, start(runtime))


def killed(workers: Sequence[subprocess.Popen[bytes]]) -> int:
    return sum(one.returncode == -signal.SIGKILL for one in workers[1:])


async def decided(runtime: Runtime, requests: Sequence[int], ben: int, cleo: int) -> list[str]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(request: int) -> list[str]:
        async with places:
            return [await pressed(runtime, request, by) for by in (ben, cleo)]

    found = await asyncio.gather(*(one(request) for request in requests))
    return [code for codes in found for code in codes]


async def pressed(runtime: Runtime, request: int, by: int) -> str:
    answer = Answer(by, "approve", {}, "api", f"{request}-{by}")
    while True:
        try:
            return (await runtime.pokes.ask(ClockKind.APPROVAL, request, answer)).code
        except Unavailable:
            await asyncio.sleep(0.2)


async def somebody(runtime: Runtime, name: str) -> int:
    email = f"{name}@example.com"
    row = {"email": email, "email_key": email, "name": name, "name_key": name}
    async with runtime.store.transaction() as session:
        await ensure_roles(session)
        return await add_user(session, row | {"role": "sales_manager"})


async def opened(runtime: Runtime, requester: int) -> list[int]:
    first = Ask(InlineChain(CHAIN), "soak", 0, requester, Words("Discount", "折扣"))
    asks = [replace(first, subject_id=one, key=f"soak:{one}") for one in range(DECISIONS)]
    async with working(runtime.store, runtime.shared, runtime.pokes, runtime.now()) as work:
        return await open_requests(work, asks)


async def rows(runtime: Runtime, sql: str) -> list[tuple[object, ...]]:
    async with runtime.store.connection() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]
