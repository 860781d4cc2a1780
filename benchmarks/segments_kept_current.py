"""What keeping the members of many segments costs: counting all of them, and following events.

Run: cadenza bench segments_kept_current [contacts] [segments]. The company is like the one of
`segments_in_sql`, made once and kept in the temporary folder. Prints seconds of the first count and
of a recount in which nobody moves, CPU per 1,000 events of this process and of PostgreSQL, and
memory.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, text

from benchmarks import _segment_data
from benchmarks._stack import machine_line
from crm_store.models import SegmentKind
from crm_store.segments import ask_for_recount
from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.dispatching import dispatch_events
from engine.services.events.recording import NewEvent, record_events
from engine.services.plans import Plans
from engine.services.segments.editing import NewSegment, create_segment
from engine.services.segments.recounting import Recounting
from engine.services.travelling import Ledger

# Just after the last event of the generated company.
NOW = datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC)
PARTITIONS = 4
EVENTS = 4_000
BATCH = 1_000
NAMES = ("Page Viewed", "Message Opened", "Message Clicked", "Product Viewed", "Cart Updated")
COUNTRIES = ("SG", "DE", "FR", "US", "JP", "BR", "CN")
STAGES = ("lead", "subscriber", "customer", "churned")

PLAN_FIELD = """
INSERT INTO custom_field (record, key, label, type) SELECT 'contact', 'plan', 'plan', 'text'
WHERE NOT EXISTS (SELECT FROM custom_field WHERE record = 'contact' AND key = 'plan')
"""


def var(path: str) -> dict[str, str]:
    return {"var": path}


def rule(number: int, dice: random.Random) -> dict[str, Any]:
    """A rule as marketers save them: one to four conditions, mostly selective."""
    country = {"==": [var("contact.country"), dice.choice(COUNTRIES)]}
    stage = {"==": [var("contact.lifecycle_stage"), dice.choice(STAGES)]}
    score = {"between": [var("contact.score"), low := dice.randrange(90), low + 8]}
    tag = {"has": [var("contact.tags"), f"tag {dice.randrange(1, 41)}"]}
    event, days = dice.choice(NAMES), dice.choice((7, 14, 30, 90))
    done = {"done": [event, ">=", dice.randrange(1, 4), ["in_last", days, "days"]]}
    quiet = {"not_done": [event, ["in_last", days, "days"]]}
    plan = {"==": [var("contact.custom.plan"), dice.choice(("free", "pro", "team"))]}
    paid = {
        ">=": [
            {"count": [var("orders"), {"==": [var("status"), "paid"]}]},
            dice.randrange(1, 4),
        ]
    }
    seen = {"more_than_ago": [var("contact.last_seen_at"), days, "days"]}
    shapes: tuple[list[Any], ...] = (
        [country, score],
        [country, stage, tag],
        [done, country],
        [quiet, stage, score],
        [paid, country, score],
        [tag, done],
        [seen, country, score],
        [stage, score, {"!=": [var("contact.language"), "de"]}],
        [plan, country, score],
    )
    return {"and": shapes[number % len(shapes)]}


@dataclass
class Bench:
    store: Store
    engine: Engine
    contacts: int
    now: datetime = NOW

    def recounting(self, plans: Plans) -> Recounting:
        return Recounting(self.store, plans.segments, lambda: self.now, "UTC", PARTITIONS)

    async def clean(self) -> None:
        async with self.store.transaction() as session:
            for statement in (
                "DELETE FROM segment_member",
                "DELETE FROM segment",
                "DELETE FROM event_pending",
                "DELETE FROM event WHERE source IN ('bench', 'cadenza')",
                PLAN_FIELD,
            ):
                await session.execute(text(statement))

    async def make(self, count: int) -> None:
        dice = random.Random(7)
        async with self.store.transaction() as session:
            for number in range(count):
                new = NewSegment(f"segment_{number}", f"Segment {number}", rule=rule(number, dice))
                assert new.kind is SegmentKind.RULE
                await create_segment(session, SYSTEM, new, self.now)

    async def count(self, plans: Plans) -> tuple[str, int]:
        started, ours, theirs = time.perf_counter(), time.process_time(), self.database_cpu()
        moved = 0
        recounting = self.recounting(plans)
        while (look := await recounting.look(lambda: False)).again:
            moved += look.moved
        return (
            f"{time.perf_counter() - started:.1f} s, {time.process_time() - ours:.1f} s CPU here, "
            f"{self.database_cpu() - theirs:.1f} s in PostgreSQL"
        ), moved

    async def recount(self, plans: Plans) -> tuple[str, int]:
        async with self.store.transaction() as session:
            await ask_for_recount(session, self.now)
        return await self.count(plans)

    async def happen(self, tag: str) -> None:
        dice = random.Random(11)
        events = [
            NewEvent(
                "bench",
                f"{tag}-{number}",
                dice.choice(NAMES),
                dice.randrange(1, self.contacts),
                {},
                self.now,
            )
            for number in range(EVENTS)
        ]
        async with self.store.transaction() as session:
            await record_events(session, events, PARTITIONS, self.now)

    async def dispatch(self, plans: Plans) -> int:
        done = 0
        for partition in range(PARTITIONS):
            more = True
            while more:
                async with self.store.transaction() as session:
                    found = await dispatch_events(
                        session,
                        plans,
                        Ledger(self.now, "UTC", 2, partition),
                        partition=partition,
                        limit=BATCH,
                        advance_shards=2,
                    )
                done, more = done + found.events, found.full
        return done

    def database_cpu(self) -> float:
        """Seconds of CPU of all of PostgreSQL's processes that live, this bench's among them."""
        with self.engine.connect() as connection:
            pids = connection.execute(text("SELECT pid FROM pg_stat_activity")).scalars().all()
        return sum(
            sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids if psutil.pid_exists(pid)
        )


async def measure(engine: Engine, contacts: int, segments: int) -> None:
    store = Store(engine.url.render_as_string(hide_password=False))
    bench, plans = Bench(store, engine, contacts), Plans()
    await bench.clean()
    print(f"{contacts:,} contacts, {segments} segments, {EVENTS:,} events", flush=True)
    ours = await cost_of_events(bench, plans, "before")
    await bench.make(segments)
    took, moved = await bench.count(plans)
    print(f"first count: {took}, {moved:,} members", flush=True)
    took, moved = await bench.recount(plans)
    print(f"recount: {took}, {moved} moves", flush=True)
    bench.now += timedelta(minutes=5)
    took, moved = await bench.count(plans)
    print(f"five minutes later: {took}, {moved} moves", flush=True)
    with_segments = await cost_of_events(bench, plans, "after")
    print(f"per 1,000 events without segments: {ours}")
    print(f"per 1,000 events with {segments}: {with_segments}")
    memory = psutil.Process(os.getpid()).memory_info().rss / 2**20
    print(f"memory of this process: {memory:.0f} MiB")
    await store.close()


async def cost_of_events(bench: Bench, plans: Plans, tag: str) -> str:
    await bench.dispatch(plans)
    await bench.happen(tag)
    ours, theirs, wall = time.process_time(), bench.database_cpu(), time.perf_counter()
    done = await bench.dispatch(plans)
    per = EVENTS / 1000
    return (
        f"{(time.process_time() - ours) / per * 1000:.0f} ms CPU here, "
        f"{(bench.database_cpu() - theirs) / per * 1000:.0f} ms in PostgreSQL, "
        f"{(time.perf_counter() - wall) / per * 1000:.0f} ms wall, "
        f"{done - EVENTS} events of segments"
    )


def main() -> None:
    contacts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    segments = int(sys.argv[2]) if len(sys.argv) > 2 else 750
    print(machine_line())
    # Members are written here, so the company is not the one that other benchmarks read.
    _segment_data.FOLDER = Path(tempfile.gettempdir()) / "cadenza-segments-kept-bench"
    with _segment_data.company(contacts) as engine:
        asyncio.run(measure(engine, contacts, segments))


if __name__ == "__main__":
    main()
