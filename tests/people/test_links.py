"""Invitations and new passwords by a link that works once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.channels.base import OutgoingMessage, Sender
from engine.channels.null import NullChannel
from engine.errors import Conflict, NotFound, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.invitations.asking import ResetAsks
from engine.services.invitations.letters import mail_link
from engine.services.invitations.links import (
    Link,
    ask_for_reset,
    invite,
    invite_again,
    make_service_account,
    open_invitations,
    set_password,
    welcomed,
)
from engine.services.people import NewUser, deactivate_user, reset_password
from engine.services.sign_in import SignIns
from tests.clock import Clock

GOOD = "correct horse battery"


async def invited(store: Store, clock: Clock) -> Link:
    async with store.transaction() as session:
        return await invite(
            session,
            SYSTEM,
            email="mia@example.com",
            name="Mia",
            role="rep",
            language="zh",
            now=clock.now(),
        )


async def use(store: Store, clock: Clock, token: str, password: str = GOOD) -> int:
    async with store.transaction() as session:
        return await set_password(session, token, password, clock.now())


async def test_an_invitation_lets_its_person_choose_a_password_once(
    store: Store, clock: Clock, sign_ins: SignIns, ben: NewUser
) -> None:
    link = await invited(store, clock)
    async with store.transaction() as session:
        found = await welcomed(session, link.token, clock.now())
        waiting = await open_invitations(session, SYSTEM, clock.now())
    assert found is not None
    assert (found.name, found.purpose) == ("Mia", "invitation")
    assert waiting == {link.user_id: clock.now() + timedelta(days=7)}

    with pytest.raises(Refused):
        await use(store, clock, link.token, "short")
    await use(store, clock, link.token)
    signed_in = await sign_ins.sign_in("mia@example.com", GOOD, "192.0.2.1")
    assert signed_in.actor.role == "rep"
    assert not signed_in.must_change_password
    with pytest.raises(NotFound):
        await use(store, clock, link.token, "another long password")


async def test_of_two_who_use_it_at_the_same_moment_one_is_let_in(
    store: Store, clock: Clock, ben: NewUser
) -> None:
    link = await invited(store, clock)
    done = await asyncio.gather(
        *(use(store, clock, link.token, f"{GOOD} {n}") for n in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, int) for one in done) == 1
    assert sum(isinstance(one, NotFound) for one in done) == 3


async def test_a_link_is_over_with_time_a_newer_one_a_new_password_and_leaving(
    store: Store, clock: Clock, ben: NewUser
) -> None:
    now = clock.now()
    async with store.transaction() as session:
        first = await invite_again(session, SYSTEM, ben.id, now)
        second = await invite_again(session, SYSTEM, ben.id, now)
        assert await welcomed(session, first.token, now) is None
        assert await welcomed(session, second.token, now) is not None
        assert await welcomed(session, second.token, now + timedelta(days=1)) is None
        await reset_password(session, SYSTEM, ben.id)
        assert await welcomed(session, second.token, now) is None
        third = await invite_again(session, SYSTEM, ben.id, now)
        await deactivate_user(session, SYSTEM, ben.id)
        assert await welcomed(session, third.token, now) is None
        with pytest.raises(Conflict, match="deactivated"):
            await invite_again(session, SYSTEM, ben.id, now)
        assert await welcomed(session, "\ud800 no token", now) is None


async def test_the_token_is_in_no_table_and_no_print(
    store: Store, clock: Clock, ben: NewUser
) -> None:
    link = await invited(store, clock)
    async with store.transaction() as session:
        rows = await session.execute(
            text("SELECT l::text FROM one_time_link l UNION ALL SELECT a::text FROM audit a")
        )
        assert link.token not in " ".join(rows.scalars())
    assert link.token not in repr(link)


async def test_whoever_asks_for_a_reset_gets_a_link_only_where_there_is_somebody(
    store: Store, clock: Clock, ben: NewUser
) -> None:
    link = await invited(store, clock)
    async with store.transaction() as session:
        assert await ask_for_reset(session, "nobody@example.com", clock.now()) is None
        assert await ask_for_reset(session, "\0", clock.now()) is None
        asked = await ask_for_reset(session, " BEN@example.com", clock.now())
        again = await ask_for_reset(session, "mia@example.com", clock.now())
        assert asked is not None
        assert again is not None
        assert asked.expires_at == clock.now() + timedelta(hours=1)
        assert await welcomed(session, link.token, clock.now()), "a stranger ends no invitation"


def test_a_stranger_fills_nobodys_mailbox() -> None:
    asks = ResetAsks()
    assert [asks.one_more("ben@example.com", f"192.0.2.{n}") for n in range(5)] == [
        *(True, True, True),
        *(False, False),
    ]
    assert sum(asks.one_more(f"{n}@example.com", "198.51.100.1") for n in range(30)) == 20


async def test_the_letter_goes_to_its_person_in_their_language(
    store: Store, clock: Clock, ben: NewUser
) -> None:
    sent: list[OutgoingMessage] = []

    class Heard(NullChannel):
        name = "heard"

        async def send(self, message: OutgoingMessage) -> None:
            sent.append(message)

    link = await invited(store, clock)
    sender = Sender("hello@example.com")
    assert await mail_link(Heard(), sender, "https://crm.example.com", link)
    assert sent[0].to == "mia@example.com"
    assert f"https://crm.example.com/set-password/{link.token}" in sent[0].text
    assert "邀请" in sent[0].subject
    assert not await mail_link(NullChannel(), sender, "https://crm.example.com", link)


async def test_nobody_signs_in_as_an_account_for_programs(
    store: Store, clock: Clock, ben: NewUser
) -> None:
    manager = Actor("user", ben.id, "Ben", "admin")
    async with store.transaction() as session:
        made = await make_service_account(
            session, manager, name="Warehouse", address="warehouse@example.com", role="rep"
        )
        assert await ask_for_reset(session, "warehouse@example.com", clock.now()) is None
        with pytest.raises(Conflict):
            await invite_again(session, manager, made, clock.now())
        with pytest.raises(Conflict):
            await reset_password(session, manager, made)
        with pytest.raises(Refused):
            await make_service_account(
                session, manager, name="Root", address="root@example.com", role="admin"
            )
