"""What was refused, at the API: looked at, mended, taken again by a job, dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2

from engine.services.dead_letters import Letter, LetterBox
from engine.services.jobs import JobMeans
from tests.api.conftest import Parts
from tests.sources_api.conftest import finished

Rows = Callable[..., Any]


async def refused(parts: Parts, *calls: dict[str, Any], code: str = "no_identity") -> None:
    from engine.errors import Problem

    letters = [
        Letter.of("website", "call", [Problem("", code, "nobody")], call, call.get("messageId"))
        for call in calls
    ]
    await LetterBox(parts.store).keep(letters, parts.now())


def track(number: int, **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Paid", "messageId": f"m{number}", **more}


async def test_one_is_mended_once(admin: httpx2.AsyncClient, parts: Parts, rows: Rows) -> None:
    await refused(parts, track(1))
    [line] = (await admin.get("/api/dead-letters")).json()["items"]
    assert ("body" in line, line["source"], line["seen"]) == (False, "website", 1)
    address = f"/api/dead-letters/{line['id']}"
    body = json.loads((await admin.get(address)).json()["body"])
    as_it_was = await admin.post(f"{address}/replay", json={})
    mended = json.dumps({**body, "userId": "ada"})
    taken = await admin.post(f"{address}/replay", json={"body": mended})
    again = await admin.post(f"{address}/replay", json={"body": mended})
    dropped = await admin.post(f"{address}/drop")

    assert (as_it_was.status_code, as_it_was.json()["problems"][0]["code"]) == (422, "no_identity")
    assert (taken.json(), again.status_code, dropped.status_code) == ({"taken": 1}, 409, 409)
    assert await rows("SELECT message_id FROM event WHERE source = 'website'") == [("m1",)]
    assert parts.pokes.dispatched


async def test_many_are_taken_by_a_job_that_may_be_done_twice(
    admin: httpx2.AsyncClient, parts: Parts, means: JobMeans, rows: Rows
) -> None:
    await refused(parts, *(track(number, userId="ada") for number in range(5)), track(9))
    await refused(parts, track(20, userId="ada"), code="too_large")
    counted = (await admin.get("/api/dead-letters/counts")).json()["items"]
    assert {(one["code"], one["count"]) for one in counted} == {
        ("no_identity", 6),
        ("too_large", 1),
    }
    narrowed = {"source": "website", "code": "no_identity"}
    jobs = [await admin.post("/api/dead-letters/replay", json=narrowed) for _ in range(2)]
    await finished(means)
    first, second = [(await admin.get(one.headers["location"])).json() for one in jobs]

    assert first["result"] == {"taken": 5, "refused": 1}
    assert (first["progress"]["done"], first["progress"]["total"]) == (6, 6)
    assert second["result"] == {"taken": 0, "refused": 1}
    assert await rows("SELECT count(*) FROM event WHERE source = 'website'") == [(5,)]
    states = "SELECT state, count(*) FROM dead_letter GROUP BY 1 ORDER BY 1"
    assert await rows(states) == [("replayed", 5), ("waiting", 2)]


async def test_dropping_is_narrowed_and_seen_in_the_list(
    admin: httpx2.AsyncClient, parts: Parts
) -> None:
    await refused(parts, track(1), track(2))
    await refused(parts, track(3), code="too_large")
    many = await admin.post("/api/dead-letters/drop", json={"code": "no_identity"})
    listed = await admin.get("/api/dead-letters", params={"state": "dropped", "limit": 1})
    rest = await admin.get(
        "/api/dead-letters", params={"state": "dropped", "cursor": listed.json()["next"]}
    )
    missing = await admin.post("/api/dead-letters/999/drop")

    assert (many.json(), missing.status_code) == ({"dropped": 2}, 404)
    assert [len(one.json()["items"]) for one in (listed, rest)] == [1, 1]
    assert (await admin.get("/api/dead-letters")).json()["items"][0]["code"] == "too_large"
