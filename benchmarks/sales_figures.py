"""Figures of sales work over a million stays on stages.

    cadenza bench sales_figures [--stays 1000000]

Fills a throw-away PostgreSQL with deals that pass through four stages of a pipeline, and a second
pipeline of the same size beside it, and asks each figure three times, as a process does whose
statements are prepared. Prints the median of the wall time, the smallest, and the CPU of the
statements, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Final

import psutil
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks._stack import machine_line
from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.insight import (
    Question,
    aging,
    bottlenecks,
    conversion,
    forecast,
    performance,
)
from engine.services.insight.patience import LONGEST
from tests.servers import Databases, postgres

NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
REPEATS: Final = 3
STAYS_OF_A_DEAL: Final = 4
_FILL: Final = (
    "INSERT INTO role (key, label) VALUES ('rep', 'Rep')",
    "INSERT INTO team (name) SELECT 'Team ' || n FROM generate_series(1, 10) n",
    """INSERT INTO "user" (name, name_key, role, team_id, manager_id)
       SELECT 'P' || n, 'p' || n, 'rep', 1 + n % 10, CASE WHEN n > 10 THEN 1 + n % 10 END
       FROM generate_series(1, 200) n""",
    "INSERT INTO pipeline (key, label) VALUES ('direct', 'Direct'), ('partner', 'Partner')",
    """INSERT INTO stage (pipeline_id, key, label, kind, position, probability_percent,
                           forecast_category)
       SELECT p, k, k, CASE WHEN k IN ('won', 'lost') THEN k ELSE 'open' END, n, n * 20, 'pipeline'
       FROM (VALUES (1), (2)) AS pipelines(p),
            (VALUES (0, 'lead'), (1, 'talk'), (2, 'offer'), (3, 'signing'), (4, 'won'),
                    (5, 'lost')) AS stages(n, k)""",
    # each deal goes through four stays; one in five is open still, one in three of the rest is won
    """INSERT INTO deal (name, owner_id, pipeline_id, stage_id, stage_entered_at, amount_minor,
                          currency, forecast_category, expected_close_on, opened_at, closed_at)
       SELECT 'Deal ' || n, 1 + n % 200, 1 + n % 2,
              6 * (n % 2) + CASE WHEN n % 5 = 0 THEN 4 WHEN n % 3 = 0 THEN 5 ELSE 6 END,
              at + length * 0.9, 1000 * (n % 9000), 'USD', 'pipeline',
              (at + length)::date, at, CASE WHEN n % 5 > 0 THEN at + length * 0.9 END
       FROM (SELECT n, timestamptz '2024-11-22' + (n * 61 % 1040000) * interval '1 minute' AS at,
                    (10 + n * 7 % 120) * interval '1 day' AS length
             FROM generate_series(1, :deals) n) made""",
    """INSERT INTO stage_visit (deal_id, pipeline_id, stage_id, from_stage_id, entered_at, left_at,
                                 working_seconds, via)
       SELECT d.id, d.pipeline_id,
              CASE WHEN k = 3 THEN d.stage_id ELSE 6 * (d.pipeline_id - 1) + 1 + k END,
              CASE WHEN k > 0 THEN 6 * (d.pipeline_id - 1) + k END,
              d.opened_at + (d.stage_entered_at - d.opened_at) * k / 3,
              CASE WHEN k < 3 THEN d.opened_at + (d.stage_entered_at - d.opened_at) * (k + 1) / 3
              END, CASE WHEN k < 3 THEN 20000 + d.id * 37 % 900000 END, 'api'
       FROM deal d, generate_series(0, 3) k""",
    "VACUUM ANALYZE",
)

Asked = Callable[[AsyncSession], Awaitable[object]]
YEAR: Final = Question(pipeline="direct", since=date(2025, 11, 22))
QUARTER: Final = Question(pipeline="direct", since=date(2026, 8, 22))
_FIGURES: Final[dict[str, Asked]] = {
    "conversion, all": lambda s: conversion(s, SYSTEM, Question(), "UTC"),
    "conversion, a year of one pipeline": lambda s: conversion(s, SYSTEM, YEAR, "UTC"),
    "conversion, a quarter": lambda s: conversion(s, SYSTEM, QUARTER, "UTC"),
    "bottlenecks, a year against the one before": lambda s: bottlenecks(
        s, SYSTEM, YEAR, NOW, "UTC", day_seconds=28_800
    ),
    "bottlenecks, a quarter against the one before": lambda s: bottlenecks(
        s, SYSTEM, QUARTER, NOW, "UTC", day_seconds=28_800
    ),
    "forecast by owner": lambda s: forecast(s, SYSTEM, Question(), NOW, "UTC", by="owner"),
    "performance by owner, all": lambda s: performance(s, SYSTEM, Question(), "UTC"),
    "performance by team, a quarter": lambda s: performance(s, SYSTEM, QUARTER, "UTC", by="team"),
    "aging": lambda s: aging(s, SYSTEM, Question(), NOW, "UTC"),
}


async def fill(store: Store, stays: int) -> None:
    async with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for statement in _FILL:
            values = {"deals": stays // STAYS_OF_A_DEAL} if ":deals" in statement else {}
            await connection.execute(text(statement), values)


async def _turn(store: Store, asked: Asked) -> tuple[float, float]:
    """Seconds on the clock, and of the server's CPU: without its helpers, which is why they are
    switched off."""
    async with store.transaction() as session:
        await session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
        server = psutil.Process(int(pid or 0))
        before, began = server.cpu_times(), time.perf_counter()
        await asked(session)
        wall, after = time.perf_counter() - began, server.cpu_times()
    return wall, after.user + after.system - before.user - before.system


async def measure(url: str, stays: int) -> None:
    store = Store(url, pool_size=1)
    began = time.perf_counter()
    await fill(store, stays)
    print(f"{stays:,} stays written in {time.perf_counter() - began:.0f} s")
    print(f"a statement may take {LONGEST.total_seconds():.0f} s")
    for name, asked in _FIGURES.items():
        turns = [await _turn(store, asked) for _ in range(REPEATS)]
        middle = statistics.median(wall for wall, _ in turns)
        least, cpu = min(turns)[0], statistics.median(used for _, used in turns)
        print(f"{name:48} {middle:6.2f} s ({least:5.2f}) cpu {cpu:5.2f}", flush=True)
    await store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stays", type=int, default=1_000_000)
    wanted = parser.parse_args()
    print(machine_line())
    with postgres() as server, closing(Databases(server)) as databases:
        asyncio.run(measure(databases.url(databases.fresh()), wanted.stays))


if __name__ == "__main__":
    main()
