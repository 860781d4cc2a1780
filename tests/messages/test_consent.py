"""Agreeing, changing one's mind, and what is written down about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.consents import suppress, suppression_reason
from crm_store.models import Audit, Event, EventPending
from crm_store.partitions import partition_of
from crm_store.session import Store
from engine.errors import NotAllowed, NotFound, Refused
from engine.services import consent
from engine.services.actor import SYSTEM, Actor
from engine.services.consent import ConsentChange
from tests.messages.people import NOW, add_contacts

PARTITIONS = 8
LATER = NOW + timedelta(hours=1)


async def grant(session: AsyncSession, contact_id: int, actor: Actor = SYSTEM) -> ConsentChange:
    return await consent.grant(
        session, actor, contact_id, source="form", now=NOW, partitions=PARTITIONS
    )


async def withdraw(
    session: AsyncSession, contact_id: int, *, all_mail: bool = False, actor: Actor = SYSTEM
) -> ConsentChange:
    return await consent.withdraw(
        session,
        actor,
        contact_id,
        source="link",
        now=LATER,
        partitions=PARTITIONS,
        all_mail=all_mail,
    )


async def events(session: AsyncSession) -> list[tuple[str, dict[str, object]]]:
    found = await session.execute(select(Event.name, Event.properties).order_by(Event.id))
    return [(row[0], row[1]) for row in found]


async def test_a_yes_and_a_no_are_recorded_with_basis_source_and_time(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1, agree=None)
        assert await consent.state_of(session, ada) == ()
        await grant(session, ada)
        (state,) = await consent.state_of(session, ada)
        assert (state.granted, state.lawful_basis, state.source) == (True, "consent", "form")
        await withdraw(session, ada)
        (state,) = await consent.state_of(session, ada)
        assert (state.channel, state.purpose, state.granted) == ("email", "marketing", False)
        assert (state.source, state.recorded_at) == ("link", LATER)


async def test_every_change_is_an_event_for_rules_and_an_audit_row(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1, agree=None)
        await grant(session, ada)
        change = await withdraw(session, ada)
        assert change == ConsentChange(True, frozenset({partition_of(ada, PARTITIONS)}))
        properties = {"channel": "email", "purpose": "marketing"}
        assert await events(session) == [("Subscribed", properties), ("Unsubscribed", properties)]
        pending = await session.execute(select(EventPending.partition))
        assert set(pending.scalars()) == change.event_partitions
        verbs = await session.execute(select(Audit.verb).order_by(Audit.id))
        assert [*verbs.scalars()] == ["grant_consent", "withdraw_consent"]


async def test_saying_the_same_again_changes_nothing(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
        assert (await grant(session, ada)).changed is False
        assert (await withdraw(session, ada)).changed is True
        assert await withdraw(session, ada) == ConsentChange(False)
        assert len(await events(session)) == 1


async def test_a_no_before_any_yes_is_recorded(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1, agree=None)
        assert (await withdraw(session, ada)).changed is True


async def test_no_mail_at_all_suppresses_the_address(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
        await withdraw(session, ada)
        assert await suppression_reason(session, "email", "ada0@example.com") is None
        assert (await withdraw(session, ada, all_mail=True)).changed is True
        assert await suppression_reason(session, "email", "ada0@example.com") == "unsubscribed"
        assert (await withdraw(session, ada, all_mail=True)).changed is False


async def test_a_new_yes_lifts_what_the_contact_asked_for_and_nothing_else(store: Store) -> None:
    async with store.transaction() as session:
        ada, bo = await add_contacts(session, 2)
        await withdraw(session, ada, all_mail=True)
        assert (await grant(session, ada)).changed is True
        assert await suppression_reason(session, "email", "ada0@example.com") is None
        assert await suppress(session, "email", "ada1@example.com", "complaint", NOW)
        await grant(session, bo)
        assert await suppression_reason(session, "email", "ada1@example.com") == "complaint"


async def test_a_contact_without_an_address_can_say_no_to_all_mail(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
        await session.execute(text("UPDATE contact SET email = NULL, email_key = NULL"))
        assert (await withdraw(session, ada, all_mail=True)).changed is True


async def test_who_may_not_edit_contacts_may_not_change_consent(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
        for actor in (Actor("user", 3, "Cleo", "viewer"), Actor("key", 1, "shop")):
            with pytest.raises(NotAllowed):
                await withdraw(session, ada, actor=actor)
            with pytest.raises(NotAllowed):
                await grant(session, ada, actor=actor)


async def test_nobody_and_nonsense_are_refused(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
        with pytest.raises(NotFound):
            await withdraw(session, 999_999)
        with pytest.raises(Refused):
            await consent.grant(
                session, SYSTEM, ada, lawful_basis="because", source="x", now=NOW, partitions=1
            )
