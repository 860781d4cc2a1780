"""The API as clients meet it: in process, or on a port for those that bring their own HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text

from crm_store.session import Store
from engine.api.app import create_app
from engine.channels.base import Channel
from engine.channels.mailbox import Mailbox
from engine.channels.null import NullChannel
from engine.services.actor import SYSTEM
from engine.services.messages import SenderSettings
from engine.services.plans import Plans
from engine.services.pokes import NoPokes
from engine.services.sharing import shared_of
from engine.services.templates import TemplateLibrary
from engine.services.tending import Answer, Answered, ClockKind
from engine.services.unsubscribe import UnsubscribeLinks
from engine.services.work import Shared
from engine.services.write_keys import create_write_key
from engine.settings import Settings, load
from tests.api.one_app import OneApp
from tests.api.people import EVERYTHING, bearer, fill, key_for
from tests.asked_here import AskedHere
from tests.clock import Clock
from tests.driving.world import library, sender_settings

SECRET = "a secret of the tests, long enough to be one"


class Pokes(NoPokes):
    """Remembers who was told. Answers to what is open are acted on in this process."""

    acting: AskedHere | None = None

    def __init__(self) -> None:
        self.dispatched: list[frozenset[int]] = []
        self.counted = 0

    def dispatch(self, partitions: Collection[int]) -> None:
        self.dispatched.append(frozenset(partitions))

    def segments(self) -> None:
        self.counted += 1

    async def ask(self, kind: ClockKind, entity_id: int, answer: Answer) -> Answered:
        asked = self.acting or NoPokes()
        return await asked.ask(kind, entity_id, answer)


@dataclass
class Parts:
    settings: Settings
    store: Store
    now: Callable[[], datetime]
    pokes: Pokes = field(default_factory=Pokes)
    public_url: str = "http://cadenza.test"
    unsubscribe_links: UnsubscribeLinks = field(
        default_factory=lambda: UnsubscribeLinks("http://cadenza.test", (SECRET,))
    )
    shared: Shared = field(default_factory=lambda: shared_of(Plans()))
    library: TemplateLibrary = field(default_factory=library)
    channel: Channel = field(default_factory=NullChannel)
    mailbox: Mailbox | None = None
    sender_settings: SenderSettings = field(default_factory=sender_settings)
    answers: dict[str, bool] = field(default_factory=lambda: {"database": True, "temporal": True})

    def __post_init__(self) -> None:
        self.pokes.acting = AskedHere(self.store, self.shared, self.now)

    async def ready(self) -> dict[str, bool]:
        return self.answers


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@pytest.fixture
def parts(store: Store, clock: Clock) -> Parts:
    return Parts(load(), store, clock.now)


@cache
def one_app() -> OneApp:
    return OneApp(Parts(load(), Store("postgresql+psycopg://nobody@127.0.0.1:1/none"), Clock().now))


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """As if it were just made; with settings of one's own it is made indeed."""
    if parts.settings != one_app().settings:
        return create_app(parts)
    return one_app().with_parts(parts)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as client:
        yield client
    await at_rest()


async def at_rest() -> None:
    """What the doors began beside their answers is over: a look at the queue's depth that is
    broken off would leave its connection to the database open."""
    begun = asyncio.all_tasks() - {asyncio.current_task()}
    if begun:
        await asyncio.wait(begun, timeout=2)


@pytest.fixture
async def write_key(store: Store) -> str:
    """The key of the source `website`."""
    async with store.transaction() as session:
        return (await create_write_key(session, SYSTEM, "website")).key


@pytest.fixture
async def website(client: httpx2.AsyncClient, write_key: str) -> httpx2.AsyncClient:
    """A client that reports events with its key."""
    client.auth = httpx2.BasicAuth(write_key, "")
    return client


@pytest.fixture
async def filled(store: Store, clock: Clock) -> None:
    """Ada, Ben and Cleo are there."""
    await fill(store, clock)


@pytest.fixture
async def api(
    client: httpx2.AsyncClient, store: Store, clock: Clock, filled: None
) -> httpx2.AsyncClient:
    """A client with the key of a marketer that may do all a marketer may; contacts are there."""
    client.headers.update(bearer(await key_for(store, clock, "marketer", EVERYTHING)))
    return client


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """A live server's address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await serving


Rows = Callable[..., "asyncio.Future[list[tuple[object, ...]]]"]


@pytest.fixture
def rows(store: Store):  # type: ignore[no-untyped-def]
    """`await rows("SELECT ...")`."""

    async def fetch(statement: str, **values: object) -> list[tuple[object, ...]]:
        async with store.connection() as connection:
            found = await connection.execute(text(statement), values)
            return [tuple(row) for row in found]

    return fetch
