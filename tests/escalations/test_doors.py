"""Cases through the doors: the link in the mail, and the API."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from crm_store.session import Store
from engine.api.app import create_app
from engine.errors import Unavailable
from engine.services.tending import Answered
from engine.settings import load
from tests.api.conftest import Parts
from tests.api.people import bearer, key_for
from tests.asked_here import AskedHere
from tests.clock import Clock
from tests.escalations.office import Office

POLICY = """
escalation_policy: promise
time: clock
levels: [{to: gil@example.com}, {to: manager, after: 1h}]
"""


@pytest.fixture
async def office(store: Store) -> Office:
    office = await Office.furnished(store)
    await office.publish(POLICY)
    return office


@pytest.fixture
async def client(office: Office, store: Store) -> AsyncIterator[httpx2.AsyncClient]:
    parts = Parts(load(), store, lambda: office.world.now)
    parts.unsubscribe_links = office.world.parts.sender.links
    transport = httpx2.ASGITransport(create_app(parts), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as client:
        yield client


async def mailed_link(office: Office) -> str:
    while await office.world.mail_notices():
        pass
    [found] = re.findall(r"/a/[\w.\-]+", office.world.channel.delivered[-1].text)
    return str(found)


async def test_the_link_of_a_mail_shows_first_and_takes_it_up_once(
    office: Office, client: httpx2.AsyncClient
) -> None:
    case = await office.open("promise")
    link = await mailed_link(office)
    assert "gil" not in link
    for method in ("GET", "HEAD", "GET"):
        shown = await client.request(method, link)
        assert shown.status_code == 200
    # Gil reads Chinese
    assert "已逾期" in shown.text
    assert await office.status(case) == "open"
    for _ in range(2):
        assert (await client.post(link)).status_code == 200
    assert "已由您接手" in (await client.get(link)).text
    assert await office.log(case) == [
        ("03-02 09:00", "told", "gil"),
        ("03-02 09:00", "taken", "gil"),
    ]
    await office.answer("eve", case, "reassign", to=office.ids["ben"])
    late = await client.get(link)
    assert (late.status_code, "已经晚了" in late.text) == (409, True)


async def test_the_link_takes_up_again_what_somebody_let_go_of(
    office: Office, client: httpx2.AsyncClient
) -> None:
    await office.publish(POLICY + "acknowledged_for: 1h\n")
    case = await office.open("promise")
    link = await mailed_link(office)
    assert (await client.post(link)).status_code == 200
    await office.until("2026-03-02T10:00")
    assert await office.status(case) == "open"
    assert (await client.post(link)).status_code == 200
    assert await office.status(case) == "acknowledged"
    await office.answer("eve", case, "reassign", to=office.ids["ben"])
    assert (await client.post(link)).status_code == 409
    await office.until("2026-03-02T11:00")
    assert (await client.post(link)).status_code == 200
    assert await office.status(case) == "acknowledged"


async def test_during_an_outage_the_button_stays(
    office: Office, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.open("promise")
    link = await mailed_link(office)

    async def away(self: AskedHere, *given: object) -> Answered:
        raise Unavailable("Temporal does not answer.")

    with monkeypatch.context() as outage:
        outage.setattr(AskedHere, "ask", away)
        told = await client.post(link)
    assert (told.status_code, "<button>" in told.text) == (503, True)
    assert (await client.post(link)).status_code == 200


async def test_a_link_ends_with_its_case_and_is_nothing_when_changed(
    office: Office, client: httpx2.AsyncClient
) -> None:
    case = await office.open("promise")
    link = await mailed_link(office)
    assert (await client.get(link[:-1] + ("A" if link[-1] != "A" else "B"))).status_code >= 400
    await office.answer("eve", case, "resolve")
    assert (await client.post(link)).status_code == 409
    assert [kind for _, kind, _ in await office.log(case)] == ["told", "ended"]


async def test_other_systems_open_and_answer_cases(
    office: Office, client: httpx2.AsyncClient, store: Store
) -> None:
    key = await key_for(store, Clock(office.world.now), "admin", ["read:*", "write:*"])
    headers = bearer(key) | {"Idempotency-Key": "order-7"}
    given = {
        "policy": "promise",
        "subject_kind": "ticket",
        "subject_id": 7,
        "title": "Late <b>again</b>",
        "urgency": "high",
    }
    for _ in range(2):
        opened = await client.post("/api/escalations", json=given, headers=headers)
        assert (opened.status_code, opened.json()) == (201, {"id": 1})
    shown = (await client.get("/api/escalations/1", headers=headers)).json()
    assert (shown["asked"], shown["told"], shown["urgency"]) == (1, ["Gil"], "high")
    assert [one["kind"] for one in shown["steps"]] == ["told"]
    answers = "/api/escalations/1/answers"
    give = {"verb": "reassign", "to": 999}
    refused = await client.post(answers, json=give, headers=bearer(key))
    assert refused.status_code == 422
    for code in ("accepted", "accepted"):
        done = await client.post(answers, json={"verb": "resolve"}, headers=headers)
        assert done.json() == {"code": code}
    late = await client.post(answers, json={"verb": "acknowledge"}, headers=bearer(key))
    assert late.status_code == 409
    over = (await client.get("/api/escalations?over=true", headers=headers)).json()
    assert [one["id"] for one in over["items"]] == [1]
    unknown = await client.post(
        "/api/escalations", json=given | {"policy": "nobodys"}, headers=bearer(key)
    )
    assert unknown.status_code == 422
