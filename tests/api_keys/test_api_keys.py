"""Keys with which programs act for a person."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import CadenzaError, Conflict, NotAllowed, NotFound, NotSignedIn, Refused
from engine.services.actor import SYSTEM, Actor, may
from engine.services.api_keys import (
    ApiKeys,
    Caller,
    KnownApiKey,
    NewApiKey,
    create_api_key,
    list_api_keys,
    revoke_api_key,
    rotate_api_key,
)
from engine.services.people import deactivate_user
from tests.clock import Clock

pytestmark = pytest.mark.usefixtures("ben")


async def make(store: Store, clock: Clock, *scopes: str, **more: Any) -> NewApiKey:
    async with store.transaction() as session:
        return await create_api_key(
            session,
            SYSTEM,
            name="reports",
            for_user="ben@example.com",
            scopes=scopes or ("read:contact",),
            now=clock.now(),
            **more,
        )


async def asked(store: Store, clock: Clock, key: str) -> Caller:
    """As a process that has not seen the key before."""
    return await ApiKeys(store, clock.now).caller(key)


async def listed(store: Store) -> KnownApiKey:
    async with store.transaction() as session:
        (known,) = await list_api_keys(session, SYSTEM)
    return known


async def test_a_key_acts_for_its_person_within_role_and_scopes(store: Store, clock: Clock) -> None:
    made = await make(store, clock, "read:contact", "write:segment")
    actor = (await asked(store, clock, made.key)).actor

    assert may(actor, "read", "contact")
    assert may(actor, "create", "segment")
    assert not may(actor, "read", "segment")
    assert not may(actor, "edit", "contact")
    assert not may(actor, "manage", "user")


async def test_a_key_loses_what_its_person_may_no_longer_do(store: Store, clock: Clock) -> None:
    made = await make(store, clock, "read:contact", "write:segment")
    async with store.connection() as connection:
        await connection.execute(text("UPDATE \"user\" SET role = 'viewer'"))
    actor = (await asked(store, clock, made.key)).actor

    assert may(actor, "read", "contact")
    assert not may(actor, "create", "segment")


async def test_even_an_admins_key_manages_nothing(store: Store, clock: Clock) -> None:
    async with store.connection() as connection:
        await connection.execute(text("UPDATE \"user\" SET role = 'admin'"))
    made = await make(store, clock, "read:*", "write:*")
    caller = await asked(store, clock, made.key)

    assert may(caller.actor, "read", "audit")
    async with store.transaction() as session:
        with pytest.raises(NotAllowed):
            await create_api_key(
                session,
                caller.actor,
                name="more",
                for_user="ben@example.com",
                scopes=["read:contact"],
                now=clock.now(),
            )


async def test_a_star_is_written_out_within_the_role(store: Store, clock: Clock) -> None:
    made = await make(store, clock, "read:*")

    assert "read:contact" in made.scopes
    assert "read:audit" not in made.scopes
    assert not any("*" in scope for scope in made.scopes)


async def test_scopes_that_give_nothing_are_refused_all_at_once(store: Store, clock: Clock) -> None:
    wrong = ("read:everything", "manage:*", "write:api_key", "", "read:audit", "manage:user")
    with pytest.raises(Refused) as refused:
        await make(store, clock, "read:contact", *wrong)

    assert [(one.place, one.code) for one in refused.value.problems] == [
        *((f"/scopes/{number}", "unknown_scope") for number in (1, 2, 3, 4)),
        *((f"/scopes/{number}", "beyond_role") for number in (5, 6)),
    ]


async def test_a_key_has_a_name_of_one_line(store: Store, clock: Clock) -> None:
    for name in ("", "  ", "a" * 101, "two\nlines"):
        async with store.transaction() as session:
            with pytest.raises(Refused):
                await create_api_key(
                    session,
                    SYSTEM,
                    name=name,
                    for_user="ben@example.com",
                    scopes=["read:contact"],
                    now=clock.now(),
                )


async def test_the_secret_is_kept_nowhere(
    store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = await make(store, clock)
    async with store.transaction() as session:
        again = await rotate_api_key(session, SYSTEM, made.prefix, clock.now())
    await asked(store, clock, again.key)
    secrets = [one.key.rpartition("_")[2] for one in (made, again)]
    async with store.connection() as connection:
        rows = await connection.execute(
            text("SELECT k::text FROM api_key k UNION ALL SELECT a::text FROM audit a")
        )
        kept = " ".join(rows.scalars())

    assert not any(secret in kept for secret in secrets)
    assert not any(secret in caplog.text for secret in secrets)
    assert not any(secret in repr((made, again)) for secret in secrets)


async def test_every_other_text_is_refused_in_the_same_words(store: Store, clock: Clock) -> None:
    key = (await make(store, clock)).key
    spoilt = (
        key[:-1] + ("0" if key[-1] != "0" else "1"),
        "cad_" + "0" * 12 + key[16:],
        key.upper(),
        key + "0",
        key[:40],
        "",
        "cad_\0",
    )
    for text_ in spoilt:
        with pytest.raises(NotSignedIn, match="unknown, expired or revoked"):
            await asked(store, clock, text_)


async def test_both_secrets_work_until_the_overlap_ends(store: Store, clock: Clock) -> None:
    made = await make(store, clock)
    async with store.transaction() as session:
        again = await rotate_api_key(
            session, SYSTEM, made.key, clock.now(), overlap=timedelta(hours=2)
        )
    before, after = await asked(store, clock, made.key), await asked(store, clock, again.key)
    known = await listed(store)

    assert before.key_id == after.key_id
    assert known.last_used_at == known.previous_used_at == clock.now()
    clock.advance(timedelta(hours=2))
    await asked(store, clock, again.key)
    with pytest.raises(NotSignedIn):
        await asked(store, clock, made.key)


async def test_a_second_rotation_ends_the_oldest_secret(store: Store, clock: Clock) -> None:
    made = await make(store, clock)
    async with store.transaction() as session:
        second = await rotate_api_key(session, SYSTEM, made.prefix, clock.now())
        third = await rotate_api_key(session, SYSTEM, made.prefix, clock.now())

    await asked(store, clock, second.key)
    await asked(store, clock, third.key)
    with pytest.raises(NotSignedIn):
        await asked(store, clock, made.key)


async def test_a_revoked_key_ends_at_once_and_elsewhere_within_seconds(
    store: Store, clock: Clock
) -> None:
    made, elsewhere = await make(store, clock), ApiKeys(store, clock.now)
    await elsewhere.caller(made.key)
    async with store.transaction() as session:
        await revoke_api_key(session, SYSTEM, made.prefix, clock.now())
        await revoke_api_key(session, SYSTEM, made.prefix, clock.now())

    with pytest.raises(NotSignedIn):
        await asked(store, clock, made.key)
    clock.advance(timedelta(seconds=2))
    with pytest.raises(NotSignedIn):
        await elsewhere.caller(made.key)
    async with store.transaction() as session:
        with pytest.raises(Conflict):
            await rotate_api_key(session, SYSTEM, made.prefix, clock.now())


async def test_a_key_ends_with_its_time_and_with_its_person(
    store: Store, clock: Clock, ben: int
) -> None:
    short = await make(store, clock, lasts=timedelta(days=1))
    endless = await make(store, clock, lasts=None)
    clock.advance(timedelta(days=1))

    with pytest.raises(NotSignedIn):
        await asked(store, clock, short.key)
    await asked(store, clock, endless.key)
    async with store.transaction() as session:
        await deactivate_user(session, SYSTEM, ben)
    with pytest.raises(NotSignedIn):
        await asked(store, clock, endless.key)


async def test_use_is_written_down_once_a_minute(store: Store, clock: Clock) -> None:
    made, first = await make(store, clock), clock.now()
    await asked(store, clock, made.key)
    clock.advance(timedelta(seconds=59))
    await asked(store, clock, made.key)
    assert (await listed(store)).last_used_at == first
    clock.advance(timedelta(seconds=2))
    await asked(store, clock, made.key)

    assert (await listed(store)).last_used_at == clock.now()


async def test_only_admins_handle_keys(store: Store, clock: Clock, ben: int) -> None:
    made, marketer = await make(store, clock), Actor("user", ben, "Ben", "marketer")
    async with store.transaction() as session:
        for refused in (
            rotate_api_key(session, marketer, made.prefix, clock.now()),
            revoke_api_key(session, marketer, made.prefix, clock.now()),
            list_api_keys(session, marketer),
        ):
            with pytest.raises(NotAllowed):
                await refused


async def test_unknown_keys_and_people_are_named_without_repeating_a_secret(
    store: Store, clock: Clock
) -> None:
    secret = "f" * 64
    async with store.transaction() as session:
        with pytest.raises(NotFound) as refused:
            await revoke_api_key(session, SYSTEM, f"cad_{'0' * 12}_{secret}", clock.now())
        with pytest.raises(CadenzaError, match="no active user"):
            await create_api_key(
                session,
                SYSTEM,
                name="x",
                for_user="cleo@example.com",
                scopes=["read:contact"],
                now=clock.now(),
            )
    assert secret not in str(refused.value)


async def test_the_audit_names_the_key_that_acted(store: Store, clock: Clock) -> None:
    made = await make(store, clock)
    caller = await asked(store, clock, made.key)

    assert caller.actor.name == f"Ben (API key reports, {made.prefix})"
