"""Retention, erasures and their certificates at the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from engine.services.jobs import JobMeans
from tests.api.people import ADA, BEN
from tests.clock import Clock
from tests.sources_api.conftest import finished

Rows = Callable[..., Any]


async def test_a_rule_is_counted_set_and_forgotten(admin: httpx2.AsyncClient, clock: Clock) -> None:
    looked = await admin.post("/api/retention/events/preview", json={"keep_days": 90})
    short = await admin.put("/api/retention/events", json={"keep_days": 7})
    unknown = await admin.put("/api/retention/audit", json={"keep_days": 90})
    kept = await admin.put("/api/retention/events", json={"keep_days": 400})
    before = (await admin.get("/api/retention")).json()["items"]
    for _ in range(2):
        assert (await admin.delete("/api/retention/events")).status_code == 204
    after = (await admin.get("/api/retention")).json()["items"]

    assert looked.json() == {"kind": "events", "keep_days": 90, "rows": 0}
    assert (short.status_code, unknown.status_code) == (422, 404)
    assert kept.json()["keep_days"] == 400
    days = [{one["kind"]: one["keep_days"] for one in rules} for rules in (before, after)]
    assert (days[0]["events"], days[1]["events"]) == (400, None)


async def test_an_erasure_takes_the_right_number_and_ends_with_a_certificate(
    admin: httpx2.AsyncClient, means: JobMeans, rows: Rows
) -> None:
    asked = await admin.post("/api/privacy-requests", json={"kind": "erase", "contact": ADA})
    address = f"/api/privacy-requests/{asked.json()['id']}"
    wrong = await admin.post(f"{address}/erasure", json={"contact": BEN})
    jobs = [await admin.post(f"{address}/erasure", json={"contact": ADA}) for _ in range(2)]
    await finished(means)
    done = [(await admin.get(one.headers["location"])).json() for one in jobs]
    late = await admin.post(f"{address}/erasure", json={"contact": ADA})
    request = (await admin.get(address)).json()

    assert (wrong.status_code, wrong.json()["problems"][0]["pointer"]) == (422, "/contact")
    assert [one["state"] for one in done] == ["done", "done"]
    assert done[0]["result"] == done[1]["result"]
    assert done[0]["result"]["certificate"] == request["certificate"]
    assert (request["state"], request["certificate"]["found"]) == ("done", {})
    assert late.status_code == 409
    assert await rows("SELECT count(*) FROM contact WHERE id = :ada", ada=ADA) == [(0,)]
    assert await rows("SELECT count(*) FROM audit WHERE verb = 'erase'") == [(1,)]


async def test_an_erased_address_is_let_in_again_once(
    admin: httpx2.AsyncClient, rows: Rows
) -> None:
    await admin.post(f"/api/contacts/{BEN}/erase", json={})
    address = {"address": "BEN@example.com"}
    answers = [await admin.post("/api/suppressions/readmit", json=address) for _ in range(2)]

    assert [one.status_code for one in answers] == [204, 404]
    assert await rows("SELECT count(*) FROM suppression") == [(0,)]


async def test_an_export_is_closed_and_an_erasure_is_not_closed_like_it(
    admin: httpx2.AsyncClient,
) -> None:
    wanted = [
        (await admin.post("/api/privacy-requests", json={"kind": kind, "contact": ADA})).json()
        for kind in ("export", "erase")
    ]
    answers = [await admin.post(f"/api/privacy-requests/{one['id']}/completion") for one in wanted]
    assert [one.status_code for one in answers] == [200, 409]
    assert answers[0].json()["state"] == "done"
