"""One's own sign-ins: seen, ended, and noticed where they were open."""

from __future__ import annotations

import pytest

from crm_store.session import Store
from engine.errors import NotFound, NotSignedIn
from engine.services.actor import SYSTEM, Actor
from engine.services.people import NewUser, create_user, set_role
from engine.services.sessions.own import end_other_sign_ins, end_sign_in, list_sign_ins
from engine.services.sign_in import SignIns
from tests.clock import Clock

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


async def test_sign_ins_are_listed_and_ended_one_by_one_or_all_others(
    store: Store, clock: Clock, sign_ins: SignIns, ben: NewUser
) -> None:
    tokens = []
    for number in range(4):
        device = f"{FIREFOX}\x00\n{number}"
        found = await sign_ins.sign_in(
            ben.email, ben.one_time_password, f"192.0.2.{number}", device
        )
        tokens.append(found.token)
    actor = found.actor
    async with store.transaction() as session:
        listed = await list_sign_ins(session, actor, tokens[0], clock.now())
        assert len(listed) == 4
        assert [one.current for one in listed].count(True) == 1
        assert {one.address for one in listed} == {f"192.0.2.{n}" for n in range(4)}
        assert all("\x00" not in (one.device or "") for one in listed)
        other = next(one for one in listed if one.address == "192.0.2.3")
        await end_sign_in(session, actor, other.id)
    assert await sign_ins.over(tokens) == {tokens[3]}

    async with store.transaction() as session:
        assert await end_other_sign_ins(session, actor, tokens[0]) == 2
    assert await sign_ins.over(tokens) == set(tokens[1:])
    assert await sign_ins.who(tokens[0]) is not None


async def test_nobody_ends_the_sign_ins_of_somebody_else(
    store: Store, clock: Clock, sign_ins: SignIns, ben: NewUser
) -> None:
    signed_in = await sign_ins.sign_in(ben.email, ben.one_time_password, "192.0.2.1")
    async with store.transaction() as session:
        own = (await list_sign_ins(session, signed_in.actor, None, clock.now()))[0]
        with pytest.raises(NotFound):
            await end_sign_in(session, Actor("user", ben.id + 1, "Mia", "admin"), own.id)
        key = Actor("user", ben.id, "Ben", "marketer", frozenset())
        for nobody in (SYSTEM, key):
            with pytest.raises(NotSignedIn):
                await list_sign_ins(session, nobody, None, clock.now())


async def test_another_role_ends_every_sign_in(
    store: Store, sign_ins: SignIns, ben: NewUser
) -> None:
    signed_in = await sign_ins.sign_in(ben.email, ben.one_time_password, "192.0.2.1")
    async with store.transaction() as session:
        await create_user(session, SYSTEM, email="a@example.com", name="A", role="admin")
        await set_role(session, SYSTEM, ben.id, "viewer")
    assert await sign_ins.over([signed_in.token]) == {signed_in.token}
    assert await sign_ins.who(signed_in.token) is None
