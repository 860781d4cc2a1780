"""A request that is sent again: one effect, one answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx2

from crm_store.session import Store
from tests.api.conftest import Parts
from tests.api.people import ADA, EVERYTHING, bearer, key_for
from tests.clock import Clock

Rows = Callable[..., Any]


def new(name: str) -> dict[str, Any]:
    return {"name": name, "label": "Everybody", "rule": True}


async def send(client: httpx2.AsyncClient, key: str, body: dict[str, Any]) -> httpx2.Response:
    return await client.post("/api/segments", json=body, headers={"Idempotency-Key": key})


async def test_the_same_request_gets_the_same_answer(api: httpx2.AsyncClient, rows: Rows) -> None:
    first, second = await send(api, "k1", new("a")), await send(api, "k1", new("a"))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    assert first.headers["location"] == second.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert await rows("SELECT name FROM segment") == [("a",)]


async def test_members_in_another_order_are_the_same_request(api: httpx2.AsyncClient) -> None:
    await send(api, "k1", new("a"))
    turned = dict(reversed(new("a").items()))

    assert (await send(api, "k1", turned)).status_code == 201


async def test_another_request_with_that_key_is_refused(
    api: httpx2.AsyncClient, rows: Rows
) -> None:
    await send(api, "k1", new("a"))
    other = await send(api, "k1", new("b"))

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await rows("SELECT name FROM segment") == [("a",)]


async def test_the_same_body_to_another_path_is_another_request(api: httpx2.AsyncClient) -> None:
    for name in ("one", "two"):
        await api.post("/api/segments", json={"name": name, "label": name, "kind": "static"})
    headers, body = {"Idempotency-Key": "k1"}, {"contact_ids": [ADA]}
    first = await api.post("/api/segments/one/members", json=body, headers=headers)
    second = await api.post("/api/segments/two/members", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (200, 422)


async def test_a_refused_request_may_be_mended_under_its_key(api: httpx2.AsyncClient) -> None:
    wrong = await send(api, "k1", new("a") | {"rule": {"grows": []}})
    right = await send(api, "k1", new("a"))

    assert (wrong.status_code, right.status_code) == (422, 201)


async def test_another_callers_key_is_another_key(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    await send(api, "k1", new("a"))
    other = bearer(await key_for(store, clock, "admin", EVERYTHING))
    answer = await api.post(
        "/api/segments", json=new("b"), headers={"Idempotency-Key": "k1"} | other
    )

    assert answer.status_code == 201


async def test_a_key_that_cannot_be_one_is_refused(api: httpx2.AsyncClient) -> None:
    for key in ("", "a" * 256):
        assert (await send(api, key, new("a"))).status_code == 422


async def test_a_crowd_has_one_effect_for_each_key(
    api: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    answers = await asyncio.gather(
        *(send(api, f"k{number % 5}", new(f"s{number % 5}")) for number in range(100))
    )
    told = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    made = [answer for answer in answers if answer.status_code == 201]

    assert set(told) <= {(201, None), (409, "request_in_flight")}
    assert len({answer.content for answer in made}) == 5
    assert sum("idempotent-replayed" not in answer.headers for answer in made) == 5
    assert await rows("SELECT count(*) FROM segment") == [(5,)]
    assert await rows("SELECT count(*) FROM audit WHERE subject_kind = 'segment'") == [(5,)]
