"""PostHog's captures and CloudEvents, as calls that the reader knows."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import orjson
import pytest

from engine.errors import Refused
from engine.services.events import Reader
from engine.services.events.calls import Malformed
from engine.services.events.cloudevents import BATCHED, STRUCTURED, events_of
from engine.services.events.cloudevents import call_of as call_of_event
from engine.services.events.posthog import call_of, captures_of, key_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "/shop",
    "type": "com.example.order.paid",
    "time": "2026-03-02T08:00:00Z",
    "data": {"userId": 7, "total": 5},
}


def item(call: Any) -> Any:
    items, refused = Reader("website", NOW).batch({"batch": [call]})
    assert refused == []
    return items[0]


@pytest.mark.parametrize(
    ("capture", "kind", "name"),
    [
        ({"event": "bought", "distinct_id": "u1"}, "track", "bought"),
        ({"event": "$pageview", "distinct_id": "u1"}, "page", "Page Viewed"),
        ({"event": "$screen", "distinct_id": "u1"}, "screen", "Screen Viewed"),
        ({"event": "$identify", "distinct_id": "u1"}, "identify", "Contact Identified"),
        ({"event": "$set", "distinct_id": "u1"}, "identify", "Contact Identified"),
        (
            {
                "event": "$groupidentify",
                "distinct_id": "u1",
                "properties": {"$group_key": "acme", "$group_set": {"name": "Acme"}},
            },
            "group",
            "Account Joined",
        ),
        (
            {
                "event": "$create_alias",
                "distinct_id": "old",
                "properties": {"distinct_id": "old", "alias": "u1"},
            },
            "alias",
            "Alias Recorded",
        ),
    ],
)
def test_captures_are_the_calls_they_mean(capture: Any, kind: str, name: str) -> None:
    found = item(call_of(capture, NOW))
    assert (found.kind, found.name, found.user_id) == (kind, name, "u1")


def test_a_browser_that_nobody_signed_in_at_is_anonymous() -> None:
    properties = {"$device_id": "d1", "$is_identified": False, "utm_source": "mail", "plan": "pro"}
    capture = {"event": "seen", "distinct_id": "d1", "properties": properties, "uuid": "m1"}
    found = item(call_of(capture, NOW))
    assert (found.user_id, found.anonymous_id, found.message_id) == (None, "d1", "m1")
    context = {"campaign": {"source": "mail"}}
    assert found.properties == {"utm_source": "mail", "plan": "pro", "context": context}


def test_who_signs_in_brings_their_browser_along() -> None:
    properties = {"$anon_distinct_id": "d1", "$set": {"email": "ada@example.com"}}
    found = item(
        call_of({"event": "$identify", "distinct_id": "u1", "properties": properties}, NOW)
    )
    assert (found.user_id, found.anonymous_id, found.address) == ("u1", "d1", "ada@example.com")


def test_what_a_client_says_of_itself_is_not_kept() -> None:
    assert call_of({"event": "$feature_flag_called", "distinct_id": "u1"}, NOW) is None


def test_the_key_stands_where_each_client_puts_it() -> None:
    assert key_of({"api_key": "k"}) == key_of([{"token": "k"}]) == "k"
    assert key_of({"properties": {"token": "k"}}) == "k"
    assert key_of([]) is None
    assert captures_of({"batch": [1], "sent_at": "x"}) == ([1], "x")


@pytest.mark.parametrize(
    ("change", "who"),
    [
        ({"subject": "u1", "data": {}}, ("u1", None, None)),
        ({"subject": "ada@example.com", "data": None}, (None, None, "ada@example.com")),
        ({"userid": "u2"}, ("u2", None, None)),
        ({"data": {"email": "ada@example.com"}}, (None, None, "ada@example.com")),
        ({"data": {"anonymous_id": "b1"}}, (None, "b1", None)),
    ],
)
def test_a_cloudevent_names_its_person(change: Any, who: Any) -> None:
    found = item(call_of_event({**EVENT, **change}))
    assert (found.user_id, found.anonymous_id, found.address) == who
    assert (found.name, found.message_id) == ("com.example.order.paid", "/shop#1")
    assert found.occurred_at == datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"specversion": "0.3"}, "bad_specversion"),
        ({"id": ""}, "missing_attribute"),
        ({"type": 7}, "missing_attribute"),
        ({"data_base64": "%%"}, "bad_data"),
        ({"data_base64": "e30x"}, "bad_data"),
    ],
)
def test_a_cloudevent_that_is_none_is_refused(change: Any, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        call_of_event({**EVENT, **change})
    assert refused.value.code == code


def test_cloudevents_come_structured_batched_and_in_headers() -> None:
    body = orjson.dumps(EVENT)
    assert events_of(f"{STRUCTURED}; charset=utf-8", {}, body) == [EVENT]
    assert events_of(BATCHED, {}, orjson.dumps([EVENT, EVENT])) == [EVENT, EVENT]
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/shop", "ce-type": "a%20b"}
    [event] = events_of("application/json", headers, b'{"userId": "u1"}')
    assert (event["type"], event["data"]) == ("a b", {"userId": "u1"})
    encoded = {**EVENT, "data": None, "data_base64": b64encode(b'{"userId": "u3"}').decode()}
    assert item(call_of_event(encoded)).user_id == "u3"
    with pytest.raises(Refused):
        events_of("application/json", {}, body)


async def test_all_three_doors_end_at_one_contact(
    website: httpx2.AsyncClient, write_key: str, rows: Rows
) -> None:
    capture = {"event": "bought", "distinct_id": "7", "uuid": "p1", "properties": {"x": 1}}
    batch = {"api_key": write_key, "batch": [capture, capture], "sent_at": "2026-03-02T09:00:00Z"}
    for path in ("/batch/", "/e/"):
        answer = await website.post(path, json=batch)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    for kind, body in ((STRUCTURED, EVENT), (BATCHED, [EVENT, {"specversion": "1.0"}])):
        answer = await website.post(
            "/v1/cloudevents", content=orjson.dumps(body), headers={"content-type": kind}
        )
        assert answer.status_code == 200
    answer = await website.post("/v1/track", json={"userId": "7", "event": "Seen"})

    assert await rows("SELECT count(*) FROM contact") == [(1,)]
    assert await rows("SELECT name, count(*) FROM event GROUP BY 1 ORDER BY 1") == [
        ("Seen", 1),
        ("bought", 1),
        ("com.example.order.paid", 1),
    ]
    assert await rows("SELECT door, code FROM dead_letter") == [("event", "missing_attribute")]
