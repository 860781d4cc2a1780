"""Making users, and the one that is there first."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.people import (
    FIRST_ADMIN_EMAIL,
    FirstAdmin,
    NewUser,
    create_user,
    deactivate_user,
    ensure_first_admin,
    ensure_roles,
    find_user,
    list_users,
    reset_password,
    set_language,
)
from engine.services.sign_in import SignIns


async def first_admin(store: Store) -> FirstAdmin | None:
    async with store.transaction() as session:
        return await ensure_first_admin(session)


async def test_the_first_start_makes_an_admin_with_a_password_for_once(
    store: Store, sign_ins: SignIns
) -> None:
    made = await first_admin(store)

    assert made is not None
    signed_in = await sign_ins.sign_in(made.email, made.one_time_password, "192.0.2.1")
    assert (signed_in.actor.role, signed_in.must_change_password) == ("admin", True)


async def test_a_later_start_makes_nobody(store: Store) -> None:
    await first_admin(store)

    assert await first_admin(store) is None


async def test_several_processes_starting_at_once_make_one_admin(store: Store) -> None:
    made = await asyncio.gather(*(first_admin(store) for _ in range(4)))

    assert len([one for one in made if one is not None]) == 1


async def test_only_the_hash_of_a_password_is_kept(store: Store) -> None:
    made = await first_admin(store)
    assert made is not None
    async with store.connection() as connection:
        rows = (await connection.execute(text('SELECT u::text FROM "user" u'))).scalars().all()
        audit = (await connection.execute(text("SELECT a::text FROM audit a"))).scalars().all()

    assert made.one_time_password not in " ".join([*rows, *audit])
    assert "$argon2id$" in rows[0]


async def test_an_admin_who_cannot_sign_in_any_more_is_restored(store: Store) -> None:
    await first_admin(store)
    async with store.connection() as connection:
        await connection.execute(text('UPDATE "user" SET active = false'))

    again = await first_admin(store)

    assert again is not None
    assert again.email == FIRST_ADMIN_EMAIL


async def test_all_mistakes_about_a_new_user_come_at_once(store: Store) -> None:
    async with store.transaction() as session:
        with pytest.raises(Refused) as refusal:
            await create_user(session, SYSTEM, email="ben", name=" ", role="king", language="tlh")

    assert [problem.place for problem in refusal.value.problems] == [
        "/email",
        "/name",
        "/role",
        "/language",
    ]


async def test_one_address_is_one_user_however_it_is_spelled(store: Store, ben: NewUser) -> None:
    async with store.transaction() as session:
        with pytest.raises(Conflict):
            await create_user(session, SYSTEM, email="BEN@Example.com", name="Ben", role="viewer")


async def test_only_who_manages_people_may_make_them(store: Store, ben: NewUser) -> None:
    marketer = Actor("user", ben.id, "Ben", "marketer")
    async with store.transaction() as session:
        with pytest.raises(NotAllowed):
            await create_user(session, marketer, email="eve@example.com", name="Eve", role="admin")
        with pytest.raises(NotAllowed):
            await list_users(session, marketer)


async def test_the_last_admin_cannot_be_deactivated(store: Store) -> None:
    await first_admin(store)
    async with store.transaction() as session:
        admin = await find_user(session, SYSTEM, FIRST_ADMIN_EMAIL)
        with pytest.raises(Conflict):
            await deactivate_user(session, SYSTEM, admin.id)


async def test_two_admins_cannot_deactivate_each_other_at_once(store: Store) -> None:
    async with store.transaction() as session:
        await ensure_roles(session)
        admins = [
            await create_user(session, SYSTEM, email=f"{name}@example.com", name=name, role="admin")
            for name in ("ada", "cleo")
        ]

    async def deactivate(user_id: int) -> bool:
        try:
            async with store.transaction() as session:
                await deactivate_user(session, SYSTEM, user_id)
        except Conflict:
            return False
        return True

    done = await asyncio.gather(*(deactivate(admin.id) for admin in admins))

    assert sorted(done) == [False, True]


async def test_everything_about_people_is_written_down(store: Store, ben: NewUser) -> None:
    async with store.transaction() as session:
        await reset_password(session, SYSTEM, ben.id)
        await deactivate_user(session, SYSTEM, ben.id)
        await deactivate_user(session, SYSTEM, ben.id)
    async with store.connection() as connection:
        found = await connection.execute(
            text("SELECT actor_name, verb, subject_kind, subject_id FROM audit ORDER BY id")
        )
        told = [tuple(row) for row in found]

    assert told == [
        ("Cadenza", verb, "user", str(ben.id))
        for verb in ("create", "reset_password", "deactivate")
    ]


async def test_a_person_chooses_a_language(store: Store, ben: NewUser) -> None:
    async with store.transaction() as session:
        await set_language(session, Actor("user", ben.id, "Ben", "marketer"), "zh")
        person = await find_user(session, SYSTEM, "ben@example.com")

    assert person.language == "zh"
