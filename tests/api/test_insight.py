"""Figures of sales work and targets over the API."""

from __future__ import annotations

import httpx2
import pytest

from crm_store.session import Store
from engine.services.insight import TABLES
from tests.api.people import EVERYTHING, bearer, key_for
from tests.clock import Clock
from tests.insight.worlds import random_world


@pytest.fixture
async def sold(api: httpx2.AsyncClient, store: Store) -> httpx2.AsyncClient:
    async with store.transaction() as session:
        await random_world(session, 3, deals=60)
    return api


async def test_every_figure_is_answered_as_json_and_as_csv(sold: httpx2.AsyncClient) -> None:
    for name in TABLES:
        if name != "chances":
            answer = await sold.get(f"/api/insight/{name}?period=2026")
            assert answer.status_code == 200, (name, answer.text)
        got = await sold.get(f"/api/insight/{name}/csv")
        assert got.status_code == 200, (name, got.text)
        assert got.headers["content-type"] == "text/csv; charset=utf-8"
        assert got.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    conversion = (await sold.get("/api/insight/conversion?pipeline=direct")).json()
    assert [one["stage"] for one in conversion["stages"]] == ["lead", "offer", "signing"]
    assert conversion["stages"][0]["entered"] > 10
    aging = (await sold.get("/api/insight/aging?limit=3")).json()
    assert len(aging["deals"]) == 3
    ages = [one["in_stage_seconds"] for one in aging["deals"]]
    assert ages == sorted(ages, reverse=True)
    forecast = (await sold.get("/api/insight/forecast?by=owner&months=2")).json()
    assert len(forecast["months"]) == 2
    assert {one["period"] for one in forecast["groups"]} <= {
        *forecast["months"],
        *("overdue", "later", "undated"),
    }
    assert forecast["chances"][0]["interval"]["high"] > 0
    by_team = (await sold.get("/api/insight/performance?by=team&team=East")).json()
    assert [one["key"] for one in by_team["items"]] == ["East"]


async def test_what_cannot_be_answered_says_why(sold: httpx2.AsyncClient) -> None:
    assert (await sold.get("/api/insight/forecast?by=weather")).status_code == 422
    assert (await sold.get("/api/insight/weather/csv")).status_code == 422
    assert (await sold.get("/api/insight/conversion?pipeline=nowhere")).status_code == 404
    assert (await sold.get("/api/insight/aging?owner=999")).status_code == 404
    assert (await sold.get("/api/insight/conversion?period=2026-Q9")).status_code == 422
    turned = "/api/insight/conversion?since=2026-03-01&until=2026-02-01"
    assert (await sold.get(turned)).status_code == 422
    far = "/api/insight/conversion?since=0001-01-01&until=9999-12-31"
    assert (await sold.get(far)).status_code == 200


async def test_targets_are_written_listed_and_removed(
    sold: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    sold.headers.update(bearer(await key_for(store, clock, "sales_manager", EVERYTHING)))
    one = {"period": "2026-Q2", "currency": "USD", "amount_minor": 500_000, "team": "East"}
    put = await sold.put("/api/targets", json={"targets": [one]})
    assert (put.status_code, put.json()) == (200, {"changed": 1})
    assert (await sold.put("/api/targets", json={"targets": [one]})).json() == {"changed": 0}
    wrong = [one | {"team": "North"}, one | {"owner": 2}]
    refused = await sold.put("/api/targets", json={"targets": wrong})
    assert refused.status_code == 422
    pointers = [problem["pointer"] for problem in refused.json()["problems"]]
    assert pointers == ["/targets/0/team", "/targets/1/team"]
    (shown,) = (await sold.get("/api/targets?period=2026&team=East")).json()["items"]
    assert (shown["period"], shown["amount_minor"]) == ("2026-Q2", 500_000)
    lines = (await sold.get("/api/targets/csv")).text.splitlines()
    assert lines[1].startswith(f"{shown['id']},2026-Q2,,East,USD,500000,")
    assert (await sold.delete(f"/api/targets/{shown['id']}")).status_code == 204
    assert (await sold.delete(f"/api/targets/{shown['id']}")).status_code == 404
    assert (await sold.get("/api/targets")).json() == {"items": []}
