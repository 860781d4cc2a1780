"""The page behind the link, as a person and as a mail program use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text

from crm_store.consents import suppression_reason
from crm_store.models import Audit, Consent, Event
from crm_store.session import Store
from engine.api.routes import unsubscribe
from engine.api.routes.unsubscribe import unsubscribe_router
from engine.services import consent
from engine.services.actor import SYSTEM
from engine.services.messages import SendAsk, prepare
from tests.messages.people import LINKS, NOW, SETTINGS, add_asks, add_contacts, library

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@dataclass
class Door:
    """The two routes of an app with nothing else, one contact, and what was poked."""

    store: Store
    client: httpx2.AsyncClient
    contact_id: int
    poked: list[Collection[int]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/u/{LINKS.token(self.contact_id, 'email', 'marketing')}"

    async def granted(self) -> bool | None:
        async with self.store.transaction() as session:
            found = await session.execute(select(Consent.granted))
            return found.scalar_one_or_none()

    async def count(self, model: type[Event] | type[Audit]) -> int:
        async with self.store.transaction() as session:
            return int((await session.execute(select(func.count(model.id)))).scalar_one())


@pytest.fixture
async def door(store: Store) -> AsyncIterator[Door]:
    poked: list[Collection[int]] = []
    app = FastAPI()
    app.include_router(
        unsubscribe_router(store, LINKS, now=lambda: NOW, partitions=4, poke=poked.append)
    )
    async with store.transaction() as session:
        (contact_id,) = await add_contacts(session, 1)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://crm.test") as client:
        yield Door(store, client, contact_id, poked)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing(door: Door, method: str) -> None:
    for _ in range(3):
        answer = await door.client.request(method, door.path)
        assert answer.status_code == 200
    assert await door.granted() is True
    assert (await door.count(Event), await door.count(Audit), door.poked) == (0, 0, [])


async def test_one_click_of_a_mail_program_is_enough(door: Door) -> None:
    answer = await door.client.post(door.path, data=ONE_CLICK)
    assert answer.status_code == 200
    assert await door.granted() is False
    assert (await door.count(Event), await door.count(Audit)) == (1, 1)
    assert len(door.poked) == 1


async def test_one_click_as_multipart_is_enough(door: Door) -> None:
    answer = await door.client.post(door.path, files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert await door.granted() is False


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"x" * 100_000, b"&" * 4_000, b"scope=everything"]
)
async def test_whatever_the_body_it_means_unsubscribe(door: Door, body: bytes) -> None:
    assert (await door.client.post(door.path, content=body)).status_code == 200
    assert await door.granted() is False
    async with door.store.transaction() as session:
        assert await suppression_reason(session, "email", "ada0@example.com") is None


async def test_clicking_twice_is_clicking_once(door: Door) -> None:
    for _ in range(2):
        assert (await door.client.post(door.path, data=ONE_CLICK)).status_code == 200
    assert (await door.count(Event), await door.count(Audit)) == (1, 1)


async def test_the_second_button_stops_all_mail(door: Door) -> None:
    page = await door.client.get(door.path)
    assert 'name="scope" value="all"' in page.text
    answer = await door.client.post(door.path, data={"scope": "all"})
    assert "nothing at all" in answer.text
    async with door.store.transaction() as session:
        assert await suppression_reason(session, "email", "ada0@example.com") == "unsubscribed"


async def test_the_page_says_when_a_message_is_just_leaving(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = [True, False]

    async def ended(store: Store, contact_id: int) -> bool:
        del store, contact_id
        return not under_way.pop(0)

    monkeypatch.setattr(unsubscribe, "until_nothing_is_under_way", ended)
    said = [(await door.client.post(door.path, data=ONE_CLICK)).text for _ in range(2)]
    assert ["may still reach you" in one for one in said] == [True, False]


async def test_it_is_effective_at_once(door: Door) -> None:
    asks: list[SendAsk] = []
    async with door.store.transaction() as session:
        asks = await add_asks(session, [door.contact_id])
    await door.client.post(door.path, data=ONE_CLICK)
    async with door.store.transaction() as session:
        (outcome,) = await prepare(
            session,
            asks,
            library=library(),
            sender_settings=SETTINGS,
            channel_name="smtp",
            now=NOW,
        )
    assert getattr(outcome, "code", None) == "consent_withdrawn"


@pytest.mark.parametrize(
    ("language", "browser", "words"),
    [
        ("en", "zh-CN", "Do you want to stop"),
        ("zh-CN", "en", "您要停止接收"),
        (None, "zh-CN,zh;q=0.9", "您要停止接收"),
        (None, "de", "Do you want to stop"),
    ],
)
async def test_the_page_speaks_the_contacts_language(
    door: Door, language: str | None, browser: str, words: str
) -> None:
    async with door.store.transaction() as session:
        await session.execute(text("UPDATE contact SET language = :one"), {"one": language})
    page = await door.client.get(door.path, headers={"Accept-Language": browser})
    assert words in page.text
    assert f'lang="{"zh-CN" if "您" in words else "en"}"' in page.text


async def test_the_page_runs_nothing_and_tells_nobody(door: Door) -> None:
    page = await door.client.get(door.path)
    assert "<script" not in page.text
    assert "ada" not in page.text.lower().replace("cadenza", "")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers


async def test_a_link_that_is_not_ours_says_so_and_is_held_back_in_the_end(door: Door) -> None:
    answers = [await door.client.post(f"{door.path}x", data=ONE_CLICK) for _ in range(31)]
    assert answers[0].status_code == 404
    assert "does not work" in answers[0].text
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == "60"
    assert await door.granted() is True
    # whoever has a good link is not held back by it
    assert (await door.client.post(door.path, data=ONE_CLICK)).status_code == 200


async def test_one_link_used_without_end_is_held_back(door: Door) -> None:
    answers = [await door.client.get(door.path) for _ in range(31)]
    assert [answers[29].status_code, answers[30].status_code] == [200, 429]


async def test_the_link_of_a_deleted_contact_is_answered_kindly(door: Door) -> None:
    async with door.store.transaction() as session:
        await session.execute(text("DELETE FROM contact"))
    assert (await door.client.get(door.path)).status_code == 200
    answer = await door.client.post(door.path, data=ONE_CLICK)
    assert (answer.status_code, "unsubscribed" in answer.text) == (200, True)


async def test_somebody_elses_consent_is_untouched(door: Door) -> None:
    async with door.store.transaction() as session:
        await session.execute(
            text("INSERT INTO contact (email, email_key) VALUES ('cleo@x.test', 'cleo@x.test')")
        )
        cleo = (await session.execute(text("SELECT max(id) FROM contact"))).scalar_one()
        await consent.grant(
            session,
            SYSTEM,
            cleo,
            source="form",
            now=NOW,
            partitions=4,
        )
    await door.client.post(door.path, data=ONE_CLICK)
    async with door.store.transaction() as session:
        assert (await consent.state_of(session, cleo))[0].granted is True
