"""Event -> rule -> mail through SMTP: mails per second, and latency at 20 events a second.

    python -m benchmarks.event_to_mail [events]

The mail server is a bare aiosmtpd sink in a process of its own; the peer is the same sink fed by
bare connections. Latency is from sending the request of an event to the sink having taken the mail.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection

import aiosmtplib
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks._stack import add_contacts, machine_line, publish, stack
from engine.embedded.ports import any_free_port
from engine.runtime import Runtime
from engine.services.events import NewEvent, partitions_of, record_events

FLOW = """
flow: on_sign_up
label: On sign-up
subject: contact
purpose: marketing
consent_note: benchmark
trigger:
  on: event
  event: Signed Up
  when: {"==": [{var: event.properties.plan}, trial]}
entry: always
steps:
  hello: {do: send_message, template: welcome, next: done}
  done:  {do: exit}
"""
AT_ONCE = 100
CALM_PER_SECOND = 20
CALM_SECONDS = 15


class Sink:
    """Takes mail and remembers when, by recipient."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, float]] = []

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        self.taken.append((envelope.rcpt_tos[0], time.time()))
        return "250 taken"


def serve_sink(pipe: Connection) -> None:
    sink = Sink()
    port = any_free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    pipe.send(port)
    told = 0
    while pipe.recv() == "taken":
        # the list only grows, in the sink's own thread: what was told is never looked at again
        new = sink.taken[told:]
        told += len(new)
        pipe.send(new)
    controller.stop()


@dataclass
class RemoteSink:
    pipe: Connection
    port: int

    def taken(self) -> list[tuple[str, float]]:
        """What came since the last call."""
        self.pipe.send("taken")
        return list(self.pipe.recv())


async def bare(port: int, mails: int, connections: int = 8) -> float:
    """The same sink, fed as fast as bare connections go."""

    async def one(count: int) -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, use_tls=False)
        async with client:
            for number in range(count):
                await client.sendmail(
                    "hello@example.com", [f"bare{number}@example.com"], b"Subject: x\r\n\r\nx\r\n"
                )

    began = time.perf_counter()
    await asyncio.gather(*(one(mails // connections) for _ in range(connections)))
    return mails / (time.perf_counter() - began)


async def send_events(runtime: Runtime, contacts: list[int], mark: str) -> None:
    """What ingest does after it has read a batch: rows in one transaction, then a poke."""
    partitions = runtime.settings.drivers.dispatch_partitions
    now = datetime.now(UTC)
    events = [
        NewEvent("bench", f"{mark}-{one}", "Signed Up", one, {"plan": "trial"}, now)
        for one in contacts
    ]
    async with runtime.store.transaction() as session:
        await record_events(session, events, partitions)
    runtime.pokes.dispatch(partitions_of(contacts, partitions))


async def sustained(runtime: Runtime, sink: RemoteSink, events: int) -> None:
    began = time.perf_counter()
    for start in range(1, events + 1, AT_ONCE):
        contacts = list(range(start, min(start + AT_ONCE, events + 1)))
        await send_events(runtime, contacts, f"bulk{start}")
    got = 0
    while got < events:
        await asyncio.sleep(0.1)
        got += len(await asyncio.to_thread(sink.taken))
    seconds = time.perf_counter() - began
    peer = await bare(sink.port, events)
    await asyncio.to_thread(sink.taken)
    print(
        f"sustained: {events:,} events, {events / seconds:,.0f} mails/s;"
        f" bare connections to the same sink {peer:,.0f}/s, ratio {events / seconds / peer:.2f}"
    )


async def calm(runtime: Runtime, sink: RemoteSink) -> None:
    sent: dict[str, float] = {}
    waits: list[float] = []
    total = CALM_PER_SECOND * CALM_SECONDS
    began = time.perf_counter()
    for number in range(1, total + 1):
        await asyncio.sleep(max(0.0, began + number / CALM_PER_SECOND - time.perf_counter()))
        sent[f"person{number}@example.com"] = time.time()
        await send_events(runtime, [number], f"calm{number}")
    until = time.perf_counter() + 10
    while len(waits) < total and time.perf_counter() < until:
        waits += [at - sent[to] for to, at in await asyncio.to_thread(sink.taken)]
        await asyncio.sleep(0.1)
    cuts = statistics.quantiles(waits, n=100)
    print(
        f"calm: {CALM_PER_SECOND} events/s for {CALM_SECONDS} s, event to mail taken:"
        f" p50 {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms,"
        f" max {max(waits) * 1000:.0f} ms ({len(waits)} of {total} mails)"
    )


async def measure(sink: RemoteSink, events: int) -> None:
    async with stack("smtp", host="127.0.0.1", port=sink.port, security="none") as runtime:
        await add_contacts(runtime, max(events, CALM_PER_SECOND * CALM_SECONDS))
        await publish(runtime, FLOW)
        await calm(runtime, sink)
        await sustained(runtime, sink, events)


def main() -> None:
    print(machine_line())
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve_sink, args=(theirs,), daemon=True
    )
    server.start()
    sink = RemoteSink(ours, ours.recv())
    asyncio.run(measure(sink, int(sys.argv[1]) if len(sys.argv) > 1 else 5_000))
    sink.pipe.send("stop")
    server.join(5)


if __name__ == "__main__":
    main()
