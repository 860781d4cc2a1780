"""Keys for other systems."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, NotFound, NotSignedIn, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.write_keys import (
    WriteKeys,
    create_write_key,
    list_write_keys,
    revoke_write_key,
)
from tests.clock import Clock


async def test_a_key_stands_for_its_source(store: Store, clock: Clock) -> None:
    async with store.transaction() as session:
        made = await create_write_key(session, SYSTEM, "website")

    assert await WriteKeys(store, clock.now).source_of(made.key) == "website"


async def test_the_key_itself_is_not_kept(store: Store, clock: Clock) -> None:
    async with store.transaction() as session:
        made = await create_write_key(session, SYSTEM, "website")
        (known,) = await list_write_keys(session, SYSTEM)
    async with store.connection() as connection:
        rows = (await connection.execute(text("SELECT w::text FROM write_key w"))).scalars().all()

    assert made.key not in " ".join(rows)
    assert made.key.startswith(known.prefix)


async def test_a_revoked_key_stands_for_nobody_within_seconds(store: Store, clock: Clock) -> None:
    keys = WriteKeys(store, clock.now)
    async with store.transaction() as session:
        made = await create_write_key(session, SYSTEM, "website")
    await keys.source_of(made.key)
    async with store.transaction() as session:
        await revoke_write_key(session, SYSTEM, "website", clock.now())
        await revoke_write_key(session, SYSTEM, "website", clock.now())
    clock.advance(timedelta(seconds=6))

    with pytest.raises(NotSignedIn):
        await keys.source_of(made.key)


async def test_a_source_gets_a_new_key_after_the_old_one_was_revoked(
    store: Store, clock: Clock
) -> None:
    async with store.transaction() as session:
        old = await create_write_key(session, SYSTEM, "website")
        with pytest.raises(Conflict):
            await create_write_key(session, SYSTEM, "website")
        await revoke_write_key(session, SYSTEM, "website", clock.now())
        new = await create_write_key(session, SYSTEM, "website")
    keys = WriteKeys(store, clock.now)

    assert await keys.source_of(new.key) == "website"
    with pytest.raises(NotSignedIn):
        await keys.source_of(old.key)


@pytest.mark.parametrize("source", ["", "Web Site", "a" * 65, "-x", "ü", "a\0"])
async def test_a_source_has_a_plain_name(store: Store, source: str) -> None:
    async with store.transaction() as session:
        with pytest.raises(Refused):
            await create_write_key(session, SYSTEM, source)


async def test_revoking_what_is_not_there_says_so(store: Store, clock: Clock) -> None:
    async with store.transaction() as session:
        with pytest.raises(NotFound):
            await revoke_write_key(session, SYSTEM, "website", clock.now())


async def test_only_admins_make_keys(store: Store) -> None:
    async with store.transaction() as session:
        with pytest.raises(NotAllowed):
            await create_write_key(session, Actor("user", 1, "Ben", "marketer"), "website")


async def test_using_a_key_is_noted(store: Store, clock: Clock) -> None:
    async with store.transaction() as session:
        made = await create_write_key(session, SYSTEM, "website")
    await WriteKeys(store, clock.now).source_of(made.key)
    async with store.transaction() as session:
        (known,) = await list_write_keys(session, SYSTEM)

    assert known.last_used_at is not None
