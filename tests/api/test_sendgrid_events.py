"""SendGrid's events at our door: believed only when signed, recorded once, and acted upon."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from crm_store.models import Consent, Message
from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.changes.announcing import Announcer
from engine.services.consent import grant
from engine.services.links.tokens import Kind, SignedLinks
from engine.services.merging import FieldPolicy, merge_contacts
from engine.services.messages import prepare
from engine.services.plans import Plans
from engine.settings import load
from tests.api.conftest import Parts, Rows
from tests.channels.test_sendgrid_events import OTHER, PRIVATE, public, signature
from tests.clock import Clock
from tests.messages.people import SETTINGS, add_asks, add_contacts, library


@pytest.fixture
def parts(store: Store, clock: Clock) -> Parts:
    settings = load()
    known = settings.sendgrid.model_copy(update={"webhook_key": public(PRIVATE)})
    return Parts(replace(settings, sendgrid=known), store, clock.now)


@pytest.fixture
async def sent(store: Store, clock: Clock) -> list[tuple[int, str]]:
    """(contact, provider key) of three mails that went out."""
    async with store.transaction() as session:
        contacts = await add_contacts(session, 3)
        asks = await add_asks(session, contacts)
        prepared = await prepare(
            session,
            asks,
            library=library(),
            sender_settings=SETTINGS,
            channel_name="sendgrid",
            now=clock.now(),
        )
        await session.execute(update(Message).values(state="maybe_sent"))
        agreed = clock.now() - timedelta(days=9)
        await session.execute(update(Consent).values(recorded_at=agreed))
    return [(one.ask.contact_id, one.outgoing.provider_key) for one in prepared]  # type: ignore[union-attr]


def event(what: str, key: str, at: datetime, identity: str, **more: Any) -> dict[str, Any]:
    return {
        "event": what,
        "cadenza_message": key,
        "timestamp": int(at.timestamp()),
        "sg_event_id": identity,
        "email": "ada0@example.com",
        **more,
    }


def signed(body: bytes, at: datetime) -> Mapping[str, str]:
    stamp = str(int(at.timestamp()))
    return {
        "content-type": "application/json",
        "x-twilio-email-event-webhook-signature": signature(body, stamp),
        "x-twilio-email-event-webhook-timestamp": stamp,
    }


async def post(client: httpx2.AsyncClient, at: datetime, *events: Any) -> httpx2.Response:
    body = json.dumps(events).encode()
    return await client.post("/hooks/sendgrid", content=body, headers=signed(body, at))


async def test_events_become_events_of_the_contact_once(
    client: httpx2.AsyncClient,
    parts: Parts,
    clock: Clock,
    rows: Rows,
    sent: list[tuple[int, str]],
) -> None:
    (ada, key), at = sent[0], clock.now()
    told = (
        event("click", key, at, "3", url="https://example.com/offer"),
        event("delivered", key, at - timedelta(minutes=2), "1"),
        event("open", key, at - timedelta(minutes=1), "2"),
        event("open", key, at - timedelta(minutes=1), "4", sg_machine_open=True),
        event("processed", key, at - timedelta(minutes=3), "0"),
    )
    for _ in range(2):
        assert (await post(client, at, *told)).status_code == 200
    found = await rows(
        "SELECT name, contact_id, source FROM event WHERE source = 'sendgrid'"
        " ORDER BY occurred_at, name"
    )
    assert found == [
        ("Message Delivered", ada, "sendgrid"),
        ("Message Opened", ada, "sendgrid"),
        ("Message Opened By Machine", ada, "sendgrid"),
        ("Message Clicked", ada, "sendgrid"),
    ]
    assert len(parts.pokes.dispatched) == 1
    [(url,)] = await rows("SELECT properties->>'url' FROM event WHERE name = 'Message Clicked'")
    assert url == "https://example.com/offer"


async def test_what_a_link_of_ours_permits_is_written_down_nowhere(
    client: httpx2.AsyncClient, clock: Clock, rows: Rows, sent: list[tuple[int, str]]
) -> None:
    (ada, key), at = sent[0], clock.now()
    signed_links = SignedLinks("https://crm.example.com", ["a secret of the test"])
    token = signed_links.token(Kind.PREFERENCES, ada)
    for number, end in enumerate(("", "?utm_source=x")):
        url = f"https://crm.example.com/p/{token}{end}"
        await post(client, at, event("click", key, at, str(number), url=url))
    kept = "https://crm.example.com/p/…"
    assert await rows("SELECT link FROM message_click") == [(kept,)]
    assert await rows(
        "SELECT properties->>'url' FROM event WHERE name = 'Message Clicked' ORDER BY id"
    ) == [(kept,), (f"{kept}?utm_source=x",)]


async def test_a_report_settles_what_may_have_been_sent(
    client: httpx2.AsyncClient, clock: Clock, rows: Rows, sent: list[tuple[int, str]]
) -> None:
    await post(client, clock.now(), event("processed", sent[0][1], clock.now(), "0"))
    states = await rows("SELECT provider_key, state FROM message ORDER BY id")
    assert states == [
        (sent[0][1], "sent"),
        (sent[1][1], "maybe_sent"),
        (sent[2][1], "maybe_sent"),
    ]


@pytest.mark.parametrize("state", ["handing_over", "put_off"])
async def test_a_report_that_comes_before_the_settlement_counts_too(
    client: httpx2.AsyncClient,
    store: Store,
    clock: Clock,
    rows: Rows,
    sent: list[tuple[int, str]],
    state: str,
) -> None:
    async with store.transaction() as session:
        await session.execute(update(Message).values(state=state))
    await post(client, clock.now(), event("delivered", sent[0][1], clock.now(), "0"))
    found = await rows("SELECT state FROM message ORDER BY id")
    assert found == [("sent",), (state,), (state,)]


async def test_a_complaint_that_waits_for_a_merge_is_the_kept_persons(
    client: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows, sent: list[tuple[int, str]]
) -> None:
    (keep, _), (lose, key) = sent[0], sent[1]
    plans = Plans()
    async with store.transaction() as session:
        await merge_contacts(
            session,
            SYSTEM,
            keep,
            lose,
            FieldPolicy(),
            plans=plans,
            announcer=Announcer(plans, 4),
            now=clock.now(),
            zone="UTC",
        )
        told = event("spamreport", key, clock.now(), "1")
        posting = asyncio.create_task(post(client, clock.now(), told))
        await asyncio.sleep(0.2)
        assert not posting.done()
    assert (await posting).status_code == 200
    assert await rows("SELECT contact_id FROM event WHERE source = 'sendgrid'") == [(keep,)]
    granted = await rows("SELECT contact_id, granted FROM consent ORDER BY 1")
    assert granted == [(keep, False), (sent[2][0], True)]


async def test_bounces_and_complaints_are_not_written_to_again(
    client: httpx2.AsyncClient, clock: Clock, rows: Rows, sent: list[tuple[int, str]]
) -> None:
    at = clock.now()
    await post(
        client,
        at,
        event("bounce", sent[0][1], at, "1", type="bounce", status="5.1.1"),
        event("bounce", sent[1][1], at, "2", type="blocked"),
        event("spamreport", sent[2][1], at, "3"),
    )
    stopped = await rows("SELECT address_key, reason FROM suppression ORDER BY 1")
    assert stopped == [("ada0@example.com", "bounced"), ("ada2@example.com", "complained")]
    granted = await rows("SELECT contact_id, granted FROM consent ORDER BY 1")
    assert [one[1] for one in granted] == [True, True, False]


async def test_a_late_unsubscribe_does_not_undo_a_newer_yes(
    client: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows, sent: list[tuple[int, str]]
) -> None:
    (ada, key), at = sent[0], clock.now()
    assert (await post(client, at, event("unsubscribe", key, at, "1"))).status_code == 200
    assert await rows("SELECT granted FROM consent WHERE contact_id = :id", id=ada) == [(False,)]
    async with store.transaction() as session:
        later = at + timedelta(minutes=1)
        await grant(session, SYSTEM, ada, source="form", now=later, partitions=4)
    await post(client, at, event("unsubscribe", key, at - timedelta(days=1), "2"))
    assert await rows("SELECT granted FROM consent WHERE contact_id = :id", id=ada) == [(True,)]


async def test_strangers_and_replays_are_turned_away_alike(
    client: httpx2.AsyncClient, clock: Clock, rows: Rows, sent: list[tuple[int, str]]
) -> None:
    at = clock.now()
    body = json.dumps([event("open", sent[0][1], at, "1")]).encode()
    stamp = str(int(at.timestamp()))
    forged = {
        **signed(body, at),
        "x-twilio-email-event-webhook-signature": signature(body, stamp, OTHER),
    }
    answers = [
        await client.post("/hooks/sendgrid", content=body),
        await client.post("/hooks/sendgrid", content=body, headers=forged),
        await client.post("/hooks/sendgrid", content=body + b" ", headers=signed(body, at)),
        await client.post(
            "/hooks/sendgrid", content=body, headers=signed(body, at - timedelta(minutes=6))
        ),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert {answer.json()["code"] for answer in answers} == {"bad_signature"}
    assert await rows("SELECT count(*) FROM event") == [(0,)]


async def test_messages_that_are_not_ours_change_nothing(
    client: httpx2.AsyncClient, parts: Parts, clock: Clock, rows: Rows
) -> None:
    assert (await post(client, clock.now(), event("bounce", "x" * 32, clock.now(), "1"))).is_success
    assert await rows("SELECT count(*) FROM event") == [(0,)]
    assert parts.pokes.dispatched == []


async def test_a_signed_body_that_is_no_array_is_said_to_be_wrong(
    client: httpx2.AsyncClient, clock: Clock
) -> None:
    headers = signed(b"{}", clock.now())
    answer = await client.post("/hooks/sendgrid", content=b"{}", headers=headers)
    assert answer.status_code == 400
