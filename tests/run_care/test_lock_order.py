"""Dispatch, due runs, recounts and an import write the same people at once and never in a circle.

The workers go on for a bounded number of rounds; the database's own word for a circle of waiting
transactions (SQLSTATE 40P01) must not come up once, not even where somebody would try again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event as happening
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError

from crm_store import giving_way
from engine.activities.parts import Parts
from engine.services.actor import SYSTEM
from engine.services.advancing import advance_due
from engine.services.dispatching import dispatch_events
from engine.services.events import NewEvent, partitions_of, record_events
from engine.services.imports import ImportOrder, import_file
from engine.services.scoring.editing import create_model
from engine.services.scoring.recounting import ScoreRecounting
from engine.services.segments.editing import NewSegment, create_segment
from tests.driving.world import PARTITIONS, World

PEOPLE, ROUNDS, BATCH = 60, 5, 100
FLOW = """
flow: touched
label: Touched
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Pinged}
entry: always
steps:
  note:   {do: update_record, set: {city: Singapore}, next: points}
  points: {do: adjust_score, by: 1, next: rest}
  rest:   {do: wait, for: PT1S, next: again}
  again:  {do: update_record, set: {job_title: Captain}, next: done}
  done:   {do: exit}
"""
MODEL = {
    "score": "interest",
    "label": "Interest",
    "bands": [{"name": "cold", "from": 0}, {"name": "warm", "from": 3}],
    "rules": [{"key": "ping", "points": 1, "event": "Pinged", "within_days": 90}],
}
LATELY = {"done": ["Pinged", ">=", 2, ["in_last", 6, "hours"]]}


def circles(world: World) -> list[str]:
    """Filled with every deadlock that any transaction of this store meets."""
    met: list[str] = []

    def note(context: ExceptionContext) -> None:
        state = getattr(context.original_exception, "sqlstate", None)
        if state == giving_way.DEADLOCK:
            met.append(str(context.statement))

    happening.listen(world.store.store.engine.sync_engine, "handle_error", note)
    return met


async def ping(world: World, people: list[int], round_: int) -> None:
    async with world.store.store.transaction() as session:
        events = [
            NewEvent("test", f"{round_}-{one}", "Pinged", one, {}, world.now) for one in people
        ]
        await record_events(session, events, PARTITIONS, world.now)


async def work(world: World, parts: Parts, partition: int, rounds: range) -> None:
    """One worker: the events of a partition, then whoever is due in a shard."""
    for _ in rounds:
        async with parts.store.transaction() as session:
            await dispatch_events(
                session,
                parts.plans,
                parts.ledger(world.now, partition),
                partition=partition,
                limit=BATCH,
                advance_shards=2,
            )
        async with parts.store.transaction() as session:
            [flow_id] = (await parts.plans.book(session)).names
            await advance_due(
                session,
                parts.plans,
                parts.ledger(world.now, partition),
                flow_id=flow_id,
                shard=partition,
                limit=BATCH,
            )


async def scores(world: World, parts: Parts, rounds: range) -> None:
    counting = ScoreRecounting(parts.store, parts.plans, parts.announcer, lambda: world.now, "UTC")
    for _ in rounds:
        await counting.look()


async def imports(world: World, folder: Path, rounds: range) -> None:
    """Some lines change one field and others another, so that they are written in two statements;
    the file is sorted against the order of ids."""
    for round_ in rounds:
        lines = [_line(n, round_) for n in reversed(range(PEOPLE))]
        path = folder / f"{round_}.csv"
        path.write_text("email,city,job_title\n" + "\n".join(lines), encoding="utf-8")
        await import_file(
            world.store.store,
            SYSTEM,
            ImportOrder(path, "contacts", fire=PARTITIONS, batch=25),
            lambda: world.now,
        )


def _line(number: int, round_: int) -> str:
    city = f"Town {round_}" if number % 2 else ""
    job = f"Clerk {round_}" if number % 3 else ""
    return f"person{number}@example.com,{city},{job}"


async def test_nobody_waits_in_a_circle(world: World, tmp_path: Path) -> None:
    people = await world.people(PEOPLE)
    await world.publish(FLOW)
    async with world.store.store.transaction() as session:
        await create_model(session, SYSTEM, MODEL, world.now, default=True)
        await create_segment(
            session, SYSTEM, NewSegment("lately", "Lately", rule=LATELY), world.now
        )
    met = circles(world)
    workers = [world.new_worker("one"), world.new_worker("two")]
    async with asyncio.timeout(60):
        for round_ in range(ROUNDS):
            await ping(world, people, round_)
            world.now = world.now.replace(minute=round_ + 1)
            few = range(3)
            await asyncio.gather(
                *(work(world, parts, number, few) for number, parts in enumerate(workers)),
                scores(world, world.new_worker("three"), few),
                imports(world, tmp_path, range(10 * round_, 10 * round_ + 2)),
            )
    assert met == []
    [(entered,)] = await world.rows("SELECT count(*) FROM run")
    assert entered == PEOPLE * ROUNDS


async def test_an_import_that_was_in_a_circle_is_done_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.people(2)
    path = tmp_path / "cities.csv"
    path.write_text("email,city\nperson0@example.com,Kandy\nnew@example.com,Galle\n")
    left = [2]

    class Circle(Exception):
        sqlstate = giving_way.DEADLOCK

    honest = partitions_of

    def fails(*arguments: object) -> frozenset[int]:
        if left[0]:
            left[0] -= 1
            raise OperationalError("UPDATE", {}, Circle())
        return honest(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("engine.services.imports.running.partitions_of", fails)
    order = replace(ImportOrder(path, "contacts"), fire=PARTITIONS)
    report = await import_file(world.store.store, SYSTEM, order, lambda: world.now)
    assert (report.lines, report.events, left) == (2, 2, [0])
    assert len(await world.rows("SELECT 1 FROM event")) == 2
