"""What every request meets before its route, and how refusals look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.exc import DataError, OperationalError
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from engine import errors
from engine.api.app import create_app
from engine.api.edge import TimeLimit
from tests.api.conftest import Parts


async def test_health_asks_nobody(client: httpx2.AsyncClient, parts: Parts) -> None:
    parts.answers["database"] = False

    assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_readiness_says_whether_and_not_what(
    client: httpx2.AsyncClient, parts: Parts
) -> None:
    ready = await client.get("/readyz")
    parts.answers["temporal"] = False
    unready = await client.get("/readyz")

    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert unready.status_code == 503
    assert unready.json() == {"ready": False}


async def test_metrics_count_what_the_door_did(parts: Parts, write_key: str) -> None:
    item = {"type": "track", "userId": "ada", "event": "A", "messageId": "1"}
    transport = httpx2.ASGITransport(create_app(parts))
    key = httpx2.BasicAuth(write_key, "")
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://cadenza.test", auth=key
    ) as website:
        await website.post("/v1/batch", json={"batch": [item, item, {"type": "x"}]})
        told = (await website.get("/metrics")).text.splitlines()

    assert 'cadenza_events_accepted_total{source="website"} 1.0' in told
    assert 'cadenza_events_duplicate_total{source="website"} 1.0' in told
    assert 'cadenza_events_refused_total{code="unknown_type",source="website"} 1.0' in told
    assert any(
        line.startswith('cadenza_request_seconds_count{method="POST",route="/v1/batch"')
        for line in told
    )


async def test_a_path_with_a_token_is_not_a_label(client: httpx2.AsyncClient) -> None:
    await client.get("/u/some-secret-token")
    await client.get("/nowhere/some-secret-token")

    assert "some-secret-token" not in (await client.get("/metrics")).text


async def test_every_answer_has_a_number_and_safe_headers(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/healthz")
    taken_over = await client.get("/healthz", headers={"X-Request-ID": "their-number-1"})
    odd = await client.get("/healthz", headers={"X-Request-ID": "<script>alert(1)</script>"})

    assert len(answer.headers["x-request-id"]) == 32
    assert taken_over.headers["x-request-id"] == "their-number-1"
    assert "<" not in odd.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


async def test_https_is_remembered_when_that_is_our_address(parts: Parts) -> None:
    parts.public_url = "https://crm.cadenza.test"
    transport = httpx2.ASGITransport(create_app(parts))
    async with httpx2.AsyncClient(transport=transport, base_url="https://crm.cadenza.test") as one:
        answer = await one.get("/healthz")

    assert answer.headers["strict-transport-security"].startswith("max-age=")


class Shape(BaseModel):
    age: int


FAILURES = {
    "not-found": (errors.NotFound("No such flow."), 404, "not_found"),
    "refused": (
        errors.Refused("Not saved.", [errors.Problem("/name", "missing", "write a name")]),
        422,
        "refused",
    ),
    "conflict": (errors.Conflict("Not now."), 409, "conflict"),
    "forbidden": (errors.NotAllowed("Not you."), 403, "not_allowed"),
    "nobody": (errors.NotSignedIn("Who?"), 401, "not_signed_in"),
    "often": (errors.LimitReached("Slowly.", timedelta(seconds=2.5)), 429, "limit_reached"),
    "large": (errors.LimitReached("Too large."), 413, "limit_reached"),
    "away": (errors.Unavailable("Nobody there."), 503, "unavailable"),
    "full": (errors.DiskFull("No room."), 503, "disk_full"),
    "nul": (DataError("SELECT 1", {}, psycopg.DataError("contains NUL")), 422, "refused"),
    "no text": (
        DataError("SELECT 1", {}, psycopg.errors.UntranslatableCharacter()),
        422,
        "refused",
    ),
    "gone": (OperationalError("SELECT 1", {}, OSError("refused")), 503, "unavailable"),
    "surprise": (KeyError("secret value"), 500, "surprise"),
}


@pytest.fixture
def failing(app: FastAPI) -> FastAPI:
    @app.get("/fail/{how}")
    async def fail(how: str) -> None:
        raise FAILURES[how][0]

    @app.post("/shape")
    async def shape(body: Shape) -> int:
        return body.age

    return app


@pytest.mark.parametrize("how", FAILURES)
async def test_every_failure_is_a_problem_document(
    failing: FastAPI, client: httpx2.AsyncClient, how: str
) -> None:
    _, status, code = FAILURES[how]
    answer = await client.get(f"/fail/{how}")
    problem = answer.json()

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    assert "secret" not in answer.text
    if status in (429, 503):
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_refusal_lists_every_place(failing: FastAPI, client: httpx2.AsyncClient) -> None:
    problem = (await client.get("/fail/refused")).json()

    (found,) = problem["problems"]
    assert (found["place"], found["pointer"]) == ("/name", "/name")
    assert (found["code"], found["message"]) == ("missing", "write a name")


async def test_a_malformed_body_names_the_field(
    failing: FastAPI, client: httpx2.AsyncClient
) -> None:
    answer = await client.post("/shape", json={"age": "old"})

    assert answer.status_code == 422
    assert [one["place"] for one in answer.json()["problems"]] == ["/body/age"]


async def test_an_unknown_path_and_a_wrong_method_are_problems_too(
    client: httpx2.AsyncClient,
) -> None:
    unknown, wrong = await client.get("/nowhere"), await client.get("/v1/batch")

    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


async def test_other_doors_refuse_what_is_too_large_with_413(
    failing: FastAPI, client: httpx2.AsyncClient
) -> None:
    answer = await client.post("/shape", content=b" " * 1_100_000)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_no_method_may_bring_a_body_without_end(
    client: httpx2.AsyncClient, method: str
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(110):
            yield b" " * 10_000

    answer = await client.request(method, "/healthz", content=chunks())

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_request_that_takes_too_long_is_given_up() -> None:
    given_up = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    limited = TimeLimit(slow, limit=timedelta(milliseconds=20))
    transport = httpx2.ASGITransport(limited)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as one:
        answer = await one.get("/")

    assert given_up.is_set()
    assert (answer.status_code, answer.json()["code"]) == (503, "too_slow")
    assert answer.headers["retry-after"]


async def test_streams_of_the_designer_are_left_alone(parts: Parts) -> None:
    async def upload(scope: Scope, receive: Receive, send: Send) -> None:
        size = 0
        while True:
            message = await receive()
            size += len(message["body"])
            if not message["more_body"]:
                break
        await PlainTextResponse(str(size))(scope, receive, send)

    app = create_app(parts)
    app.mount("/", upload)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as one:
        answer = await one.post("/_nicegui/upload", content=b" " * 3_000_000)

    assert answer.text == "3000000"
