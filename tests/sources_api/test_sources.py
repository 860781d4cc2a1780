"""Sources at the API: a mapping tried before it counts, secrets that are shown once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2

from engine.api.shapes.sources import MAPPING, SAMPLE
from tests.api.people import codes

Rows = Callable[..., Any]
TOKEN = {"signature": "token", "signature_header": "X-Token"}


async def test_a_source_is_tried_made_and_reports(admin: httpx2.AsyncClient, rows: Rows) -> None:
    tried = (
        await admin.post("/api/sources/try", json={"mapping": MAPPING, "sample": SAMPLE})
    ).json()
    assert tried["count"] == 1
    assert tried["documents"][0]["event"] == "Invoice Paid"
    assert tried["documents"][0]["contact"] == {"email": "ada@example.com"}
    assert tried["documents"][0]["contact_id"] == 1
    assert tried["documents"][0]["fields"] == {"country": "SG"}
    assert await rows("SELECT count(*) FROM hook_source") == [(0,)]

    made = (
        await admin.post("/api/sources", json={"name": "till", "mapping": MAPPING, **TOKEN})
    ).json()
    assert made["address"] == "http://cadenza.test/hooks/in/till"
    sent = await admin.post(
        "/hooks/in/till",
        content=json.dumps(SAMPLE),
        headers={
            "X-Token": made["secret"],
            "content-type": "application/json",
        },
    )
    assert sent.status_code == 200, sent.text
    stored = "SELECT name, properties->'total' FROM event WHERE source = 'hook:till'"
    assert await rows(stored) == [("Invoice Paid", {"amount": 2990, "currency": "EUR"})]
    shown = await admin.get("/api/sources/till")
    assert made["secret"] not in shown.text
    assert shown.json()["mapping"]["event"] == {"path": "type"}
    told = json.dumps(await rows("SELECT before, after FROM audit"), default=str)
    assert made["secret"] not in told


async def test_a_sample_that_would_be_refused_says_why(admin: httpx2.AsyncClient) -> None:
    empty = await admin.post("/api/sources/try", json={"mapping": MAPPING, "sample": {"type": "A"}})
    document = empty.json()["documents"][0]
    listed = {**MAPPING, "each": "data"}
    no_list = await admin.post("/api/sources/try", json={"mapping": listed, "sample": SAMPLE})
    odd = await admin.post(
        "/api/sources/try",
        json={"mapping": {"contact": {"name": {"path": "a..b"}}, "event": 7}, "sample": 1},
    )

    assert document["event"] is None
    assert document["problems"][0]["code"] == "no_identity"
    assert no_list.status_code == 422
    assert {place for place, _ in codes(odd)} == {"/mapping/contact/name", "/mapping/event"}


async def test_a_mapping_is_not_changed_over_anothers(admin: httpx2.AsyncClient) -> None:
    await admin.post("/api/sources", json={"name": "till", "mapping": MAPPING})
    tag = {"If-Match": (await admin.get("/api/sources/till")).headers["etag"]}
    mine = {"mapping": {**MAPPING, "event": {"constant": "Paid"}}}
    blind = await admin.put("/api/sources/till/mapping", json=mine)
    done = await admin.put("/api/sources/till/mapping", json=mine, headers=tag)
    late = await admin.put("/api/sources/till/mapping", json={"mapping": MAPPING}, headers=tag)
    paused = await admin.post("/api/sources/till/pause")

    assert [one.status_code for one in (blind, done, late)] == [428, 200, 412]
    assert paused.json()["mapping"]["event"] == {"constant": "Paid"}
    assert (paused.json()["active"], paused.headers["etag"]) == (False, done.headers["etag"])


async def test_secrets_are_theirs_or_ours_and_both_count_for_a_while(
    admin: httpx2.AsyncClient,
) -> None:
    short = await admin.post(
        "/api/sources", json={"name": "till", "mapping": MAPPING, "secret": "short", **TOKEN}
    )
    made = await admin.post(
        "/api/sources", json={"name": "till", "mapping": MAPPING, "secret": "q" * 20, **TOKEN}
    )
    rotated = await admin.post("/api/sources/till/rotate", json={"secret": "r" * 20})
    for secret, status in (("q" * 20, 200), ("r" * 20, 200), ("s" * 20, 401)):
        headers = {"X-Token": secret, "content-type": "application/json"}
        sent = await admin.post("/hooks/in/till", content=json.dumps(SAMPLE), headers=headers)
        assert sent.status_code == status
    at_once = await admin.post("/api/sources/till/rotate", json={"overlap_hours": 0})

    assert codes(short) == [("/secret", "bad_secret")]
    assert (made.json()["secret"], rotated.json()["secret"]) == ("q" * 20, "r" * 20)
    assert at_once.json()["secret"] not in ("q" * 20, "r" * 20)
