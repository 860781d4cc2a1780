"""Who wants nothing at all gets nothing, whatever way it would come by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.services import consent
from engine.services.actor import SYSTEM
from engine.services.channels.ways import Way
from engine.services.consent import ConsentChange
from engine.services.erasing import erase_contact, readmit_address
from engine.services.preferences.page import what_to_show
from engine.services.sending.suppressions import suppress, suppressions
from tests.messages.people import NOW, add_contacts
from tests.sending.asking import asked, prepared, said

WAYS = {
    "sms": Way("texts", "texts", medium="sms"),
    "chat": Way("chat", "chat", medium="chat", address_field="chat_id"),
    "webhook": Way("push", "push", medium="webhook"),
    "email": Way("other", "other"),
}
PHONE = "+6580000001"


async def grant(session: AsyncSession, contact_id: int, channel: str) -> ConsentChange:
    return await consent.grant(
        session, SYSTEM, contact_id, channel=channel, source="form", now=NOW, partitions=4
    )


async def nothing(session: AsyncSession, contact_id: int, channel: str = "email") -> ConsentChange:
    return await consent.withdraw(
        session,
        SYSTEM,
        contact_id,
        channel=channel,
        source="link",
        now=NOW,
        partitions=4,
        all_mail=True,
    )


async def comes_by(session: AsyncSession, contact_id: int, purpose: str) -> dict[str, str]:
    """What is decided about a message by each way."""
    found = {}
    for medium, way in WAYS.items():
        [ask] = await asked(session, f"{purpose}-{medium}", [contact_id], purpose=purpose)
        by = replace(ask, channel=way.name, medium=medium, way=way)
        found[medium] = said(*await prepared(session, [by]))[0]
    return found


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("purpose", ["marketing", "service"])
async def test_nothing_comes_by_any_way(store: Store, channel: str, purpose: str) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1, phone=PHONE, custom={"chat_id": "7"})
        for medium in WAYS:
            await grant(session, ada, medium)
        assert (await nothing(session, ada, channel)).changed is True
        found = await comes_by(session, ada, purpose)
        assert set(found.values()) == {"suppressed"}, found
        assert not any(one.granted for one in await consent.state_of(session, ada))
        assert (await nothing(session, ada, channel)).changed is False


async def test_who_has_only_a_telephone_is_left_alone_too(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1, email=None, email_key=None, phone=PHONE)
        await nothing(session, ada, "sms")
        assert (await comes_by(session, ada, "service"))["sms"] == "suppressed"


async def test_a_yes_brings_back_its_own_way_alone(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1, phone=PHONE, custom={"chat_id": "7"})
        await nothing(session, ada)
        shown = await what_to_show(session, ada)
        # what was stopped here can be taken back here, although it was never asked for
        assert shown is not None
        assert dict(shown.media) == {"email": False, "sms": False}
        for back in ("sms", "chat"):
            await grant(session, ada, back)
        assert await comes_by(session, ada, "marketing") == {
            "sms": "goes",
            "chat": "goes",
            "webhook": "suppressed",
            "email": "suppressed",
        }


async def test_the_number_of_an_erased_contact_is_known_again_and_shown_to_nobody(
    store: Store,
) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1, phone=PHONE)
        await suppress(session, SYSTEM, [PHONE], medium="sms", now=NOW)
    async with store.transaction() as session:
        await erase_contact(session, SYSTEM, ada, now=NOW, zone="UTC")
    async with store.transaction() as session:
        listed = await suppressions(session, SYSTEM)
        assert {one.address_key[:7] for one in listed} == {"erased:"}
        (again,) = await add_contacts(session, 1, email=None, email_key=None, phone=PHONE)
        assert (await comes_by(session, again, "service"))["sms"] == "suppressed"
        await readmit_address(session, SYSTEM, "+65 8000 0001")
        [ask] = await asked(session, "back", [again], purpose="service")
        by = replace(ask, channel="texts", medium="sms", way=WAYS["sms"])
        assert said(*await prepared(session, [by]))[0] == "goes"
