"""Deals over the API: made, listed, changed, moved, and refused with places."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from crm_store.pauses import hold_pauses
from crm_store.session import Store
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.definitions.publishing import publish
from tests.api.people import EVERYTHING, bearer, key_for
from tests.clock import Clock
from tests.deals.house import SIMPLE

NEW = {"fields": {"name": "Looms", "amount": {"minor": 125_000, "currency": "EUR"}}}


@pytest.fixture
async def client(api: httpx2.AsyncClient, store: Store, clock: Clock) -> httpx2.AsyncClient:
    async with store.transaction() as session:
        await publish(session, SYSTEM, read_definition(SIMPLE, "x.yaml"), now=clock.now())
    api.headers |= bearer(await key_for(store, clock, "admin", EVERYTHING))
    return api


async def made(client: httpx2.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/deals", json=NEW | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_deal_is_made_read_changed_and_not_over_anothers_change(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.post("/api/deals", json=NEW)
    deal = answer.json()
    assert (deal["stage"], deal["pipeline"], deal["amount"]) == (
        "talk",
        "sales",
        {"minor": 125_000, "currency": "EUR"},
    )
    assert [(one["to"], one["approval"]) for one in deal["moves"]] == [
        ("offer", None),
        ("lost", None),
    ]
    assert [one["place"] for one in deal["moves"][1]["problems"]] == ["/lost_reason"]
    path, tag = answer.headers["Location"], answer.headers["ETag"]
    change = {"fields": {"amount": None, "expected_close_on": "2026-05-01"}}
    changed = await client.patch(path, json=change, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["amount"]) == (200, None)
    late = await client.patch(path, json=change, headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert (await client.patch(path, json=change)).status_code == 428
    assert (await client.get(path)).headers["ETag"] == changed.headers["ETag"]


async def test_a_move_is_made_or_refused_with_the_places_of_what_was_sent(
    client: httpx2.AsyncClient,
) -> None:
    deal = await made(client, fields={"name": "Mills"})
    path = f"/api/deals/{deal['id']}"
    refused = await client.post(f"{path}/move", json={"to": "offer"})
    assert refused.status_code == 422
    assert [(one["pointer"], one["code"]) for one in refused.json()["problems"]] == [
        ("/fields/amount", "missing")
    ]
    fields = {"amount": {"minor": 5, "currency": "EUR"}}
    moved = await client.post(
        f"{path}/move", json={"to": "offer", "from": "talk", "fields": fields}
    )
    assert (moved.status_code, moved.json()["outcome"]) == (200, "moved")
    late = await client.post(f"{path}/move", json={"to": "lost", "from": "talk"})
    assert late.status_code == 409
    history = (await client.get(f"{path}/history")).json()["items"]
    assert [(one["stage"], one["via"], one["left_at"] is None) for one in history] == [
        ("talk", "api", False),
        ("offer", "api", True),
    ]


async def test_many_moves_have_an_answer_each(client: httpx2.AsyncClient) -> None:
    good, poor = await made(client), await made(client, fields={"name": "Mills"})
    body = {"deal_ids": [good["id"], poor["id"], 999], "to": "offer"}
    items = (await client.post("/api/deals/moves", json=body)).json()["items"]
    assert [one["outcome"] for one in items] == ["moved", "refused", "not_found"]


async def test_a_move_waits_for_whoever_is_just_pausing(
    client: httpx2.AsyncClient, store: Store
) -> None:
    deal = await made(client)
    path = f"/api/deals/{deal['id']}/move"
    async with store.transaction() as session:
        await hold_pauses(session)
        moving = asyncio.ensure_future(client.post(path, json={"to": "offer"}))
        done, _ = await asyncio.wait([moving], timeout=0.2)
        assert not done
    assert (await asyncio.wait_for(moving, 10)).json()["outcome"] == "moved"


async def test_lists_are_narrowed_and_come_in_pages(client: httpx2.AsyncClient) -> None:
    for number in range(3):
        await made(client, fields={"name": f"Deal {number}"})
    page = (await client.get("/api/deals?limit=2&kind=open&pipeline=sales")).json()
    rest = (await client.get(f"/api/deals?limit=2&cursor={page['next']}")).json()
    names = [one["name"] for one in page["items"] + rest["items"]]
    assert (names, rest["next"]) == (["Deal 2", "Deal 1", "Deal 0"], None)
    assert (await client.get("/api/deals?stage=won")).json()["items"] == []
    found = (await client.get("/api/deals?name=EAL 1")).json()["items"]
    assert [one["name"] for one in found] == ["Deal 1"]


async def test_a_deal_that_names_what_is_not_there_is_refused_whole(
    client: httpx2.AsyncClient,
) -> None:
    body = {"stage": "offer", "fields": {"owner_id": 999, "custom": {"colour": "red"}}}
    refused = await client.post("/api/deals", json=body)
    assert sorted((one["place"], one["code"]) for one in refused.json()["problems"]) == [
        ("/fields/custom/colour", "unknown_field"),
        ("/fields/name", "missing"),
        ("/fields/owner_id", "unknown_record"),
    ]
    at_the_gate = await client.post("/api/deals", json={"stage": "offer", "fields": {"name": "x"}})
    assert [one["place"] for one in at_the_gate.json()["problems"]] == ["/fields/amount"]
    assert (await client.get("/api/deals")).json()["items"] == []
