"""The door of the API: who comes in, how often, with what."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.responses import HTMLResponse

from crm_store.session import Store
from engine.api.json_bodies import MOST_LEVELS, BadJson, read_json
from engine.api.pages import cursor_of, read_cursor
from engine.api.rates import EACH_MINUTE, HeavyLine, KeyRates
from engine.errors import LimitReached, Refused
from engine.services.actor import SYSTEM
from engine.services.api_keys import revoke_api_key
from tests.api.people import bearer, key_for
from tests.clock import Clock

NO_KEYS = (
    None,
    "",
    "Bearer",
    "Bearer ",
    "Bearer cad_0",
    "Basic Y2FkOg==",
    "bearer cad_000000000000_" + "0" * 64,
)


@pytest.mark.parametrize("path", ["/api/facts", "/api/nothing", "/api/rules/check"])
async def test_without_a_key_nothing_is_said_about_what_is_there(
    client: httpx2.AsyncClient, path: str
) -> None:
    for header in NO_KEYS:
        headers = {} if header is None else {"Authorization": header}
        answer = await client.post(path, headers=headers, content=b"not json")

        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), header
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["cache-control"] == "no-store"


async def test_a_revoked_key_is_refused(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    key = await key_for(store, clock, "marketer", ["read:contact"])
    async with store.transaction() as session:
        await revoke_api_key(session, SYSTEM, key, clock.now())

    assert (await api.get("/api/facts", headers=bearer(key))).status_code == 401


async def test_a_key_never_shows_up_in_an_answer(api: httpx2.AsyncClient) -> None:
    key = api.headers["authorization"].removeprefix("Bearer ")
    answers = [
        await api.get("/api/facts"),
        await api.get(f"/api/{key}"),
        await api.get("/metrics"),
        await api.post("/api/rules/check", json={"rule": {"x": key}}),
    ]

    assert not any(key.rpartition("_")[2] in str(answer.headers) for answer in answers)
    assert key not in answers[2].text


async def test_what_is_no_operation_is_a_problem_even_below_the_designer(
    app: FastAPI, api: httpx2.AsyncClient
) -> None:
    @app.get("/{path:path}")
    async def designer(path: str) -> HTMLResponse:
        return HTMLResponse("<h1>a page</h1>")

    unknown, wrong = await api.get("/api/nowhere"), await api.get("/api/rules/check")

    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"


async def test_answers_are_guarded(api: httpx2.AsyncClient) -> None:
    answer = await api.get("/api/facts")

    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers


async def test_a_malformed_request_names_every_place(api: httpx2.AsyncClient) -> None:
    answer = await api.post(
        "/api/rules/explain", json={"rule": True, "contact": [], "at": "soon", "extra": 1}
    )
    places = {one["place"]: one.get("pointer") for one in answer.json()["problems"]}

    assert answer.status_code == 422
    assert places == {"/body/contact": "/contact", "/body/at": "/at", "/body/extra": "/extra"}
    missing = (await api.post("/api/rules/count", json={})).json()["problems"]
    assert [one["pointer"] for one in missing] == ["/rule"]


NOT_JSON = (
    b"{",
    b"NaN",
    b'{"rule": NaN}',
    b'{"rule": "\\ud800"}',
    b"\xff",
    b'{"rule": ' + b"[" * (MOST_LEVELS + 1) + b"]" * (MOST_LEVELS + 1) + b"}",
    b'{"rule": ' + b'{"!":[' * 5000 + b"1" + b"]}" * 5000 + b"}",
)


async def test_what_is_not_strict_json_is_refused(api: httpx2.AsyncClient) -> None:
    for body in NOT_JSON:
        answer = await api.post(
            "/api/rules/check", content=body, headers={"Content-Type": "application/json"}
        )

        assert (answer.status_code, answer.json()["code"]) == (422, "bad_json"), body[:20]


def test_depth_is_counted_in_levels_not_in_brackets() -> None:
    wide = b"[" + b",".join([b"[]"] * 1000) + b"]"
    deep = b"[" * MOST_LEVELS + b"]" * MOST_LEVELS

    assert len(read_json(wide)) == 1000
    assert read_json(deep)
    with pytest.raises(BadJson):
        read_json(b"[" + deep + b"]")


async def test_a_key_has_its_minute() -> None:
    rates = KeyRates(3)
    for _ in range(3):
        await rates.spend(1)
    with pytest.raises(LimitReached) as refused:
        await rates.spend(1)
    await rates.spend(2)

    assert refused.value.retry_after is not None
    assert 0 < refused.value.retry_after.total_seconds() <= 60


async def test_heavy_questions_cost_more() -> None:
    line = HeavyLine(KeyRates(10))
    async with line.turn(1):
        pass
    with pytest.raises(LimitReached):
        async with line.turn(1):
            pass


async def test_too_often_is_answered_with_when_to_come_back(
    app: FastAPI, api: httpx2.AsyncClient
) -> None:
    assert (await api.get("/api/nowhere")).status_code == 404
    await app.state.key_rates.spend(1, cost=EACH_MINUTE - 2)
    last, beyond = await api.get("/api/nowhere"), await api.get("/api/nowhere")

    assert (last.status_code, beyond.status_code) == (404, 429)
    assert beyond.json()["code"] == "limit_reached"
    assert int(beyond.headers["retry-after"]) >= 1


def test_a_cursor_comes_back_as_it_was() -> None:
    assert read_cursor(cursor_of("name", 7), str, int) == ["name", 7]


@pytest.mark.parametrize(
    "cursor",
    ["x", "é", "====", cursor_of("a"), cursor_of(1, "a"), cursor_of("a", -1), cursor_of("\0", 1)],
)
def test_another_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Refused):
        read_cursor(cursor, str, int)


async def test_the_description_names_every_operation_once(client: httpx2.AsyncClient) -> None:
    document: dict[str, Any] = (await client.get("/openapi.json")).json()
    operations = [
        (path, operation)
        for path, methods in document["paths"].items()
        for operation in methods.values()
    ]
    ids = [operation["operationId"] for _, operation in operations]

    assert len(ids) == len(set(ids))
    assert {"check_rule", "explain_rule", "count_rule", "sample_rule", "list_facts"} <= set(ids)
    for path, operation in operations:
        if path.startswith("/api/"):
            assert operation["security"] == [{"ApiKey": []}]
            assert operation["summary"]
            assert "422" in operation["responses"]
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in str(document)
    refused = [ref for ref in _references(document) if not _found(document, ref)]
    assert refused == []


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [one for part in value.values() for one in _references(part)]
    return [one for part in value for one in _references(part)] if isinstance(value, list) else []


def _found(document: Any, reference: str) -> bool:
    for part in reference.removeprefix("#/").split("/"):
        if part not in document:
            return False
        document = document[part]
    return True


async def test_there_is_no_page_that_fetches_scripts(client: httpx2.AsyncClient) -> None:
    for path in ("/docs", "/redoc"):
        assert (await client.get(path)).status_code == 404
