"""A whole audience enters a flow: send, wait, exit, with the null channel and production settings.

    python -m benchmarks.audience 1000000

Two times are taken: until everybody is enrolled, and until everybody has had the mail and the run
is over. Memory is that of the product's process, at every page. The peer is the bare loop: the same
rows inserted by the same pool, page by page, without rules or an engine.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass, field

import psutil
from sqlalchemy import text

from benchmarks._stack import add_contacts, cpu_seconds, machine_line, number, publish, stack
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.enrolments import EVERYBODY, EnrolmentLine, list_enrolments, start_enrolment

FLOW = """
flow: audience
label: An audience
subject: contact
purpose: marketing
consent_note: benchmark
trigger: {on: manual}
entry: once
steps:
  first: {do: send_message, template: welcome, next: pause}
  pause: {do: wait, for: PT1S, next: done}
  done:  {do: exit}
"""
PAGE = 5_000


@dataclass
class Memory:
    """Megabytes of the product's process, as they went."""

    seen: list[float] = field(default_factory=list)

    def look(self) -> None:
        self.seen.append(psutil.Process().memory_info().rss / 2**20)

    def words(self) -> str:
        third = max(len(self.seen) // 3, 1)
        first, last = max(self.seen[:third]), max(self.seen[-third:])
        return f"memory {first:,.0f} MB at most in the first third, {last:,.0f} MB in the last"


async def let_in(contacts: int) -> None:
    async with stack("null") as runtime:
        await add_contacts(runtime, contacts)
        peer = await bare_loop(runtime, contacts)
        await publish(runtime, FLOW)
        began, spent, memory = time.perf_counter(), cpu_seconds(), Memory()
        async with runtime.store.transaction() as session:
            started = await start_enrolment(
                session, SYSTEM, runtime.plans, "audience", now=runtime.now(), rule=EVERYBODY
            )
        runtime.pokes.audience(started.id)
        line = await until_enrolled(runtime, memory)
        enrolled = time.perf_counter() - began
        assert (line.entered, line.refused, line.total) == (contacts, 0, contacts), line
        print(
            f"{contacts:>9,} enrolled in {enrolled:,.1f} s: {contacts / enrolled:,.0f} contacts/s,"
            f" while the first of them are mailed; bare loop {peer:,.0f} rows/s"
        )
        await until_over(runtime, contacts, memory)
        seconds = time.perf_counter() - began
        used = {name: now - spent[name] for name, now in cpu_seconds().items()}
        per_contact = ", ".join(f"{n} {1000 * s / contacts:.2f}" for n, s in used.items())
        print(
            f"          everybody mailed and out after {seconds:,.1f} s:"
            f" {contacts / seconds:,.0f} contacts/s; CPU ms per contact: {per_contact}"
        )
        print(f"          {memory.words()}")


async def until_enrolled(runtime: Runtime, memory: Memory) -> EnrolmentLine:
    while True:
        async with runtime.store.transaction() as session:
            [line] = await list_enrolments(session, SYSTEM, "audience")
        if line.state != "running":
            return line
        memory.look()
        await asyncio.sleep(0.2)


async def until_over(runtime: Runtime, contacts: int, memory: Memory) -> None:
    over = "SELECT coalesce(sum(count), 0) FROM node_count WHERE exit = '(done)'"
    while await number(runtime, over) < contacts:
        memory.look()
        await asyncio.sleep(0.5)


async def bare_loop(runtime: Runtime, contacts: int) -> float:
    """The least it takes: one row per contact, with the indexes of `run`."""
    async with runtime.store.connection() as connection:
        await connection.execute(text("CREATE TABLE bare (LIKE run INCLUDING ALL)"))
    began = time.perf_counter()
    for start in range(0, contacts, PAGE):
        async with runtime.store.connection() as connection:
            await connection.execute(
                text(
                    "INSERT INTO bare (flow_id, flow_version_id, subject_id, entry_key, shard,"
                    " node, visit, due_at, entered_at, moved_at)"
                    " SELECT 1, 1, id, 'once', 0, 'first', 1, now(), now(), now() FROM contact"
                    " WHERE id > :start ORDER BY id LIMIT :page"
                ),
                {"start": start, "page": PAGE},
            )
    seconds = time.perf_counter() - began
    async with runtime.store.connection() as connection:
        await connection.execute(text("DROP TABLE bare"))
    return contacts / seconds


def main() -> None:
    print(machine_line())
    for count in [int(argument) for argument in sys.argv[1:]] or [100_000]:
        asyncio.run(let_in(count))


if __name__ == "__main__":
    main()
