"""Roles that admins make: checked, copied, never more than one has oneself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, Refused
from engine.services.actor import SHIPPED, SYSTEM, Actor, Grants, allowed, may, scope_of
from engine.services.api_keys import create_api_key
from engine.services.people import (
    NewUser,
    create_user,
    deactivate_user,
    ensure_roles,
    reset_password,
    set_role,
)
from engine.services.roles.keeping import (
    change_role,
    list_roles,
    make_role,
    remove_role,
    show_role,
)
from engine.services.roles.spelling import document_of, read_grants, stored_grants
from engine.services.sign_in import SignIns
from tests.clock import Clock

LEADS = ["read:user:all", "manage:user:all", "read:team:all", "read:contact:own"]


@pytest.fixture
async def people(store: Store) -> dict[str, NewUser]:
    """An admin, and somebody who manages users and may do little else."""
    async with store.transaction() as session:
        await ensure_roles(session)
        await make_role(session, SYSTEM, label="Desk", allow=LEADS, hidden=["contact.phone"])
        return {
            role: await create_user(
                session, SYSTEM, email=f"{role}@example.com", name=role, role=role
            )
            for role in ("admin", "desk", "viewer")
        }


@pytest.fixture
async def desk(store: Store, clock: Clock, people: dict[str, NewUser]) -> Actor:
    signs = SignIns(store, clock.now)
    one = people["desk"]
    return (await signs.sign_in(one.email, one.one_time_password, "192.0.2.1")).actor


async def test_a_role_made_here_is_what_its_people_act_with(desk: Actor) -> None:
    assert may(desk, "manage", "user")
    assert scope_of(desk, "read", "contact") == "own"
    assert not may(desk, "edit", "contact")
    with pytest.raises(NotAllowed, match="only some contacts"):
        allowed(desk, "read", "contact")


async def test_nobody_gives_takes_over_or_makes_more_than_they_have(
    store: Store, clock: Clock, people: dict[str, NewUser], desk: Actor
) -> None:
    async with store.transaction() as session:
        for deed in (
            create_user(session, desk, email="x@example.com", name="X", role="admin"),
            create_user(session, desk, email="x@example.com", name="X", role="viewer"),
            set_role(session, desk, people["viewer"].id, "admin"),
            set_role(session, desk, desk.id or 0, "admin"),
            reset_password(session, desk, people["admin"].id),
            deactivate_user(session, desk, people["admin"].id),
            make_role(session, desk, label="All", allow=["read:contact:all"], hidden=[]),
            # to see a field that one is not shown oneself
            make_role(session, desk, label="Sees", allow=["read:contact:own"], hidden=[]),
            create_api_key(
                session,
                Actor("user", desk.id, "Desk", "desk", None, _with_keys(desk)),
                name="x",
                for_user="admin@example.com",
                scopes=["read:*"],
                now=clock.now(),
                lasts=timedelta(days=1),
            ),
        ):
            with pytest.raises(Refused):
                await deed
        made = await make_role(
            session, desk, label="Less", allow=["read:contact:own"], hidden=["contact.phone"]
        )
        await create_user(session, desk, email="y@example.com", name="Y", role=made)


def _with_keys(desk: Actor) -> Grants:
    assert desk.grants is not None
    return replace(desk.grants, allow=desk.grants.allow | {("manage", "api_key")})


async def test_the_last_admin_stays_one(store: Store, people: dict[str, NewUser]) -> None:
    admin = people["admin"].id
    async with store.transaction() as session:
        with pytest.raises(Conflict, match="last admin"):
            await set_role(session, SYSTEM, admin, "viewer")
        with pytest.raises(Conflict, match="last admin"):
            await deactivate_user(session, SYSTEM, admin)
        await set_role(session, SYSTEM, people["viewer"].id, "admin")
        await set_role(session, SYSTEM, admin, "viewer")


async def test_shipped_roles_stay_and_others_change_and_go(
    store: Store, people: dict[str, NewUser]
) -> None:
    async with store.transaction() as session:
        role = await show_role(session, SYSTEM, "desk")
        said = {"label": "Desk", "allow": ["read:team:all"], "hidden": []}
        for key in SHIPPED:
            with pytest.raises(Conflict, match="comes with Cadenza"):
                await change_role(session, SYSTEM, key, revision=1, **said)  # type: ignore[arg-type]
        await change_role(session, SYSTEM, "desk", revision=role.revision, **said)  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="meanwhile"):
            await change_role(session, SYSTEM, "desk", revision=role.revision, **said)  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="Somebody has"):
            await remove_role(session, SYSTEM, "desk")
        await set_role(session, SYSTEM, people["desk"].id, "viewer")
        await remove_role(session, SYSTEM, "desk")
        assert {one.key for one in await list_roles(session, SYSTEM)} == set(SHIPPED)


def test_all_mistakes_in_a_role_come_at_once_with_their_places() -> None:
    with pytest.raises(Refused) as refusal:
        read_grants(
            ["read:contact:all", "read:contact", "fly:contact:all", "read:flow:own"],
            ["contact.phone", "contact.shoe", "user.password_hash"],
        )
    assert [(one.place, one.code) for one in refusal.value.problems] == [
        ("/allow/1", "unknown_permission"),
        ("/allow/2", "unknown_permission"),
        ("/allow/3", "no_scope"),
        ("/hidden/1", "unknown_field"),
        ("/hidden/2", "unknown_field"),
    ]


@pytest.mark.parametrize("role", SHIPPED)
def test_what_is_written_down_is_read_back(role: str) -> None:
    assert stored_grants(document_of(SHIPPED[role])) == SHIPPED[role]


def test_what_no_release_knows_allows_nothing() -> None:
    assert stored_grants({"allow": ["read:spaceship:all", 7, None]}).allow == frozenset()
