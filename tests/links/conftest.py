"""A letter that went to Ada, and the doors behind its links."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from crm_store.session import Store
from engine.api.public.confirm import confirm_router
from engine.api.public.door import Door
from engine.api.public.looks import looks_router
from engine.api.public.preferences import preferences_router
from engine.api.public.view import view_router
from engine.api.routes.unsubscribe import unsubscribe_router
from engine.channels.base import OutgoingMessage
from engine.services.links.looks import Looks
from engine.services.links.tracking import Tracking
from engine.services.messages import NotSent, Prepared, SenderSettings, prepare
from engine.services.templates import TemplateLibrary
from tests.messages.people import LINKS, NOW, SETTINGS, add_asks, add_contacts, library

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
MEASURED = replace(SETTINGS, tracking=Tracking(opens=True, clicks=True))
_OURS = re.compile(r"https://cadenza\.test(/[ocvpud]/[^\"<>\s]+)")


@dataclass
class Post:
    """Sends letters to contacts and looks at what came of them, hours later."""

    store: Store
    client: httpx2.AsyncClient
    templates: TemplateLibrary
    clock: list[datetime]
    poked: list[Collection[int]] = field(default_factory=list)

    def later(self, time: timedelta) -> None:
        self.clock[0] += time

    async def contacts(self, count: int = 1, **fields: Any) -> list[int]:
        async with self.store.transaction() as session:
            return await add_contacts(session, count, **fields)

    async def send(
        self,
        contact_ids: list[int],
        *,
        template: str = "win_back",
        purpose: str = "marketing",
        settings: SenderSettings = MEASURED,
    ) -> list[OutgoingMessage]:
        """The letters that go; for those that do not, `withheld` says why."""
        async with self.store.transaction() as session:
            asks = await add_asks(session, contact_ids, template=template, purpose=purpose)
            outcomes = await prepare(
                session,
                asks,
                library=self.templates,
                sender_settings=settings,
                channel_name="smtp",
                now=self.clock[0],
            )
        self.withheld = [one.code for one in outcomes if isinstance(one, NotSent)]
        # the next letter to the same contact is of another flow
        await self.run("UPDATE flow SET name = 'sent-' || id")
        await self.run(
            "UPDATE message SET state = 'sent', answered_at = handed_over_at"
            " WHERE state = 'handing_over'"
        )
        return [one.outgoing for one in outcomes if isinstance(one, Prepared)]

    async def run(self, statement: str, **values: Any) -> None:
        async with self.store.transaction() as session:
            await session.execute(text(statement), values)

    async def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.store.transaction() as session:
            return [tuple(row) for row in await session.execute(text(statement), values)]

    async def events(self) -> list[str]:
        return [row[0] for row in await self.rows("SELECT name FROM event ORDER BY id")]


def paths(letter: OutgoingMessage, folder: str) -> list[str]:
    """The paths of a letter's links of one kind, in order and each once."""
    found = _OURS.findall(unescape(f"{letter.html or ''} {letter.text}"))
    return list(dict.fromkeys(path for path in found if path.startswith(f"/{folder}/")))


@pytest.fixture(scope="session")
def templates() -> TemplateLibrary:
    return library()


@pytest.fixture
async def post(store: Store, templates: TemplateLibrary) -> AsyncIterator[Post]:
    poked: list[Collection[int]] = []
    clock = [NOW]
    signed = LINKS.signed
    now = lambda: clock[0]  # noqa: E731 - the clock that tests turn
    door = Door(store, signed, now, 4, poked.append)
    app = FastAPI()
    for router in (
        unsubscribe_router(store, LINKS, now=now, partitions=4, poke=poked.append),
        preferences_router(door),
        confirm_router(door, record_ip=False),
        view_router(store, signed, templates, MEASURED, now),
        looks_router(signed, Looks(store, 4, poked.append, timedelta(minutes=1)), now),
    ):
        app.include_router(router)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="https://cadenza.test", headers=PERSON
    ) as client:
        yield Post(store, client, templates, clock, poked)
