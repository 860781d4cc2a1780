"""Events come in on Segment's paths."""

from __future__ import annotations

import gzip
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from tests.api.conftest import Parts

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]


def track(message_id: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "messageId": message_id,
        "userId": "ada",
        "event": "Signed Up",
        **more,
    }


async def test_a_tracked_event_is_recorded_and_queued(
    website: httpx2.AsyncClient, rows: Rows, parts: Parts
) -> None:
    answer = await website.post("/v1/track", json=track("m1", properties={"plan": "pro"}))

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert await rows(
        "SELECT e.source, e.kind, e.name, e.properties, c.external_id FROM event e "
        "JOIN contact c ON c.id = e.contact_id JOIN event_pending p ON p.event_id = e.id"
    ) == [("website", "track", "Signed Up", {"plan": "pro"}, "ada")]
    assert len(parts.pokes.dispatched) == 1


async def test_identify_fills_the_contact_and_links_its_browser(
    website: httpx2.AsyncClient, rows: Rows
) -> None:
    await website.post(
        "/v1/track", json={"anonymousId": "b1", "event": "Visited", "messageId": "1"}
    )
    answer = await website.post(
        "/v1/identify",
        json={
            "messageId": "2",
            "anonymousId": "b1",
            "userId": "ada",
            "traits": {"email": "Ada@Example.com", "firstName": "Ada", "country": "sg"},
        },
    )

    assert answer.json() == {"success": True}
    assert await rows("SELECT external_id, email, email_key, first_name, country FROM contact") == [
        ("ada", "Ada@Example.com", "ada@example.com", "Ada", "SG")
    ]
    assert await rows("SELECT count(DISTINCT contact_id), count(*) FROM event") == [(1, 2)]


async def test_a_repeated_message_changes_nothing(
    website: httpx2.AsyncClient, rows: Rows, parts: Parts
) -> None:
    first = {"messageId": "1", "userId": "ada", "traits": {"firstName": "Ada"}}
    await website.post("/v1/identify", json=first)
    again = await website.post("/v1/identify", json={**first, "traits": {"firstName": "Eve"}})

    assert (again.status_code, again.json()) == (200, {"success": True})
    assert await rows("SELECT first_name FROM contact") == [("Ada",)]
    assert await rows("SELECT count(*) FROM event_pending") == [(1,)]
    assert len(parts.pokes.dispatched) == 1


async def test_a_message_repeated_inside_a_batch_counts_once(
    website: httpx2.AsyncClient, rows: Rows
) -> None:
    batch = [track("1", event="A"), track("2", event="B"), track("1", event="C")]
    await website.post("/v1/batch", json={"batch": batch})

    assert await rows("SELECT name FROM event ORDER BY id") == [("A",), ("B",)]


async def test_the_same_message_id_of_another_source_is_another_event(
    website: httpx2.AsyncClient, rows: Rows, parts: Parts
) -> None:
    from engine.services.actor import SYSTEM
    from engine.services.write_keys import create_write_key

    async with parts.store.transaction() as session:
        shop = await create_write_key(session, SYSTEM, "shop")
    await website.post("/v1/track", json=track("1"))
    await website.post(
        "/v1/track", json=track("1", writeKey=shop.key), auth=httpx2.BasicAuth(shop.key, "")
    )

    assert await rows("SELECT source FROM event ORDER BY id") == [("website",), ("shop",)]


async def test_malformed_items_are_refused_and_the_others_kept(
    website: httpx2.AsyncClient, rows: Rows
) -> None:
    batch = [
        track("1"),
        "not an object",
        {"type": "track", "userId": "ada"},
        {"type": "track", "event": "No one"},
        {"type": "dance", "userId": "ada"},
        track("2", event="Fine"),
        track("3", properties={"text": "nul \0 inside"}),
        track("4", timestamp="yesterday"),
        track("5", properties={"text": "x" * 40_000}),
        track("6", userId=True),
        track("7", properties=["not", "an", "object"]),
    ]
    answer = await website.post("/v1/batch", json={"batch": batch})

    assert answer.status_code == 200
    assert [(one["index"], one["code"]) for one in answer.json()["refused"]] == [
        (1, "not_an_object"),
        (2, "no_name"),
        (3, "no_identity"),
        (4, "unknown_type"),
        (6, "not_storable"),
        (7, "bad_timestamp"),
        (8, "too_large"),
        (9, "bad_id"),
        (10, "not_an_object"),
    ]
    assert await rows("SELECT name FROM event ORDER BY id") == [("Signed Up",), ("Fine",)]


async def test_a_batch_of_nothing_but_malformed_items_is_refused(
    website: httpx2.AsyncClient,
) -> None:
    answer = await website.post("/v1/batch", json={"batch": [{"type": "track"}, 7]})

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "refused"
    assert problem["message"]
    assert [one["place"] for one in problem["problems"]] == ["/batch/0", "/batch/1"]


async def test_one_item_with_half_a_surrogate_pair_or_a_huge_number_leaves_the_others(
    website: httpx2.AsyncClient, rows: Rows
) -> None:
    good = json.dumps(track("1"))
    bad = [
        r'{"type":"track","userId":"ada","event":"\ud800"}',
        '{"type":"track","userId":"ada","event":"Nan","properties":{"n":NaN}}',
        '{"type":"track","userId":"ada","event":"Huge","properties":{"n":1e999}}',
        '{"type":"track","userId":"ada","event":"Big","properties":{"n":' + "9" * 400 + "}}",
    ]
    answer = await website.post("/v1/batch", content=f'{{"batch":[{",".join([*bad, good])}]}}')

    assert answer.status_code == 200
    assert [one["index"] for one in answer.json()["refused"]] == [0, 1, 2, 3]
    assert await rows("SELECT name FROM event") == [("Signed Up",)]


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"]
)
async def test_a_body_is_json_whatever_its_type_says(
    website: httpx2.AsyncClient, kind: str
) -> None:
    answer = await website.post(
        "/v1/track", content=json.dumps(track("1")), headers={"content-type": kind}
    )

    assert answer.status_code == 200


async def test_a_gzip_body_is_unpacked(website: httpx2.AsyncClient, rows: Rows) -> None:
    packed = gzip.compress(json.dumps({"batch": [track("1")]}).encode())
    answer = await website.post("/v1/batch", content=packed, headers={"content-encoding": "gzip"})

    assert answer.status_code == 200
    assert await rows("SELECT count(*) FROM event") == [(1,)]


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"[" * 5_000, b"9" * 5_000, b"null"])
async def test_a_body_that_is_no_json_object_is_refused(
    website: httpx2.AsyncClient, body: bytes
) -> None:
    answer = await website.post("/v1/batch", content=body)

    assert answer.status_code == 400
    assert answer.json()["code"] == "refused"


async def test_the_key_may_stand_in_the_body(
    client: httpx2.AsyncClient, write_key: str, rows: Rows
) -> None:
    answer = await client.post("/v1/batch", json={"batch": [track("1")], "writeKey": write_key})

    assert answer.status_code == 200
    assert await rows("SELECT source FROM event") == [("website",)]


@pytest.mark.parametrize("key", [None, "", "cwk_unknown"])
async def test_without_a_known_key_nothing_is_accepted(
    client: httpx2.AsyncClient, key: str | None, rows: Rows
) -> None:
    body = {"batch": [track("1")], "writeKey": key}
    answer = await client.post("/v1/batch", json=body)

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"
    assert await rows("SELECT count(*) FROM event") == [(0,)]


async def test_a_wrong_clock_of_the_client_is_repaired(
    website: httpx2.AsyncClient, rows: Rows
) -> None:
    """The clock stands on 9:00; the client's is three days behind and the event one hour old."""
    await website.post(
        "/v1/batch",
        json={
            "sentAt": "2026-02-27T09:00:00Z",
            "batch": [track("1", timestamp="2026-02-27T08:00:00Z")],
        },
    )

    assert await rows("SELECT occurred_at FROM event") == [(datetime(2026, 3, 2, 8, tzinfo=UTC),)]


async def test_an_event_never_happens_after_it_arrived(
    website: httpx2.AsyncClient, rows: Rows
) -> None:
    await website.post("/v1/track", json=track("1", timestamp="2099-01-01T00:00:00Z"))

    assert await rows("SELECT occurred_at FROM event") == [(datetime(2026, 3, 2, 9, tzinfo=UTC),)]


async def test_page_screen_group_and_alias_are_events_too(
    website: httpx2.AsyncClient, rows: Rows
) -> None:
    answer = await website.post(
        "/v1/batch",
        json={
            "batch": [
                {"type": "page", "messageId": "1", "anonymousId": "b1", "name": "Pricing"},
                {"type": "alias", "messageId": "2", "previousId": "b1", "userId": "ada"},
                {
                    "type": "group",
                    "messageId": "3",
                    "userId": "ada",
                    "groupId": "acme",
                    "traits": {"name": "Acme", "website": "https://www.acme.example/us"},
                },
                {"type": "screen", "messageId": "4", "userId": "ada", "name": "Home"},
            ]
        },
    )

    assert answer.json() == {"success": True}
    assert await rows("SELECT kind, name FROM event ORDER BY id") == [
        ("page", "Page Viewed"),
        ("alias", "Alias Recorded"),
        ("group", "Account Joined"),
        ("screen", "Screen Viewed"),
    ]
    assert await rows(
        "SELECT c.external_id, a.external_id, a.name, a.domain FROM contact c "
        "JOIN account a ON a.id = c.account_id"
    ) == [("ada", "acme", "Acme", "acme.example")]
    assert await rows("SELECT count(*) FROM contact") == [(1,)]


async def test_a_trait_that_cannot_be_read_is_told_and_the_rest_is_kept(
    website: httpx2.AsyncClient, rows: Rows
) -> None:
    answer = await website.post(
        "/v1/identify",
        json={
            "messageId": "1",
            "userId": "ada",
            "traits": {"firstName": "Ada", "birthday": "soon"},
        },
    )

    assert answer.status_code == 200
    assert [(one["index"], one["code"]) for one in answer.json()["noted"]] == [(0, "not_a_date")]
    assert await rows("SELECT first_name, birthday FROM contact") == [("Ada", None)]


async def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(
    website: httpx2.AsyncClient, parts: Parts
) -> None:
    from sqlalchemy import event

    statements: list[str] = []
    event.listen(
        parts.store.engine.sync_engine,
        "before_cursor_execute",
        lambda *told: statements.append(told[2]),
    )

    async def cost(count: int, start: str) -> int:
        statements.clear()
        batch = [
            track(f"{start}{n}", userId=f"u{n}", type="identify" if n % 2 else "track")
            for n in range(count)
        ]
        assert (await website.post("/v1/batch", json={"batch": batch})).status_code == 200
        return len(statements)

    await cost(100, "a")
    known, few = await cost(100, "b"), await cost(2, "c")
    assert known <= few + 1
    assert known <= 14
