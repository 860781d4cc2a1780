"""Deciding through the API, and by the link in a mail."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from crm_store.session import Store
from engine.api.app import create_app
from engine.errors import Unavailable
from engine.services.tending import Answered
from engine.settings import load
from tests.api.conftest import Parts
from tests.api.furnished_approvals import CHAIN
from tests.api.people import bearer, key_for
from tests.approvals.conftest import put_in_force
from tests.approvals.test_requests import ONE, ask, opened
from tests.asked_here import AskedHere
from tests.clock import Clock
from tests.driving.house import House

EVERYTHING = ("read:*", "write:*")


@pytest.fixture
def clock(house: House) -> Clock:
    return Clock(house.world.now)


@pytest.fixture
def app(house: House, store: Store, clock: Clock) -> FastAPI:
    parts = Parts(load(), store, clock.now)
    parts.unsubscribe_links = house.world.parts.sender.links
    return create_app(parts)


@pytest.fixture
async def client(app: FastAPI) -> Any:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as client:
        yield client


async def mailed_link(house: House) -> str:
    await house.go_on()
    text = house.world.channel.delivered[-1].text
    [found] = re.findall(r"/a/[\w.\-]+", text)
    return str(found)


async def test_the_page_behind_a_mail_shows_and_changes_nothing(
    house: House, client: httpx2.AsyncClient
) -> None:
    await put_in_force(house, ONE)
    await opened(house, ask(house, "small", facts={"note": "<b>bold</b>"}))
    link = await mailed_link(house)
    for method in ("GET", "HEAD", "GET"):
        shown = await client.request(method, link)
        assert shown.status_code == 200
    assert "九折" in shown.text
    assert "&lt;b&gt;bold" in shown.text
    assert "<b>bold" not in shown.text
    assert "批准" in shown.text
    assert "eve" not in link
    assert (await house.requests())[0].status == "open"


async def test_a_link_decides_once(house: House, client: httpx2.AsyncClient) -> None:
    await put_in_force(house, ONE)
    await opened(house, ask(house, "small"))
    link = await mailed_link(house)
    done = await client.post(link, data={"verb": "approve", "comment": "fine"})
    assert (done.status_code, "谢谢" in done.text) == (200, True)
    assert (await client.post(link, data={"verb": "approve", "comment": "fine"})).status_code == 200
    late = await client.post(link, data={"verb": "reject"})
    assert (late.status_code, "已有结果" in late.text) == (409, True)
    assert (await client.get(link)).status_code == 409
    rows = await house.world.rows("SELECT verb, door, comment FROM approval_decision")
    assert rows == [("approve", "link", "fine")]


async def test_during_an_outage_the_buttons_and_the_words_stay(
    house: House, app: FastAPI, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put_in_force(house, ONE)
    await opened(house, ask(house, "small"))
    link = await mailed_link(house)
    acts = AskedHere.ask

    async def lost(self: AskedHere, *given: Any) -> Answered:
        """Acted on, but nobody hears of it."""
        await acts(self, *given)
        raise Unavailable("Temporal does not answer.")

    async def away(self: AskedHere, *given: Any) -> Answered:
        raise Unavailable("Temporal does not answer.")

    words = {"verb": "approve", "comment": "fi\0ne <3"}
    for ask_ in (away, lost):
        monkeypatch.setattr(AskedHere, "ask", ask_)
        told = await client.post(link, data=words)
        assert told.status_code == 503
        assert 'value="approve"' in told.text
        assert "\nfine &lt;3</textarea>" in told.text
    monkeypatch.setattr(AskedHere, "ask", acts)
    again = await client.post(link, data=words | {"comment": "really fine"})
    assert (again.status_code, "谢谢" in again.text) == (200, True)
    assert (await client.post(link, data=words | {"verb": "reject"})).status_code == 409
    rows = await house.world.rows("SELECT verb, comment FROM approval_decision")
    assert rows == [("approve", "fine <3")]


async def test_a_link_is_for_one_person_and_one_voice(
    house: House, client: httpx2.AsyncClient
) -> None:
    await put_in_force(house, ONE)
    [id_] = await opened(house, ask(house, "small"))
    link = await mailed_link(house)
    await house.decide("eve", id_, "delegate", to=house.ids["dora"])
    assert (await client.post(link, data={"verb": "approve"})).status_code == 409
    assert (await client.post(link[:-1] + "x", data={"verb": "approve"})).status_code == 404
    await house.world.rows(
        'UPDATE "user" SET active = false WHERE id = :eve RETURNING 1', eve=house.ids["eve"]
    )
    assert (await client.get(link)).status_code == 410
    assert (await house.requests())[0].status == "open"


async def test_a_link_ends_with_its_request(
    house: House, client: httpx2.AsyncClient, clock: Clock
) -> None:
    await put_in_force(house, ONE)
    deadline = house.world.now + timedelta(hours=3)
    await opened(house, ask(house, "small", deadline=deadline))
    link = await mailed_link(house)
    clock.advance(timedelta(hours=4))
    assert (await client.get(link)).status_code == 410


async def test_the_api_lists_reads_and_takes_answers_once(
    house: House, client: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    headers = bearer(await key_for(store, clock, "marketer", EVERYTHING))
    [one, two] = await opened(house, ask(house, CHAIN, 1), ask(house, CHAIN, 2))
    listed = (await client.get("/api/approvals?limit=1", headers=headers)).json()
    assert [item["id"] for item in listed["items"]] == [one]
    rest = await client.get(f"/api/approvals?cursor={listed['next']}", headers=headers)
    assert [item["id"] for item in rest.json()["items"]] == [two]
    twice = headers | {"Idempotency-Key": "k1"}
    body = {"verb": "approve", "comment": "fine"}
    for _ in range(2):
        taken = await client.post(f"/api/approvals/{one}/answers", json=body, headers=twice)
        assert (taken.status_code, taken.json()["status"]) == (200, "approved")
    late = await client.post(f"/api/approvals/{one}/answers", json=body, headers=headers)
    assert (late.status_code, late.json()["code"]) == (409, "closed")
    bad = {"verb": "delegate"}
    refused = await client.post(f"/api/approvals/{two}/answers", json=bad, headers=headers)
    assert refused.status_code == 422
    bulk = {"ids": [one, two, 99], "verb": "reject"}
    found = (await client.post("/api/approvals/answers", json=bulk, headers=headers)).json()
    assert [item["code"] for item in found["items"]] == ["closed", "accepted", "unknown_request"]
    shown = (await client.get(f"/api/approvals/{two}", headers=headers)).json()
    assert [entry["verb"] for entry in shown["history"]] == ["reject"]
    missing = await client.get("/api/approvals/99", headers=headers)
    assert missing.status_code == 404
