"""Which messages go, which do not, and what is written down before they do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Account, Consent, Contact, ContactTag, Message, Suppression, Tag
from crm_store.session import Store
from engine.services.messages import NotSent, Prepared, SendAsk, Verdict, prepare, provider_key
from engine.services.templates import RenderedMessage, TemplateLibrary
from tests.messages.people import (
    LINKS,
    NOW,
    SETTINGS,
    TEMPLATES,
    add_asks,
    add_contacts,
    library,
    states,
)

LIBRARY = library()


async def prepared(session: AsyncSession, asks: list[SendAsk]) -> list[Prepared | NotSent]:
    return await prepare(
        session, asks, library=LIBRARY, sender_settings=SETTINGS, channel_name="smtp", now=NOW
    )


async def verdict_on(session: AsyncSession, asks: list[SendAsk]) -> tuple[Verdict, str]:
    (outcome,) = await prepared(session, asks)
    assert isinstance(outcome, NotSent), outcome
    return outcome.verdict, outcome.code


async def test_a_message_to_somebody_who_agreed_is_ready_to_go(store: Store) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 1, language="zh-CN")
        asks = await add_asks(session, ids)
        (one,) = await prepared(session, asks)
        assert isinstance(one, Prepared)
        row = (await session.execute(select(Message))).scalar_one()
    message = one.outgoing
    assert (message.to, message.sender.name) == ("ada0@example.com", "Cadenza")
    assert message.subject == "Ada，好久不见"
    assert message.html is not None
    assert LINKS.url(ids[0], "email", "marketing") in message.text
    assert message.headers["List-Unsubscribe"] == f"<{LINKS.url(ids[0], 'email', 'marketing')}>"
    assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.headers["Auto-Submitted"] == "auto-generated"
    assert (row.id, row.state, row.provider_key) == (
        one.message_id,
        "handing_over",
        message.provider_key,
    )
    assert (row.effect_id, row.contact_id, row.language) == (asks[0].effect_id, ids[0], "zh")
    assert (row.subject, row.address, row.template) == (message.subject, message.to, "win_back")
    assert (row.handed_over_at, row.answered_at, row.channel) == (NOW, None, "smtp")


@pytest.mark.parametrize(
    ("agree", "purpose", "code"),
    [
        (None, "marketing", "no_consent"),
        (False, "marketing", "consent_withdrawn"),
        (None, "anything new", "no_consent"),
    ],
)
async def test_without_a_yes_nothing_but_service_goes(
    store: Store, agree: bool | None, purpose: str, code: str
) -> None:
    async with store.transaction() as session:
        asks = await add_asks(session, await add_contacts(session, 1, agree=agree), purpose=purpose)
        assert await verdict_on(session, asks) == (Verdict.WITHHELD, code)
        assert await states(session) == [("withheld", code)]


async def test_a_yes_to_something_else_is_no_yes(store: Store) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 1, agree=None)
        for channel, purpose in (("sms", "marketing"), ("email", "research")):
            await session.execute(
                insert(Consent).values(
                    contact_id=ids[0], channel=channel, purpose=purpose, granted=True,
                    lawful_basis="consent", source="test",
                )
            )  # fmt: skip
        assert await verdict_on(session, await add_asks(session, ids)) == (
            Verdict.WITHHELD,
            "no_consent",
        )


@pytest.mark.parametrize("agree", [None, False, True])
async def test_service_mail_needs_no_yes(store: Store, agree: bool | None) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 1, agree=agree)
        (one,) = await prepared(session, await add_asks(session, ids, purpose="service"))
        assert isinstance(one, Prepared)
        assert "List-Unsubscribe" not in one.outgoing.headers


@pytest.mark.parametrize("purpose", ["marketing", "service"])
async def test_a_suppressed_address_gets_nothing(store: Store, purpose: str) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 1)
        await session.execute(
            insert(Suppression).values(
                channel="email", address_key="ada0@example.com", reason="complaint"
            )
        )
        asks = await add_asks(session, ids, purpose=purpose)
        assert await verdict_on(session, asks) == (Verdict.WITHHELD, "suppressed")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (None, "no_address"),
        ("", "no_address"),
        ("not an address", "bad_address"),
        ("ada@example.com\r\nBcc: eve@example.com", "bad_address"),
    ],
)
async def test_an_address_that_cannot_be_written_to_is_refused(
    store: Store, address: str | None, code: str
) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 1)
        await session.execute(update(Contact).values(email=address))
        assert await verdict_on(session, await add_asks(session, ids)) == (Verdict.REFUSED, code)
        assert await states(session) == [("refused", code)]


async def test_a_contact_that_is_gone_is_refused_without_a_row(store: Store) -> None:
    async with store.transaction() as session:
        asks = await add_asks(session, await add_contacts(session, 1))
        await session.execute(text("DELETE FROM contact"))
        assert await verdict_on(session, asks) == (Verdict.REFUSED, "unknown_contact")


async def test_an_unknown_template_holds_the_run(store: Store) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 1)
        asks = await add_asks(session, ids, template="win_bak")
        (outcome,) = await prepared(session, asks)
        assert isinstance(outcome, NotSent)
        assert (outcome.verdict, outcome.code) == (Verdict.HOLD, "unknown_template")
        assert 'did you mean "win_back"' in outcome.message
        assert await states(session) == []


async def test_one_bad_message_does_not_stop_the_others(store: Store) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 4)
        asks = await add_asks(session, ids)
        asks[1] = replace(asks[1], template="nothing")
        await session.execute(update(Contact).where(Contact.id == ids[2]).values(email=None))
        outcomes = await prepared(session, asks)
        assert [type(one) for one in outcomes] == [Prepared, NotSent, NotSent, Prepared]
        assert [one.ask for one in outcomes] == asks


async def test_account_tags_and_custom_fields_reach_the_letter(store: Store) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 1, custom={"plan": "pro"})
        account = Account(name="Kaya & Sons", name_key="kaya & sons")
        session.add(account)
        await session.flush()
        await session.execute(update(Contact).values(account_id=account.id))
        await session.execute(insert(Tag).values(name="vip"))
        await session.execute(insert(ContactTag).values(contact_id=ids[0], tag="vip"))
        (one,) = await prepared(session, await add_asks(session, ids, template="offer"))
        assert isinstance(one, Prepared)
        assert one.outgoing.subject == "Something for you and Kaya & Sons"
        assert one.outgoing.html is not None
        assert "Kaya &amp; Sons" in one.outgoing.html


async def test_a_zone_or_language_nobody_knows_is_replaced(store: Store) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 1, time_zone="Mars/Olympus", language="tlh")
        (one,) = await prepared(session, await add_asks(session, ids))
        assert isinstance(one, Prepared)


def test_the_key_of_a_message_is_the_same_at_every_try() -> None:
    ask = SendAsk(7, 3, 1, "f", "hello", 2, 5, "welcome", "marketing")
    assert provider_key(ask, b"secret") == provider_key(replace(ask, template="x"), b"secret")
    others = [replace(ask, visit=3), replace(ask, node="bye"), replace(ask, run_id=4)]
    keys = {provider_key(other, b"secret") for other in (ask, *others)}
    assert len(keys | {provider_key(ask, b"another")}) == 5


async def test_a_group_costs_the_same_number_of_statements_as_one(store: Store) -> None:
    seen: list[str] = []
    event.listen(
        store.engine.sync_engine,
        "before_cursor_execute",
        lambda *arguments: seen.append(arguments[2]),
    )
    counts = []
    for size in (1, 200):
        async with store.transaction() as session:
            await session.execute(text("TRUNCATE contact CASCADE"))
            asks = await add_asks(session, await add_contacts(session, size))
            seen.clear()
            await prepared(session, asks)
            counts.append(len(seen))
    # taking turns is a statement after holding contacts still: it must see what was waited for
    assert counts[0] == counts[1] <= 8


async def test_nothing_asked_asks_nothing(store: Store) -> None:
    async with store.transaction() as session:
        assert await prepared(session, []) == []


async def test_two_workers_with_one_ask_send_it_once(store: Store) -> None:
    async with store.transaction() as session:
        asks = await add_asks(session, await add_contacts(session, 5))

    async def work() -> list[Prepared | NotSent]:
        async with store.transaction() as session:
            return await prepared(session, asks)

    outcomes = [one for group in await asyncio.gather(work(), work(), work()) for one in group]
    ready = [one.ask for one in outcomes if isinstance(one, Prepared)]
    assert sorted(ready, key=asks.index) == asks
    rest = [one for one in outcomes if isinstance(one, NotSent)]
    assert {one.verdict for one in rest} == {Verdict.UNSETTLED}


class Poisoned(TemplateLibrary):
    """Fails for one contact in a way nobody thought of."""

    def render(self, name: str, facts: Mapping[str, Any], **more: Any) -> RenderedMessage:
        if facts["contact"]["email"] == "ada1@example.com":
            raise ZeroDivisionError
        return super().render(name, facts, **more)


async def test_a_fault_of_ours_holds_one_message_and_no_other(store: Store) -> None:
    async with store.transaction() as session:
        asks = await add_asks(session, await add_contacts(session, 3))
        outcomes = await prepare(
            session,
            asks,
            library=Poisoned(TEMPLATES),
            sender_settings=SETTINGS,
            channel_name="smtp",
            now=NOW,
        )
    assert [type(one) for one in outcomes] == [Prepared, NotSent, Prepared]
    assert isinstance(outcomes[1], NotSent)
    assert (outcomes[1].verdict, outcomes[1].code) == (Verdict.HOLD, "internal_fault")
