"""Events per second through `/v1/batch` and `/v1/track`, beside a door that only parses and one
that only copies into a table, in the same run."""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import itertools
import random
import socket
import time
from collections.abc import AsyncIterator, Iterator

import orjson
import uvicorn
import uvloop
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from benchmarks._bare_ingest import bare_app, make_table
from benchmarks._stack import cpu_seconds, machine_line, stack
from engine.api.app import create_app
from engine.services.actor import SYSTEM
from engine.services.events import parse
from engine.services.write_keys import create_write_key

EVENTS = ("Product Viewed", "Cart Updated", "Order Completed", "Visited Pricing")
CLIENTS = 8
SIZE = 100


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def item(number: int, contacts: int) -> dict[str, object]:
    """A usual event of about 350 bytes; one in ten is an identify."""
    chosen = random.Random(number)
    common = {
        "messageId": f"message-{number}",
        "userId": f"user-{chosen.randrange(contacts)}",
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


async def send_all(port: int, requests: list[bytes], clients: int) -> list[float]:
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


async def measure(what: str, port: int, requests: list[bytes], events: int, clients: int) -> float:
    used, began = cpu_seconds(), time.perf_counter()
    taken = sorted(await send_all(port, requests, clients))
    rate = events / (time.perf_counter() - began)
    cost = {
        server: (seconds - used[server]) / events * 1_000_000
        for server, seconds in cpu_seconds().items()
    }
    middle, late = taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.95)] * 1000
    print(
        f"{what:34} {rate:8,.0f} events/s  p50 {middle:6.1f} ms  p95 {late:6.1f} ms  "
        f"CPU per event: {cost['product']:5.0f} us door and clients, {cost['postgres']:5.0f} us "
        "PostgreSQL"
    )
    return rate


def bare() -> FastAPI:
    """Parses and answers, on the same server and framework."""
    app = FastAPI()

    @app.post("/v1/batch")
    async def batch(request: Request) -> Response:
        parse(await request.body())
        return Response(b'{"success":true}', media_type="application/json")

    return app


async def main(events: int, contacts: int, clients: int) -> None:
    print(machine_line())
    numbers = itertools.count(1)

    def batches(key: str) -> list[bytes]:
        made = ([item(next(numbers), contacts) for _ in range(SIZE)] for _ in range(events // SIZE))
        return [request("/v1/batch", key, {"batch": batch}) for batch in made]

    def singles(key: str) -> list[bytes]:
        tracks = (item(next(numbers) * 10 + 1, contacts) for _ in range(events // 20))
        return [request("/v1/track", key, track) for track in tracks]

    async with served(bare()) as port:
        floor = await measure("only parse and answer", port, batches("none"), events, clients)
    async with stack(working=False) as runtime:
        url = runtime.settings.database.url
        assert url is not None
        await make_table(url.get_secret_value())
        bare_door, pool = bare_app(url.get_secret_value())
        async with pool, served(bare_door) as port:
            await measure("bare: COPY of a batch", port, batches("none"), events, clients)
            copied = await measure("bare: COPY again", port, batches("none"), events, clients)
            lone = singles("none")
            inserted = await measure("bare: INSERT of one", port, lone, len(lone), clients)
        async with runtime.store.transaction() as session:
            key = (await create_write_key(session, SYSTEM, "bench")).key
        async with served(create_app(runtime)) as port:
            await measure("batches, contacts met first", port, batches(key), events, clients)
            again = batches(key)
            rate = await measure("batches, known contacts", port, again, events, clients)
            await measure("the same batches again", port, again, events, clients)
            alone = singles(key)
            single = await measure("single events", port, alone, len(alone), clients)
    print(f"known contacts against only parsing: {rate / floor:.3f}")
    print(
        f"batches against COPY: {rate / copied:.2f}, single ones against INSERT: "
        f"{single / inserted:.2f}"
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=40_000)
    arguments.add_argument("--contacts", type=int, default=10_000)
    arguments.add_argument("--clients", type=int, default=CLIENTS)
    chosen = arguments.parse_args()
    uvloop.run(main(chosen.events, chosen.contacts, chosen.clients))
