"""Mail that came back at our door: believed only when signed, and counted once."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import update
from standardwebhooks import Webhook

from crm_store.models import Message
from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.hooks import NewSource, add_source
from engine.services.messages import Prepared, prepare
from engine.services.secrets import box_of
from engine.settings import load
from tests.api.conftest import SECRET, Parts, Rows
from tests.bounces.samples import ADDRESSES, OURS, dsn
from tests.clock import Clock
from tests.messages.people import SETTINGS, add_asks, add_contacts, library

Post = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
def parts(store: Store, clock: Clock) -> Parts:
    made = Parts(load(), store, clock.now)
    security = made.settings.security.model_copy(update={"secret_key": SecretStr(SECRET)})
    made.settings = replace(made.settings, security=security)
    made.sender_settings = replace(made.sender_settings, bounces=ADDRESSES)
    return made


@pytest.fixture
async def source(store: Store, clock: Clock) -> NewSource:
    box = box_of({}, [SECRET])
    async with store.transaction() as session:
        contact = {"email": "email"}
        return await add_source(
            session, SYSTEM, box, "mx", contact=contact, event_name="x", now=clock.now()
        )


@pytest.fixture
async def address(store: Store, clock: Clock) -> str:
    """The envelope sender of a mail that went out."""
    async with store.transaction() as session:
        (made,) = await prepare(
            session,
            await add_asks(session, await add_contacts(session, 1)),
            library=library(),
            sender_settings=replace(SETTINGS, bounces=ADDRESSES),
            channel_name="smtp",
            now=clock.now(),
        )
        await session.execute(update(Message).values(state="sent"))
    assert isinstance(made, Prepared)
    assert made.outgoing.envelope_from == ADDRESSES.of(made.outgoing.provider_key)
    return made.outgoing.envelope_from or ""


@pytest.fixture
def post(client: httpx2.AsyncClient, source: NewSource, clock: Clock) -> Post:
    async def send(body: bytes, kind: str = "message/rfc822", **more: Any) -> httpx2.Response:
        at = more.get("at", clock.now())
        sign = Webhook(more.get("secret", source.secret)).sign("m", at, body.decode())
        headers = {
            "content-type": kind,
            "webhook-id": "m",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": sign,
        }
        return await client.post("/hooks/bounces/mx", content=body, headers=headers)

    return send


async def test_a_mail_that_came_back_counts_once(post: Post, rows: Rows, address: str) -> None:
    mail = dsn("5.1.1").replace(OURS, address).encode()
    answers = [await post(mail), await post(mail)]
    assert [one.json() for one in answers] == [
        {"read": {"report": 1}, "new": 1},
        {"read": {"report": 1}, "new": 0},
    ]
    told = "SELECT name, source, properties->>'bounce' FROM event"
    assert await rows(told) == [("Message Bounced", "bounces", "hard")]
    assert await rows("SELECT reason FROM suppression") == [("bounced",)]


async def test_a_mail_server_may_say_it_in_json(
    post: Post, rows: Rows, address: str, clock: Clock
) -> None:
    at = clock.now().isoformat()
    one = {"id": "1", "address": address, "action": "failed", "at": at, "status": "5.2.2"}
    forged = {**one, "id": "2", "address": f"bounces+{'a' * 39}@mail.example.com"}
    mail = base64.b64encode(dsn("4.4.1", action="delayed").replace(OURS, address).encode())
    body = json.dumps({"items": [one, forged], "mails": [mail.decode()]}).encode()
    answer = await post(body, "application/json")
    assert answer.json() == {"read": {"forged": 1, "report": 2}, "new": 1}
    assert await rows("SELECT name FROM event") == [("Message Blocked",)]


@pytest.mark.parametrize(
    "document",
    [
        {"items": [{"id": "1"}]},
        {"items": "x"},
        {"other": 1},
        [],
    ],
)
async def test_what_cannot_be_read_is_refused_whole(post: Post, document: Any) -> None:
    answer = await post(json.dumps(document).encode(), "application/json")
    assert answer.status_code == 400
    assert answer.json()["problems"]


async def test_strangers_are_turned_away(post: Post, rows: Rows, address: str) -> None:
    mail = dsn("5.1.1").replace(OURS, address).encode()
    wrong = f"whsec_{base64.b64encode(b'x' * 24).decode()}"
    assert (await post(mail, secret=wrong)).status_code == 401
    assert (await post(mail, "image/png")).status_code == 415
    assert await rows("SELECT count(*) FROM event") == [(0,)]
