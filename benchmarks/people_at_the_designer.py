"""People at the designer at once: how long an event takes, and what each of them weighs.

    python -m benchmarks.people_at_the_designer [people] [contacts]

A server process of its own over the given number of contacts. Each person has the list of contacts
open through a real socket and turns a page every five seconds, at different moments: a question to
the database, and 50 rows back. The peer is one person alone in the same run.
"""

from __future__ import annotations

import ast
import asyncio
import json
import math
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx2
import psutil
import socketio
from argon2 import PasswordHasher
from sqlalchemy import text

from benchmarks._stack import add_contacts, machine_line, stack
from engine.embedded.ports import any_free_port
from engine.runtime import Runtime

PASSWORD = "a long password of the benchmark"
EMAIL = "bench@example.com"
TURNS = 15
EVERY_SECONDS = 5.0
PAGE = "/contacts"


@dataclass
class Person:
    """A page that is open: its socket, and the button that turns it."""

    socket: socketio.AsyncClient
    client_id: str
    element: int
    listener: str
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def turns(self) -> float:
        """Seconds until the rows are back."""
        self.answered.clear()
        began = time.perf_counter()
        asked = {
            "id": self.element,
            "client_id": self.client_id,
            "listener_id": self.listener,
            "args": [],
        }
        await self.socket.emit("event", asked)
        await asyncio.wait_for(self.answered.wait(), 60)
        return time.perf_counter() - began


async def main(people: int, contacts: int) -> None:
    print(machine_line())
    async with stack(working=False) as runtime:
        await add_contacts(runtime, contacts)
        await hire(runtime)
        async with (
            served(runtime) as (url, server),
            httpx2.AsyncClient(base_url=url, timeout=60) as http,
        ):
            await sign_in(http)
            one, many, weight, idle = await looked_at(http, url, server, people)
    times = statistics.median(many) / statistics.median(one)
    print(f"one person:  {said(one)}")
    print(f"{people} people:  {said(many)}, {times:.1f} times as long")
    print(f"{weight / 2**20:.1f} MiB a person, {idle:.1%} of a core while nobody does anything")


async def looked_at(
    http: httpx2.AsyncClient, url: str, server: psutil.Process, people: int
) -> tuple[list[float], list[float], float, float]:
    """Seconds of one alone and of all, bytes a person, and the share of a core when idle."""
    alone = await opened(http, url)
    one = await measured([alone])
    before = server.memory_info().rss
    rest = [await opened(http, url) for _ in range(people - 1)]
    weight = (server.memory_info().rss - before) / max(len(rest), 1)
    idle = await idle_share(server)
    many = await measured([alone, *rest])
    for person in [alone, *rest]:
        await person.socket.disconnect()
    return one, many, weight, idle


def said(times: list[float]) -> str:
    ordered = sorted(times)
    p95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
    return f"median {statistics.median(times) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms"


async def measured(people: list[Person]) -> list[float]:
    async def turning(place: int, person: Person) -> list[float]:
        await asyncio.sleep(EVERY_SECONDS * place / len(people))
        found = []
        for _ in range(TURNS):
            found.append(await person.turns())
            await asyncio.sleep(max(EVERY_SECONDS - found[-1], 0))
        return found

    each = await asyncio.gather(*(turning(*one) for one in enumerate(people)))
    return [seconds for times in each for seconds in times]


async def idle_share(server: psutil.Process) -> float:
    used = sum(server.cpu_times()[:2])
    await asyncio.sleep(10)
    return (sum(server.cpu_times()[:2]) - used) / 10


async def opened(http: httpx2.AsyncClient, url: str) -> Person:
    page = (await http.get(PAGE)).text
    elements = json.loads(
        unescape(re.search(r"String\.raw`(.*?)`\)", page, re.DOTALL)[1])  # type: ignore[index]
    )
    query = ast.literal_eval(re.search(r"query: (\{.*?\}),\n", page)[1])  # type: ignore[index]
    number, button = next(
        (number, one)
        for number, one in elements.items()
        if one.get("props", {}).get("aria-label") == "Next page"
    )
    (listener,) = [one["listener_id"] for one in button["events"] if one["type"] == "click"]
    socket = socketio.AsyncClient()
    person = Person(socket, query["client_id"], int(number), listener)

    async def called(message: dict[str, Any]) -> None:
        if '"put"' in message["code"]:
            person.answered.set()

    # What else changed comes as an update, the first of them a spinner: only rows are an answer.
    socket.on("run_javascript", called)
    cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    asked = {**query, "tab_id": query["client_id"], "document_id": query["client_id"]}
    said = "&".join(f"{name}={value}" for name, value in asked.items())
    await socket.connect(
        f"{url}?{said}",
        headers={"Cookie": cookies, "Origin": url},
        socketio_path="/_nicegui_ws/socket.io",
        transports=["websocket"],
    )
    assert await socket.call("handshake", asked), "the page is gone"
    return person


async def hire(runtime: Runtime) -> None:
    async with runtime.store.transaction() as session:
        await session.execute(
            text(
                'INSERT INTO "user" (email, email_key, name, name_key, role, password_hash)'
                " VALUES (:email, :email, 'Bench', 'bench', 'admin', :hash)"
            ),
            {"email": EMAIL, "hash": PasswordHasher().hash(PASSWORD)},
        )


async def sign_in(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": "/"})
    assert answer.status_code == 303, answer.status_code


@asynccontextmanager
async def served(runtime: Runtime) -> AsyncIterator[tuple[str, psutil.Process]]:
    settings = runtime.settings
    assert settings.database.url is not None
    assert settings.security.secret_key is not None
    port = any_free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database.url.get_secret_value(),
        "TEMPORAL_ADDRESS": str(settings.temporal.address),
        "SECRET_KEY": settings.security.secret_key.get_secret_value(),
        "DELIVERY_CHANNEL": "null",
        "CADENZA_DATA_DIR": str(settings.data.folder),
        "HTTP_PORT": str(port),
        "LOG_LEVEL": "error",
    }
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "engine.cli", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            async with httpx2.AsyncClient(base_url=url) as http:
                while True:
                    try:
                        if (await http.get("/healthz")).status_code == 200:
                            break
                    except httpx2.TransportError:
                        await asyncio.sleep(0.2)
            yield url, psutil.Process(server.pid)
        finally:
            server.terminate()


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    asyncio.run(main(*[*given, *[50, 100_000][len(given) :]]))
