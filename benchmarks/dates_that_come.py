"""One look at whose birthday has come, among many contacts.

    python -m benchmarks.dates_that_come [contacts]

Half of the contacts live in one zone and the rest in eleven others, a fifth keeps the lunar
calendar, and one in fifty was born on 1 January 1970, as where forms have a default. The peer is
what one would write first: a query that reads every contact with a birthday.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from time import perf_counter

from sqlalchemy import text

from benchmarks._stack import machine_line, publish, stack
from engine.activities.due_dates import ROWS_PER_PAGE
from engine.dates.hours import Hours
from engine.runtime import Runtime
from engine.services.due_dates.sweeping import Swept, sweep_page

FLOW = """
flow: birthday_{name}
purpose: service
trigger: {{on: date, field: {field}, yearly: true, at: "09:00"}}
steps:
  done: {{do: exit}}
"""
PEER = "SELECT id, birthday, birthday_calendar, time_zone FROM contact WHERE birthday IS NOT NULL"
PEOPLE = """
    INSERT INTO contact (email, email_key, time_zone, birthday, birthday_calendar, custom,
                         created_at)
    SELECT 'p' || n || '@example.com', 'p' || n || '@example.com',
           CASE WHEN n % 2 = 0 THEN 'Asia/Shanghai' ELSE
               (ARRAY['Asia/Singapore', 'Europe/Berlin', 'America/New_York', 'Europe/London',
                      'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Sydney', 'America/Sao_Paulo',
                      'America/Los_Angeles', 'Asia/Tokyo', 'Africa/Cairo'])[1 + n % 11] END,
           CASE WHEN n % 50 = 0 THEN date '1970-01-01' ELSE
               date '1950-01-01' + (n::bigint * 7919 % 20000)::integer END,
           CASE WHEN n % 5 = 1 THEN 'lunar' ELSE 'gregorian' END,
           jsonb_build_object('since', date '2000-01-01' + (n * 31 % 9000)::integer),
           '2020-01-01'
    FROM generate_series(1, CAST(:count AS integer)) AS n
"""
TICK = timedelta(minutes=15)
# Nine in the morning in China, on an ordinary day and on the day of the defaults.
MOMENTS = {
    "an ordinary morning in China": datetime(2027, 5, 12, 1, tzinfo=UTC),
    "a tick without anybody": datetime(2027, 5, 12, 1, 30, tzinfo=UTC),
    "1 January in China": datetime(2028, 1, 1, 1, tzinfo=UTC),
    "after an outage of two days": datetime(2028, 5, 14, 1, tzinfo=UTC),
}


async def look(runtime: Runtime, flow_id: int, now: datetime) -> AsyncIterator[Swept]:
    hours = Hours(clock_time(9))
    while True:
        async with runtime.store.transaction() as session:
            page = await sweep_page(
                session,
                runtime.plans,
                hours,
                flow_id=flow_id,
                limit=ROWS_PER_PAGE,
                advance_shards=2,
                now=now,
                default_zone="UTC",
            )
        yield page
        if page.done:
            return


async def measure(runtime: Runtime, flow_id: int, what: str, now: datetime) -> None:
    back = timedelta(days=2) if "outage" in what else TICK
    async with runtime.store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO date_watch (flow_id, looked_until) VALUES (:flow, :since) "
                "ON CONFLICT (flow_id) DO UPDATE SET looked_until = :since"
            ),
            {"flow": flow_id, "since": now - back},
        )
    began, worked = perf_counter(), time.process_time()
    pages = [page async for page in look(runtime, flow_id, now)]
    took, cpu = perf_counter() - began, time.process_time() - worked
    read, entered = sum(p.looked_at for p in pages), sum(p.entered for p in pages)
    sys.stdout.write(
        f"  {what:32} {took * 1000:8.0f} ms ({cpu * 1000:.0f} ms of Python), {len(pages)} pages, "
        f"{read:,} rows read, {entered:,} entered\n"
    )


async def main(count: int) -> None:
    sys.stdout.write(f"{machine_line()}\n{count:,} contacts\n")
    async with stack(working=False) as runtime:
        async with runtime.store.transaction() as session:
            await session.execute(text(PEOPLE), {"count": count})
            await session.execute(
                text(
                    "INSERT INTO custom_field (record, key, label, type) "
                    "VALUES ('contact', 'since', 'since', 'date')"
                )
            )
        async with runtime.store.engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await autocommit.execute(text("VACUUM ANALYZE contact"))
        for name, field in (("own", "birthday"), ("custom", "custom.since")):
            published = await publish(runtime, FLOW.format(name=name, field=field))
            sys.stdout.write(f"{field}\n")
            for what, now in MOMENTS.items():
                await measure(runtime, published.flow_id, what, now)
        began = perf_counter()
        async with runtime.store.transaction() as session:
            rows = len((await session.execute(text(PEER))).all())
        sys.stdout.write(f"peer: reading {rows:,} birthdays {perf_counter() - began:.1f} s\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
