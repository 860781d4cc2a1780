"""Contacts per second through five nodes with all database writes, and history per contact-step.

    python -m benchmarks.contacts_through_a_flow 10000 100000

Message, wait, branch, message, exit, with a channel that drops what it is given. The peer is the
bare loop: the same number of rows inserted and updated once by the same pool, without any engine.
"""

from __future__ import annotations

import asyncio
import sys
import time

from sqlalchemy import text

from benchmarks._stack import (
    add_contacts,
    cpu_seconds,
    history_events,
    machine_line,
    number,
    publish,
    stack,
)
from engine.runtime import Runtime

FLOW = """
flow: five_nodes
label: Five nodes
subject: contact
purpose: marketing
consent_note: benchmark
trigger: {on: segment, when: {is_set: [{var: contact.email}]}}
entry: once
steps:
  first:  {do: send_message, template: welcome, next: pause}
  pause:  {do: wait, for: PT1S, next: where}
  where:
    do: branch
    cases: [{when: {"==": [{var: contact.country}, SG]}, next: second}]
    else: second
  second: {do: send_message, template: offer, next: done}
  done:   {do: exit}
"""
NODES = 5


async def through(contacts: int) -> None:
    async with stack("null") as runtime:
        await add_contacts(runtime, contacts)
        peer = await bare_loop(runtime, contacts)
        began, spent = time.perf_counter(), cpu_seconds()
        published = await publish(runtime, FLOW)
        assert published.enrolment_id is not None
        runtime.pokes.audience(published.enrolment_id)
        await all_ended(runtime, contacts)
        seconds = time.perf_counter() - began
        used = {name: now - spent[name] for name, now in cpu_seconds().items()}
        assert runtime.temporal is not None
        events = await history_events(runtime.temporal)
        messages = await number(runtime, "SELECT count(*) FROM message WHERE state = 'sent'")
        assert messages == 2 * contacts, messages
        per_step = sum(events.values()) / (contacts * NODES)
        print(
            f"{contacts:>9,} contacts: {contacts / seconds:>7,.0f} contacts/s"
            f"  ({seconds:.1f} s, {2 * contacts / seconds:,.0f} messages/s)"
            f"  {per_step:.4f} history events per contact-step"
            f"  bare loop {peer:,.0f} contacts/s, ratio {contacts / seconds / peer:.2f}"
        )
        per_contact = ", ".join(
            f"{name} {1000 * used_ / contacts:.2f}" for name, used_ in used.items()
        )
        print(f"           CPU ms per contact: {per_contact}; history events: {events}")


async def all_ended(runtime: Runtime, contacts: int) -> None:
    while True:
        ended = await number(runtime, "SELECT count(*) FROM run WHERE state = 'ended'")
        if ended >= contacts:
            return
        await asyncio.sleep(0.2)


async def bare_loop(runtime: Runtime, contacts: int, batch: int = 2000) -> float:
    """The least a database-backed flow does: per node one update and one insert per contact."""
    async with runtime.store.connection() as connection:
        await connection.execute(text("CREATE TABLE bare (id bigint PRIMARY KEY, node int)"))
        await connection.execute(text("CREATE TABLE bare_done (id bigint, node int)"))
        await connection.execute(
            text("INSERT INTO bare SELECT n, 0 FROM generate_series(1, :n) n"), {"n": contacts}
        )
    began = time.perf_counter()
    for node in range(NODES):
        for start in range(0, contacts, batch):
            ids = list(range(start + 1, min(start + batch, contacts) + 1))
            async with runtime.store.connection() as connection:
                await connection.execute(
                    text(
                        "UPDATE bare SET node = node + 1"
                        " FROM unnest(CAST(:ids AS bigint[])) AS u(id) WHERE bare.id = u.id"
                    ),
                    {"ids": ids},
                )
                await connection.execute(
                    text("INSERT INTO bare_done SELECT unnest(CAST(:ids AS bigint[])), :node"),
                    {"ids": ids, "node": node},
                )
    seconds = time.perf_counter() - began
    async with runtime.store.connection() as connection:
        await connection.execute(text("DROP TABLE bare, bare_done"))
    return contacts / seconds


def main() -> None:
    print(machine_line())
    for count in [int(argument) for argument in sys.argv[1:]] or [10_000, 100_000]:
        asyncio.run(through(count))


if __name__ == "__main__":
    main()
