"""Whatever is sent, the answer is never our own mistake."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Parts

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]

FIELDS = (
    *("type", "messageId", "userId", "anonymousId", "event", "name", "category", "properties"),
    *("traits", "context", "timestamp", "originalTimestamp", "sentAt", "groupId", "previousId"),
    *("writeKey", "batch", "integrations"),
)
NASTY: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**53,
    2**63,
    2**64,
    10**30,
    1e308,
    5e-324,
    "",
    " ",
    "\0",
    "a\0b",
    "\\u0000",
    "\ud800",
    "\udfff\ud800",
    "\u202e\u0301" * 20,
    "x" * 300,
    "ada@example.com",
    "track",
    "identify",
    "group",
    "alias",
    "2026-03-02T09:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "1969-12-31",
    [],
    {},
    [[[[]]]],
    {"": {"": ""}},
    {"email": "not an address", "birthday": "31.02.2026", "address": [], "name": 7},
    {"email": "Ada@Example.com\0", "lifecycleStage": "king", "score": "1e9", "phone": "++"},
    {"id": 10**400, "timezone": "Mars/Olympus", "country": "\0", "locale": "x" * 999},
)


def nasty_item(chosen: random.Random) -> Any:
    """A good item with up to four fields spoilt."""
    if chosen.random() < 0.05:
        return chosen.choice(NASTY)
    kind = chosen.choice(["track", "identify", "page", "screen", "group", "alias"])
    item: dict[str, Any] = {
        "type": kind,
        "userId": f"u{chosen.randrange(9)}",
        "event": "E",
        "groupId": "g",
    }
    item |= {"previousId": f"b{chosen.randrange(9)}", "anonymousId": f"b{chosen.randrange(9)}"}
    return item | {
        name: chosen.choice(NASTY) for name in chosen.sample(FIELDS, chosen.randrange(5))
    }


def nasty_body(chosen: random.Random) -> bytes:
    items = [nasty_item(chosen) for _ in range(chosen.randrange(6))]
    body: Any = {"batch": items, "sentAt": chosen.choice(NASTY)}
    if chosen.random() < 0.2:
        body = nasty_item(chosen)
    content = json.dumps(body).encode()
    match chosen.randrange(12):
        case 0:
            cut = chosen.randrange(len(content) + 1)
            return content[:cut]
        case 1:
            place = chosen.randrange(len(content) + 1)
            return content[:place] + bytes([chosen.randrange(256)]) + content[place:]
        case _:
            return content


async def test_random_bodies_are_never_a_surprise(website: httpx2.AsyncClient, rows: Rows) -> None:
    chosen = random.Random(20260302)
    paths = ["/v1/batch"] * 6 + ["/v1/track", "/v1/identify", "/v1/group", "/v1/alias", "/v1/page"]
    seen: set[int] = set()
    for _ in range(25):
        answers = await asyncio.gather(
            *(website.post(chosen.choice(paths), content=nasty_body(chosen)) for _ in range(20))
        )
        seen |= {answer.status_code for answer in answers}
        assert max(answer.status_code for answer in answers) < 500
    assert seen == {200, 400}
    assert (await rows("SELECT count(*) FROM event"))[0][0] > 100


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(properties=st.dictionaries(st.text(), values, max_size=5), event=st.text())
async def test_any_properties_are_stored_or_refused_with_a_reason(
    website: httpx2.AsyncClient, properties: dict[str, Any], event: str
) -> None:
    item = {"userId": "ada", "event": event, "properties": properties}
    answer = await website.post("/v1/track", content=json.dumps(item))

    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert answer.json()["problems"][0]["code"] in {"no_name", "not_storable"}


@pytest.mark.parametrize("depth", [200, 300, 2_000, 100_000])
async def test_deep_nesting_is_refused_or_stored(website: httpx2.AsyncClient, depth: int) -> None:
    inner = "[" * depth + "]" * depth
    content = f'{{"userId":"ada","event":"Deep","properties":{{"a":{inner}}}}}'
    answer = await website.post("/v1/track", content=content)

    assert answer.status_code == (200 if depth == 200 else 400)


async def test_a_gzip_bomb_is_stopped_at_the_limit(website: httpx2.AsyncClient) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    answer = await website.post("/v1/batch", content=bomb, headers={"content-encoding": "gzip"})

    assert len(bomb) < 100_000
    assert (answer.status_code, answer.json()["code"]) == (400, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"no gzip at all", id="other bytes"),
        pytest.param(gzip.compress(b"{}")[:-9], id="cut off"),
        pytest.param(b"", id="nothing"),
        pytest.param(zlib.compress(b"{}"), id="zlib"),
    ],
)
async def test_broken_gzip_is_refused(website: httpx2.AsyncClient, body: bytes) -> None:
    answer = await website.post("/v1/batch", content=body, headers={"content-encoding": "gzip"})

    assert answer.status_code == 400


async def test_an_unknown_encoding_is_refused(website: httpx2.AsyncClient) -> None:
    answer = await website.post("/v1/batch", content=b"x", headers={"content-encoding": "br"})

    assert (answer.status_code, answer.json()["code"]) == (415, "unknown_encoding")


async def test_a_batch_over_the_limit_is_refused_whether_announced_or_not(
    website: httpx2.AsyncClient, parts: Parts
) -> None:
    most = parts.settings.web.max_batch_bytes

    async def chunks() -> Any:
        for _ in range(most // 10_000 + 2):
            yield b" " * 10_000

    announced = await website.post("/v1/batch", content=b" " * (most + 1))
    streamed = await website.post("/v1/batch", content=chunks())

    assert (announced.status_code, announced.json()["code"]) == (400, "too_large")
    assert (streamed.status_code, streamed.json()["code"]) == (400, "too_large")


async def test_too_many_items_are_refused(website: httpx2.AsyncClient) -> None:
    answer = await website.post("/v1/batch", json={"batch": [1] * 2_501})

    assert answer.status_code == 400
    assert answer.json()["problems"][0]["code"] == "too_many"


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ???", "Basic " + "A" * 9, "Bearer x", "Basic /w=="]
)
async def test_odd_credentials_are_nobody(client: httpx2.AsyncClient, header: str) -> None:
    answer = await client.post("/v1/batch", json={"batch": []}, headers={"authorization": header})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
