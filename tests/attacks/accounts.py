"""Accounts and what guards them, as somebody inside or with half a key meets them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from psycopg import sql
from sqlalchemy import text

from crm_store.people import user_by_id
from crm_store.restore_hold import AT_RESTORE
from crm_store.session import Store
from engine.errors import LimitReached, NotSignedIn, Refused
from engine.services import passwords, sign_in
from engine.services.actor import SYSTEM, Actor
from engine.services.invitations.links import ask_for_reset, welcomed
from engine.services.organisation.profiles import set_manager
from engine.services.organisation.teams import TeamGiven, add_team, put_members
from engine.services.people import NewUser, create_user, reset_password, set_role
from engine.services.roles.acting import actor_numbered
from engine.services.roles.keeping import make_role
from engine.services.second_factor.codes import code_at
from engine.services.second_factor.keeping import (
    begin_second_factor,
    confirm_second_factor,
    new_recovery_codes,
    remove_second_factor,
)
from engine.services.secrets import SecretBox
from engine.services.sign_in import SignIns
from engine.services.single_sign_on.leavings import PER_NETWORK, Leavings
from tests.attacks.case import LiveCase
from tests.clock import Clock

HOME = "192.0.2.1"
NEW = "another long password"


@dataclass
class House:
    """`ben` is a marketer with a one-time password."""

    store: Store
    clock: Clock
    sign_ins: SignIns
    box: SecretBox
    ben: NewUser
    patch: pytest.MonkeyPatch


async def _password_given_meanwhile(house: House) -> None:
    ben = house.ben
    thief = await house.sign_ins.sign_in(ben.email, ben.one_time_password, HOME)
    given: list[str] = []
    as_usual = passwords.hashed

    async def meanwhile(password: str) -> str:
        async with house.store.transaction() as session:
            given.append(await reset_password(session, SYSTEM, ben.id))
        return await as_usual(password)

    house.patch.setattr(sign_in, "hashed", meanwhile)
    with pytest.raises(NotSignedIn):
        await house.sign_ins.change_password(thief.token, ben.one_time_password, NEW, HOME)
    with pytest.raises(NotSignedIn):
        await house.sign_ins.sign_in(ben.email, NEW, HOME)
    await house.sign_ins.sign_in(ben.email, given[0], HOME)


async def _epoch(house: House) -> int:
    async with house.store.transaction() as session:
        statement = text('SELECT credential_epoch FROM "user" WHERE id = :id')
        return int((await session.execute(statement, {"id": house.ben.id})).scalar_one())


async def _two_changes_of_one_epoch(house: House) -> None:
    before = await _epoch(house)
    async with house.store.transaction() as slow:
        await user_by_id(slow, house.ben.id)
        async with house.store.transaction() as quick:
            await set_role(quick, SYSTEM, house.ben.id, "rep")
        # what it has read is not what is there
        await reset_password(slow, SYSTEM, house.ben.id)
    assert await _epoch(house) == before + 2


async def _with_factor(house: House) -> tuple[Actor, str]:
    actor = Actor("user", house.ben.id, "Ben", "marketer")
    async with house.store.transaction() as session:
        begun = await begin_second_factor(session, actor)
        code = code_at(begun.secret, house.clock.now())
        await confirm_second_factor(
            session, actor, house.box, begun.secret, code, house.clock.now()
        )
    return actor, begun.secret


async def _codes_tried_on_an_open_page(house: House) -> None:
    actor, _ = await _with_factor(house)
    guesses, now = house.sign_ins.guesses, house.clock.now()
    for number in range(8):
        deed = remove_second_factor if number % 2 else new_recovery_codes
        wanted = Refused if number < 5 else LimitReached
        with pytest.raises(wanted):
            async with house.store.transaction() as session:
                await deed(session, actor, house.box, f"00000{number}", now, guesses=guesses)


async def _lead(house: House) -> tuple[Actor, int, int]:
    """One who fills teams and sees a team's contacts alone; a stranger; the stranger's team."""
    allow = ["read:team:all", "edit:team:all", "manage:user:all", "read:contact:team"]
    async with house.store.transaction() as session:
        role = await make_role(session, SYSTEM, label="Lead", allow=allow, hidden=[])
        lead = await create_user(session, SYSTEM, email="lead@example.com", name="Lea", role=role)
        team = await add_team(session, SYSTEM, TeamGiven("Others"))
        await put_members(session, SYSTEM, team, [house.ben.id])
        actor = await actor_numbered(session, lead.id)
    assert actor is not None
    return actor, house.ben.id, team


async def _joins_another_team(house: House) -> None:
    lead, _, team = await _lead(house)
    with pytest.raises(Refused):
        async with house.store.transaction() as session:
            await put_members(session, lead, team, [lead.id or 0])


async def _heads_another_team(house: House) -> None:
    lead, ben, _ = await _lead(house)
    with pytest.raises(Refused):
        async with house.store.transaction() as session:
            made = await add_team(session, lead, TeamGiven("Mine", head_id=lead.id))
            await put_members(session, lead, made, [ben])


async def _becomes_the_manager(house: House) -> None:
    lead, ben, _ = await _lead(house)
    with pytest.raises(Refused):
        async with house.store.transaction() as session:
            await set_manager(session, lead, ben, lead.id)


async def _may_fill_other_teams(house: House) -> None:
    """What shows them nothing new is theirs to do."""
    lead, ben, _ = await _lead(house)
    async with house.store.transaction() as session:
        other = await add_team(session, lead, TeamGiven("Elsewhere"))
        await put_members(session, lead, other, [ben])


async def _leaves_without_end(house: House) -> None:
    leavings = Leavings()
    gone = [leavings.one_more("2001:db8::1") for _ in range(PER_NETWORK.amount)]
    assert all(gone)
    # the neighbourhood is one customer's
    assert not leavings.one_more("2001:db8::2")
    assert leavings.one_more("203.0.113.7")


async def _link_of_before_a_restore(house: House) -> None:
    """It was used after the backup was taken, and in the backup it was not."""
    async with house.store.transaction() as session:
        link = await ask_for_reset(session, house.ben.email, house.clock.now())
        assert link is not None
        assert await welcomed(session, link.token, house.clock.now()) is not None
        restored = sql.SQL(AT_RESTORE).format(
            taken_at=sql.Literal("2026-01-01T00:00:00+00:00"), file_name=sql.Literal("b.zip")
        )
        connection = await session.connection()
        await connection.exec_driver_sql(restored.as_string(None))
        assert await welcomed(session, link.token, house.clock.now()) is None


async def _token_of_another_purpose(house: House) -> None:
    """Half a sign-in is no way to a new password, and a link for one finishes no sign-in."""
    await _with_factor(house)
    with pytest.raises(sign_in.SecondFactorNeeded) as needed:
        await house.sign_ins.sign_in(house.ben.email, house.ben.one_time_password, HOME)
    async with house.store.transaction() as session:
        assert await welcomed(session, needed.value.half, house.clock.now()) is None
        link = await ask_for_reset(session, house.ben.email, house.clock.now())
    assert link is not None
    with pytest.raises(NotSignedIn):
        await house.sign_ins.finish(link.token, "000000", HOME)


CASES = [
    LiveCase(
        "a password changed while an admin gives another",
        "CWE-362",
        "the one that was given counts",
        _password_given_meanwhile,
    ),
    LiveCase(
        "two changes of credentials at once",
        "CWE-362",
        "each ends the sign-ins that the other left",
        _two_changes_of_one_epoch,
    ),
    LiveCase(
        "codes tried out on a page that was left open",
        "CWE-307",
        "five tries in five minutes",
        _codes_tried_on_an_open_page,
    ),
    LiveCase("joining the team to be seen", "CWE-269", "refused", _joins_another_team),
    LiveCase("heading a team to see it", "CWE-269", "refused", _heads_another_team),
    LiveCase("becoming somebody's manager", "CWE-269", "refused", _becomes_the_manager),
    LiveCase("filling a team of others", "CWE-269", "allowed", _may_fill_other_teams),
    LiveCase(
        "setting out for the company's sign-in without end",
        "CWE-770",
        "sixty a minute of one network",
        _leaves_without_end,
    ),
    LiveCase(
        "a link that was used, after the database of before came back",
        "CWE-613",
        "it opens nothing",
        _link_of_before_a_restore,
    ),
    LiveCase(
        "a token used for what another one is for",
        "CWE-843",
        "it opens nothing",
        _token_of_another_purpose,
    ),
]
