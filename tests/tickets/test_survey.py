"""What the customer thought of it: the page behind the link, and what follows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from crm_store.recipients import recipients
from engine.api.public.door import Door
from engine.api.public.survey import survey_router
from engine.services.actor import SYSTEM
from engine.services.links.tokens import Kind, SignedLinks
from engine.services.pokes import NoPokes, Pokes
from engine.services.tickets import answer, merge, set_status
from engine.services.work import Shared
from tests.tickets.service_desk import ADA, POLICY, Desk

LINKS = SignedLinks("http://cadenza.test", ["s" * 32])


@dataclass
class Given:
    """What the page is given of its process."""

    shared: Shared
    pokes: Pokes = field(default_factory=NoPokes)


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    door = Door(desk.store, LINKS, desk.clock.now, 2, lambda _: None)
    app.include_router(survey_router(door, Given(desk.shared)))  # type: ignore[arg-type]
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as made:
        yield made


async def closed(desk: Desk, subject: str = "A <b>bad</b> day") -> int:
    ticket: int = (await desk.asks(subject)).ticket_id
    await desk.does(answer, ticket, "Mended", then="closed")
    return ticket


def path(ticket: int) -> str:
    return f"/s/{LINKS.token(Kind.SURVEY, ticket)}"


async def kept(desk: Desk, ticket: int) -> tuple[Any, ...]:
    return await desk.row(ticket, "satisfaction_score", "satisfaction_comment")


async def test_looking_changes_nothing_and_the_first_answer_counts(
    desk: Desk, client: httpx2.AsyncClient
) -> None:
    ticket = await closed(desk)
    seen = await client.get(path(ticket))
    assert seen.status_code == 200
    assert "A &lt;b&gt;bad&lt;/b&gt; day" in seen.text
    assert "<script" not in seen.text
    assert await kept(desk, ticket) == (None, None)
    said = await client.post(path(ticket), data={"score": "4", "comment": "很好。" * 500})
    assert "Thank you" in said.text
    assert await kept(desk, ticket) == (4, "很好。" * 500)
    again = await client.post(path(ticket), data={"score": "1"})
    assert "first answer counts" in again.text
    assert (await kept(desk, ticket))[0] == 4
    assert (await desk.events())[-1] == "Satisfaction Given"
    assert await desk.told() == []


async def test_a_low_score_reaches_the_owner_once(desk: Desk, client: httpx2.AsyncClient) -> None:
    ticket = await closed(desk)
    for _ in range(2):
        await client.post(path(ticket), data={"score": "2"})
    assert await desk.told() == [(1, f"Ticket {ticket}: the customer gave 2 of 5")]


async def test_nobody_is_asked_twice_within_the_time(desk: Desk) -> None:
    first, second = await closed(desk, "A"), await closed(desk, "B")
    asked = [(await desk.row(one, "satisfaction_asked_at"))[0] for one in (first, second)]
    assert asked == [desk.clock.now(), None]
    said = await desk.rows(
        "SELECT properties->>'survey' FROM event WHERE name = 'Ticket Closed' ORDER BY id"
    )
    assert said == [("true",), ("false",)]
    await desk.later(days=8)
    third = await closed(desk, "C")
    assert (await desk.row(third, "satisfaction_asked_at"))[0] is not None


async def test_the_letter_leads_to_the_last_ticket_that_waits_for_an_answer(
    desk: Desk, client: httpx2.AsyncClient
) -> None:
    async def link() -> int | None:
        async with desk.store.transaction() as session:
            found = await recipients(
                session, [ADA], "email", "service", frozenset({"survey_url", "contact.email"})
            )
        return found[ADA].survey

    assert await link() is None
    ticket = await closed(desk)
    assert await link() == ticket
    await client.post(path(ticket), data={"score": "5"})
    assert await link() is None


@pytest.mark.parametrize("sent", [{}, {"score": "6"}, {"score": "x"}, {"score": "0"}])
async def test_without_a_score_the_page_asks_again(
    desk: Desk, client: httpx2.AsyncClient, sent: dict[str, str]
) -> None:
    ticket = await closed(desk)
    answer_ = await client.post(path(ticket), data={**sent, "comment": "<i>hm</i>"})
    assert answer_.status_code == 422
    assert "choose one of the five" in answer_.text
    assert "&lt;i&gt;hm&lt;/i&gt;" in answer_.text
    assert await kept(desk, ticket) == (None, None)


async def test_too_late_and_never_asked_have_pages_of_their_own(
    desk: Desk, client: httpx2.AsyncClient
) -> None:
    ticket = await closed(desk)
    await desk.later(days=31)
    assert (await client.get(path(ticket))).status_code == 410
    late = await client.post(path(ticket), data={"score": "5"})
    assert late.status_code == 410
    assert await kept(desk, ticket) == (None, None)
    open_one = (await desk.asks("Another")).ticket_id
    assert (await client.get(path(open_one))).status_code == 410
    assert (await client.get("/s/0a0a0a0a.NzE.aaaaaaaaaaaaaaaaaaaaaa")).status_code == 404
    wrong_door = f"/s/{LINKS.token(Kind.PREFERENCES, ticket)}"
    assert (await client.get(wrong_door)).status_code == 404


async def test_the_page_speaks_the_contact_s_language(
    desk: Desk, client: httpx2.AsyncClient
) -> None:
    ticket = await closed(desk)
    await desk.rows("UPDATE contact SET language = 'zh' RETURNING 1")
    seen = await client.get(path(ticket), headers={"Accept-Language": "en"})
    assert re.search("您对我们的帮助满意吗", seen.text)


async def test_a_merged_ticket_asks_nobody(desk: Desk) -> None:
    first, second = (await desk.asks("A")).ticket_id, (await desk.asks("B")).ticket_id
    await desk.does(merge, second, first)
    assert (await desk.row(second, "satisfaction_asked_at"))[0] is None


async def test_without_a_survey_in_the_policy_nobody_is_asked(desk: Desk) -> None:
    await desk.policy(POLICY.replace("survey: {low: 2}\n", ""))
    ticket = (await desk.asks()).ticket_id
    await desk.does(set_status, ticket, "closed", by=SYSTEM)
    asked: datetime | None = (await desk.row(ticket, "satisfaction_asked_at"))[0]
    assert asked is None
