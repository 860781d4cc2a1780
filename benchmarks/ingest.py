"""Events a second through `/v1/batch` and `/v1/track`, beside a loop that only copies or inserts
them, in the same run: once about contacts that are known, once with a new contact for each event.

On a machine with other work the rates mean little; the CPU seconds of an event still do.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import itertools
import random
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
import uvicorn
import uvloop
from starlette.types import ASGIApp

from benchmarks._bare_ingest import bare_app, make_tables
from benchmarks._stack import cpu_seconds, machine_line, stack
from engine.api.app import create_app
from engine.garbage import spare_the_garbage_collector
from engine.services.actor import SYSTEM
from engine.services.write_keys import create_write_key

EVENTS = ("Product Viewed", "Cart Updated", "Order Completed", "Visited Pricing")
CLIENTS = 8
SIZE = 100
# Singly, a tenth of the events is enough to tell.
FEWER = 10
BARE, BARE_WITH_CONTACTS, PRODUCT = "bare loop", "bare loop that knows contacts", "Cadenza"


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(slots=True)
class Figures:
    """What one door took for all events of one kind."""

    events: int = 0
    seconds: float = 0.0
    taken: list[float] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=lambda: {"product": 0.0, "postgres": 0.0})

    @property
    def rate(self) -> float:
        return self.events / self.seconds

    @property
    def cost(self) -> float:
        """CPU seconds of an event: the door, its clients and PostgreSQL."""
        return sum(self.cpu.values()) / self.events

    def line(self) -> str:
        taken = sorted(self.taken)
        middle, late = taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.95)] * 1000
        each = {name: used / self.events * 1_000_000 for name, used in self.cpu.items()}
        return (
            f"{self.rate:8,.0f} events/s  p50 {middle:6.1f} ms  p95 {late:6.1f} ms  CPU per event "
            f"{each['product']:4.0f} us door and clients, {each['postgres']:4.0f} us PostgreSQL"
        )


def item(number: int, user: str) -> dict[str, object]:
    """A usual event of about 350 bytes; one in ten is an identify."""
    chosen = random.Random(number)
    common = {
        "messageId": f"message-{number}",
        "userId": user,
        "timestamp": "2026-03-02T08:59:59.123Z",
        "context": {"library": {"name": "analytics-python", "version": "2.4.0"}},
        "integrations": {},
    }
    if number % 10 == 0:
        traits = {"firstName": f"N{chosen.randrange(50)}", "country": "SG", "plan": "pro"}
        return {**common, "type": "identify", "traits": traits}
    properties = {"sku": f"S-{chosen.randrange(999)}", "price": 19.9, "path": "/catalogue/shoes"}
    return {
        **common,
        "type": "track",
        "event": chosen.choice(EVENTS),
        "properties": properties,
    }


def request(path: str, key: str, body: object) -> bytes:
    content = orjson.dumps(body)
    credentials = base64.b64encode(f"{key}:".encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {credentials}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


@contextlib.asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[int]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, http="httptools")
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    await serving


async def send_all(port: int, requests: Sequence[bytes], clients: int) -> list[float]:
    """Seconds of each request, sent by several clients that keep their connections."""
    waiting = iter(requests)
    taken: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for one in waiting:
            began = time.perf_counter()
            writer.write(one)
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            body = await reader.readexactly(size)
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise RuntimeError((head + body).decode())
            taken.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return taken


async def measure(
    into: Figures, port: int, requests: Sequence[bytes], events: int, clients: int
) -> None:
    used, began = cpu_seconds(), time.perf_counter()
    into.taken += await send_all(port, requests, clients)
    into.seconds += time.perf_counter() - began
    into.events += events
    after = cpu_seconds()
    for server in into.cpu:
        into.cpu[server] += after[server] - used[server]


@dataclass(frozen=True, slots=True)
class Load:
    """Requests of one kind; `users` says whom an event is about, by its number."""

    name: str
    path: str
    events: int
    users: Callable[[int], str]

    def requests(self, numbers: Iterator[int], key: str) -> list[bytes]:
        made = (item(number, self.users(number)) for number in numbers)
        if self.path == "/v1/batch":
            batches = (list(itertools.islice(made, SIZE)) for _ in range(self.events // SIZE))
            return [request(self.path, key, {"batch": batch}) for batch in batches]
        tracks = (one for one in made if one["type"] == "track")
        return [request(self.path, key, one) for one in itertools.islice(tracks, self.events)]


def loads(events: int, contacts: int) -> list[Load]:
    def known(number: int) -> str:
        return f"user-{random.Random(number).randrange(contacts)}"

    def new(number: int) -> str:
        return f"new-{number}"

    few = events // FEWER
    return [
        Load(f"{SIZE} a batch, known contacts", "/v1/batch", events, known),
        Load(f"{SIZE} a batch, each a new contact", "/v1/batch", events // 2, new),
        Load("singly, known contacts", "/v1/track", few, known),
        Load("singly, each a new contact", "/v1/track", few, new),
    ]


@dataclass(frozen=True, slots=True)
class Arguments:
    events: int
    contacts: int
    clients: int
    rounds: int


async def compare(
    ports: Mapping[str, int], load: Load, numbers: Iterator[int], key: str, arguments: Arguments
) -> None:
    """The doors by turns, so that what else the machine does meets them alike."""
    figures = {name: Figures() for name in ports}
    for _ in range(arguments.rounds):
        for name, port in ports.items():
            requests = load.requests(numbers, key)
            await measure(figures[name], port, requests, load.events, arguments.clients)
    print(f"{load.name}:")
    for name, one in figures.items():
        print(f"  {name:30} {one.line()}")
    ours = figures[PRODUCT]
    for name in (BARE, BARE_WITH_CONTACTS):
        other = figures[name]
        print(
            f"  Cadenza against a {name}: {ours.rate / other.rate:.2f} by rate, "
            f"{other.cost / ours.cost:.2f} by CPU"
        )


async def main(arguments: Arguments) -> None:
    print(machine_line())
    numbers = itertools.count(1)
    async with stack(working=False) as runtime, contextlib.AsyncExitStack() as doors:
        assert runtime.settings.database.url is not None
        url = runtime.settings.database.url.get_secret_value()
        await make_tables(url)
        ports: dict[str, int] = {}
        for name in (BARE, BARE_WITH_CONTACTS):
            app, pool = bare_app(url, contacts=name == BARE_WITH_CONTACTS)
            await doors.enter_async_context(pool)
            ports[name] = await doors.enter_async_context(served(app))
        async with runtime.store.transaction() as session:
            key = (await create_write_key(session, SYSTEM, "bench")).key
        ports[PRODUCT] = await doors.enter_async_context(served(create_app(runtime)))
        # as the product's own processes do
        spare_the_garbage_collector()
        # everybody is met, connections are open, statements are prepared
        everybody = Load("", "/v1/batch", arguments.contacts, lambda number: f"user-{number - 1}")
        meeting = everybody.requests(iter(range(1, arguments.contacts + 1)), key)
        next(itertools.islice(numbers, arguments.contacts, None))
        for port in ports.values():
            await send_all(port, meeting, arguments.clients)
        for load in loads(arguments.events, arguments.contacts):
            await compare(ports, load, numbers, key, arguments)
        twice = Figures()
        await measure(twice, ports[PRODUCT], meeting, arguments.contacts, arguments.clients)
        print(f"batches that came before:\n  {PRODUCT:30} {twice.line()}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--rounds", type=int, default=3)
    uvloop.run(main(Arguments(**vars(parser.parse_args()))))
