"""The door for other systems: signed, in time, once; and it tells strangers nothing."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from crm_store.session import Store
from engine.api.app import create_app
from engine.errors import Refused
from engine.flows.triggers.webhook import WebhookTrigger
from engine.services.actor import SYSTEM
from engine.services.hooks import NewSource, add_source, remove_source, rotate_source, set_active
from engine.services.secrets import SecretBox, box_of
from engine.settings import load
from tests.api.conftest import SECRET, Parts, Rows
from tests.clock import Clock

BODY: dict[str, Any] = {
    "type": "subscription.renewed",
    "data": {"customer": {"email": "Ada@example.com", "id": 77}, "seats": 5},
}
BOX = box_of({}, [SECRET])


@pytest.fixture
def parts(store: Store, clock: Clock) -> Parts:
    given = Parts(load(), store, clock.now)
    security = given.settings.security.model_copy(update={"secret_key": SecretStr(SECRET)})
    given.settings = replace(given.settings, security=security)
    return given


@pytest.fixture
def box() -> SecretBox:
    return BOX


@pytest.fixture
async def billing(store: Store, clock: Clock, box: SecretBox) -> NewSource:
    async with store.transaction() as session:
        return await add_source(
            session,
            SYSTEM,
            box,
            "billing",
            contact={"email": "data.customer.email", "user_id": "data.customer.id"},
            event_path="type",
            now=clock.now(),
        )


def signed(
    secret: str, at: datetime, body: bytes, identity: str = "msg_1", **more: str
) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(identity, at, body.decode()),
    } | {name.replace("_", "-"): value for name, value in more.items()}


Post = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
def post(client: httpx2.AsyncClient, billing: NewSource, clock: Clock) -> Post:
    async def send(
        document: Any = BODY, *, secret: str = billing.secret, source: str = "billing", **more: Any
    ) -> httpx2.Response:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        headers = signed(secret, more.pop("at", clock.now()), body, **more)
        return await client.post(f"/hooks/in/{source}", content=body, headers=headers)

    return send


async def test_a_signed_document_is_one_event_of_its_contact(
    post: Post, rows: Rows, parts: Parts
) -> None:
    answer = await post()
    assert (answer.status_code, answer.json()) == (200, {"success": True, "duplicate": False})
    found = await rows(
        "SELECT e.source, e.message_id, e.kind, e.name, e.properties, c.email, c.external_id,"
        " c.source FROM event e JOIN contact c ON c.id = e.contact_id"
    )
    assert found == [
        (
            "hook:billing",
            "msg_1",
            "hook",
            "subscription.renewed",
            BODY,
            "Ada@example.com",
            "77",
            "hook:billing",
        )
    ]
    assert len(parts.pokes.dispatched) == 1
    assert len(await rows("SELECT 1 FROM event_pending")) == 1


async def test_the_same_message_again_is_answered_and_changes_nothing(
    post: Post, rows: Rows, parts: Parts, clock: Clock
) -> None:
    await post()
    clock.advance(timedelta(seconds=30))
    again = await post()
    assert (again.status_code, again.json()) == (200, {"success": True, "duplicate": True})
    assert len(await rows("SELECT 1 FROM event")) == 1
    assert len(parts.pokes.dispatched) == 1


async def test_a_known_contact_is_recognised_and_the_next_event_is_another(
    post: Post, rows: Rows, filled: None
) -> None:
    await post({"type": "renewed", "data": {"customer": {"email": "ADA@example.COM"}}})
    await post(
        {"type": "cancelled", "data": {"customer": {"email": "ada@example.com"}}}, identity="2"
    )
    found = await rows(
        "SELECT name, contact_id FROM event WHERE source = 'hook:billing' ORDER BY id"
    )
    assert found == [("renewed", 1), ("cancelled", 1)]


async def same_refusal(answer: httpx2.Response) -> tuple[int, str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("StandardWebhooks")
    document = answer.json()
    return answer.status_code, document["code"], document["detail"]


async def test_strangers_learn_nothing_from_the_answer(
    post: Post, client: httpx2.AsyncClient, clock: Clock, store: Store, rows: Rows
) -> None:
    """Unknown source, wrong secret, tampered body, old or future stamp, no signature: all alike."""
    now, body = clock.now(), json.dumps(BODY).encode()
    other = "whsec_" + "QUFB" * 8
    answers = [
        await post(source="nobody"),
        await post(secret=other),
        await post(at=now - timedelta(minutes=6)),
        await post(at=now + timedelta(minutes=6)),
        await post(webhook_signature="v1,"),
        await post(webhook_signature="v1a,AAAA v2,BBBB nonsense"),
        await post(webhook_timestamp="99999999999"),
        await post(webhook_timestamp="soon"),
        await post(webhook_id="msg_2"),
        await client.post("/hooks/in/billing", content=body),
        await client.post(
            "/hooks/in/billing",
            content=body.replace(b"5", b"6"),
            headers=signed("whsec_" + "QUFB" * 8, now, body),
        ),
    ]
    async with store.transaction() as session:
        await set_active(session, SYSTEM, "billing", False)
    answers.append(await post())
    refusals = {await same_refusal(answer) for answer in answers}
    assert len(refusals) == 1
    assert refusals.pop()[:2] == (401, "bad_signature")
    assert await rows("SELECT 1 FROM event") == []


async def test_a_tampered_body_is_refused(
    client: httpx2.AsyncClient, billing: NewSource, clock: Clock
) -> None:
    body = json.dumps(BODY).encode()
    headers = signed(billing.secret, clock.now(), body)
    tampered = body.replace(b"Ada@", b"Eva@")
    answer = await client.post("/hooks/in/billing", content=tampered, headers=headers)
    assert answer.status_code == 401


async def test_within_five_minutes_counts(post: Post, clock: Clock) -> None:
    early = await post(at=clock.now() - timedelta(minutes=4, seconds=59), identity="a")
    late = await post(at=clock.now() + timedelta(minutes=4, seconds=59), identity="b")
    assert (early.status_code, late.status_code) == (200, 200)


async def test_after_a_rotation_both_secrets_fit_until_the_old_one_ends(
    post: Post, billing: NewSource, store: Store, clock: Clock
) -> None:
    async with store.transaction() as session:
        new = await rotate_source(
            session, SYSTEM, BOX, "billing", clock.now(), overlap=timedelta(hours=1)
        )
    assert (await post(identity="a")).status_code == 200
    assert (await post(identity="b", secret=new.secret)).status_code == 200
    clock.advance(timedelta(hours=1))
    assert (await post(identity="c")).status_code == 401
    assert (await post(identity="d", secret=new.secret)).status_code == 200


async def test_one_of_several_signatures_is_enough(
    post: Post, billing: NewSource, clock: Clock
) -> None:
    body = json.dumps(BODY).encode()
    right = Webhook(billing.secret).sign("msg_1", clock.now(), body.decode())
    answer = await post(webhook_signature=f"v1,AAAA v1a,BBBB {right}")
    assert answer.status_code == 200


UNREADABLE: list[tuple[Any, str, str | None]] = [
    (b"not json", "bad_json", None),
    (b'{"type": "x", "type', "bad_json", None),
    (b"[1]", "not_an_object", None),
    ({"data": {"customer": {"id": 1}}}, "no_name", "/type"),
    ({"type": 5, "data": {"customer": {"id": 1}}}, "no_name", "/type"),
    ({"type": "x" * 256, "data": {"customer": {"id": 1}}}, "no_name", "/type"),
    ({"type": "x"}, "no_identity", None),
    ({"type": "x", "data": {"customer": {"email": "no"}}}, "bad_email", "/data/customer/email"),
    ({"type": "x", "data": {"customer": {"id": []}}}, "bad_id", "/data/customer/id"),
    ({"type": "x", "data": {"customer": {"id": 1}, "a": "\0"}}, "not_storable", None),
]


async def test_a_document_that_cannot_be_read_is_refused_with_its_place(
    post: Post, rows: Rows
) -> None:
    for document, code, pointer in UNREADABLE:
        answer = await post(document)
        assert answer.status_code == 400, document
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()["problems"][0]
        assert problem["code"] == code
        if pointer is not None:
            assert pointer in (problem.get("pointer"), problem.get("place"))
    assert await rows("SELECT 1 FROM event") == []


async def test_a_body_too_large_is_refused_before_it_is_looked_at(post: Post) -> None:
    answer = await post({"type": "x", "data": "x" * 300_000})
    assert answer.status_code == 413


async def test_only_json_is_taken(post: Post) -> None:
    assert (await post(content_type="text/plain")).status_code == 415
    assert (await post(content_type="application/json; charset=utf-8")).status_code == 200


async def test_a_source_that_always_means_one_event(
    client: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows
) -> None:
    async with store.transaction() as session:
        made = await add_source(
            session,
            SYSTEM,
            BOX,
            "forms",
            contact={"email": "answers.0.email"},
            event_name="Form Sent",
            now=clock.now(),
        )
    body = b'{"answers": [{"email": "ada@example.com"}]}'
    headers = signed(made.secret, clock.now(), body)
    assert (await client.post("/hooks/in/forms", content=body, headers=headers)).status_code == 200
    assert await rows("SELECT name, source FROM event") == [("Form Sent", "hook:forms")]


async def test_a_source_that_names_no_event_and_is_named_none(
    client: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows
) -> None:
    """What the trigger `webhook` without `event` waits for."""
    contact = {"email": "who"}
    async with store.transaction() as session:
        made = await add_source(session, SYSTEM, BOX, "bell", contact=contact, now=clock.now())
        with pytest.raises(Refused):
            await add_source(
                session,
                SYSTEM,
                BOX,
                "both",
                contact=contact,
                event_name="Rung",
                event_path="type",
                now=clock.now(),
            )
    body = b'{"who": "ada@example.com"}'
    headers = signed(made.secret, clock.now(), body)
    assert (await client.post("/hooks/in/bell", content=body, headers=headers)).status_code == 200
    trigger = WebhookTrigger(source="bell")
    assert await rows("SELECT name, source FROM event") == [(trigger.starts_on, "hook:bell")]


async def test_secrets_are_sealed_and_never_shown(
    billing: NewSource, store: Store, rows: Rows, clock: Clock
) -> None:
    [(sealed,)] = await rows("SELECT secret FROM hook_source")
    assert billing.secret.removeprefix("whsec_")[:12] not in str(sealed)
    assert billing.secret not in repr(billing)
    audited = await rows("SELECT before, after, why FROM audit")
    assert billing.secret not in str(audited)


async def test_a_source_that_was_removed_is_unknown(post: Post, store: Store) -> None:
    async with store.transaction() as session:
        await remove_source(session, SYSTEM, "billing")
    assert (await post()).status_code == 401


async def test_without_the_key_it_was_sealed_with_nobody_comes_in(
    store: Store, clock: Clock, billing: NewSource
) -> None:
    app = create_app(Parts(load(), store, clock.now))
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    body = json.dumps(BODY).encode()
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as client:
        headers = signed(billing.secret, clock.now(), body)
        answer = await client.post("/hooks/in/billing", content=body, headers=headers)
    assert answer.status_code == 401
