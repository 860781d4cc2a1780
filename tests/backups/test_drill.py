"""A backup under load, a restore at another place, and nothing goes out a second time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from crm_store.migrate import upgrade
from crm_store.session import Store
from engine.embedded import archive
from engine.embedded.restoring import back_up, restore
from engine.errors import CadenzaError, Conflict, NotAllowed, NotFound, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.backups import (
    BackupRow,
    Overdue,
    held_back,
    is_held,
    latest_backups,
    note_backup,
    release_hold,
    until_released,
)
from engine.services.secrets import SecretBox, box_of, opened_secrets, set_secret
from tests.driving.test_driving import WELCOME
from tests.driving.world import CrashingStore, RememberingChannel, World
from tests.servers import Databases

VIEWER = Actor("user", 1, "Vera", "viewer")
FLOW = "welcome_test"


@pytest.fixture
def empty(databases: Databases) -> Iterator[str]:
    """An own database without any table."""
    name = f"{databases.template}_restored"
    databases.create(name)
    yield databases.url(name)
    databases.drop(name)


async def busy(world: World, people: list[int], stop: asyncio.Event) -> None:
    """Events keep coming and drivers keep working until told to stop."""
    for number, person in enumerate(people):
        await world.event(person, "Signed Up")
        await world.dispatch_all()
        await world.advance_all(FLOW)
        await world.perform_all()
        if number % 3 == 0:
            await world.event(person, "Visited Pricing")
        if number > len(people) // 2 and stop.is_set():
            return


async def backed_up(url: str, path: Path) -> archive.Written:
    return await asyncio.to_thread(back_up, url, path, keys=("k1",), secret_key=None)


async def test_what_went_out_before_does_not_go_out_again(
    store: Store, database_url: str, empty: str, tmp_path: Path
) -> None:
    world = World(CrashingStore(store), RememberingChannel())
    await world.publish(WELCOME)
    people = await world.people(24)
    for person in people[:6]:
        await world.event(person, "Signed Up")
    while await world.dispatch_all() or await world.advance_all(FLOW):
        continue
    stop, path = asyncio.Event(), tmp_path / "cadenza.backup"
    working = asyncio.create_task(busy(world, people, stop))
    await asyncio.sleep(0.2)
    written = await backed_up(database_url, path)
    stop.set()
    await working
    for person in people:
        await world.event(person, "Visited Pricing")
    await world.until_quiet(FLOW)
    went_out = world.channel.counts()
    assert len(went_out) > len(people)
    assert max(went_out.values()) == 1

    manifest = archive.read_manifest(path)
    assert manifest == written.manifest
    await asyncio.to_thread(restore, empty, path, manifest, tmp_path)
    upgrade(empty)
    later = Store(empty)
    again = World(CrashingStore(later), world.channel, now=world.now + timedelta(days=5))
    try:
        async with later.transaction() as session:
            assert await is_held(session)
            held = await held_back(session, SYSTEM, again.now)
        assert held is not None
        assert held.file_name == path.name
        assert sum(one.waiting for one in held.waiting) > 0
        waiting = asyncio.create_task(until_released(later, asyncio.Event()))
        async with later.transaction() as session:
            released = await release_hold(session, SYSTEM, Overdue("drop"), again.now)
        assert sum(released.dropped.values()) > 0
        assert await asyncio.wait_for(waiting, 10)
        await again.until_quiet(FLOW)
        assert world.channel.counts() == went_out
        # who stood still can be let go on, and those who come now are served
        assert {row[2] for row in await again.outcomes() if row[0] == "held"} == {"restored"}
        [newcomer] = await again.rows(
            "INSERT INTO contact (email, email_key, first_name) VALUES"
            " ('new@example.com', 'new@example.com', 'New') RETURNING id"
        )
        await again.rows(
            "INSERT INTO consent (contact_id, channel, purpose, granted, lawful_basis, source)"
            " VALUES (:id, 'email', 'marketing', true, 'consent', 'test') RETURNING 1",
            id=newcomer[0],
        )
        again.events = 10_000
        await again.event(newcomer[0], "Signed Up")
        await again.until_quiet(FLOW)
        assert sum(world.channel.counts().values()) == sum(went_out.values()) + 1
    finally:
        await later.close()


async def test_a_restored_database_sends_all_it_missed_when_told_to_keep_it(
    store: Store, database_url: str, empty: str, tmp_path: Path
) -> None:
    world = World(CrashingStore(store), RememberingChannel())
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    path = tmp_path / "cadenza.backup"
    await backed_up(database_url, path)
    await asyncio.to_thread(restore, empty, path, archive.read_manifest(path), tmp_path)
    later = Store(empty)
    again = World(CrashingStore(later), RememberingChannel(), now=world.now)
    try:
        async with later.transaction() as session:
            with pytest.raises(NotAllowed):
                await release_hold(session, VIEWER, Overdue("keep"), again.now)
            with pytest.raises(Refused):
                await release_hold(session, SYSTEM, Overdue("drop", timedelta(days=-1)), again.now)
            assert (await release_hold(session, SYSTEM, Overdue("keep"), again.now)).dropped == {}
            with pytest.raises(Conflict):
                await release_hold(session, SYSTEM, Overdue("keep"), again.now)
            assert await held_back(session, SYSTEM, again.now) is None
        await again.until_quiet(FLOW)
        assert len(again.channel.delivered) == 1
    finally:
        await later.close()


async def test_a_damaged_or_foreign_file_changes_nothing(
    database_url: str, empty: str, tmp_path: Path
) -> None:
    path = tmp_path / "cadenza.backup"
    written = await backed_up(database_url, path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict, match="is there already"):
        await backed_up(database_url, path)
    with pytest.raises(Conflict, match="not empty"):
        restore(database_url, path, written.manifest, tmp_path)
    whole = path.read_bytes()
    for name, content in (
        ("cut", whole[: len(whole) // 2]),
        ("text", b"not a zip at all"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Refused):
            archive.read_manifest(tmp_path / name)
    with pytest.raises(NotFound):
        archive.read_manifest(tmp_path / "nowhere")
    spoilt = bytearray(whole)
    spoilt[2_000] ^= 0xFF
    (tmp_path / "spoilt").write_bytes(spoilt)
    with pytest.raises(Refused, match="damaged"):
        restore(empty, tmp_path / "spoilt", written.manifest, tmp_path)
    with closing(psycopg.connect(empty.replace("+psycopg", ""))) as connection:
        row = connection.execute("SELECT count(*) FROM pg_class WHERE relname = 'contact'")
        assert row.fetchone() == (0,)


async def test_a_restore_that_fails_in_the_middle_leaves_nothing(
    database_url: str, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cadenza.backup"
    written = await backed_up(database_url, path)
    broken = "INSERT INTO restore_hold (nothing) VALUES ({taken_at}, {file_name});"
    monkeypatch.setattr("engine.embedded.restoring.AT_RESTORE", broken)
    with pytest.raises(CadenzaError, match="nothing was changed"):
        restore(empty, path, written.manifest, tmp_path)
    monkeypatch.undo()
    restore(empty, path, written.manifest, tmp_path)


async def test_backups_are_written_down_and_listed(store: Store) -> None:
    from tests.driving.world import START

    made = BackupRow(START, START, "a.backup", 5, "00", "2026", False, "Cadenza")
    async with store.transaction() as session:
        await note_backup(session, SYSTEM, made)
        assert list(await latest_backups(session, SYSTEM)) == [made]
        with pytest.raises(NotAllowed):
            await latest_backups(session, VIEWER)


async def test_keys_rotate_and_what_was_sealed_before_opens(store: Store) -> None:
    from tests.driving.world import START

    old, both = box_of({"2025": b"a" * 32}), box_of({"2026": b"b" * 32, "2025": b"a" * 32})
    new = box_of({"2026": b"b" * 32})

    async def opened(box: SecretBox) -> dict[str, str]:
        async with store.transaction() as session:
            return await opened_secrets(session, box, ["first", "second"])

    async with store.transaction() as session:
        await set_secret(session, SYSTEM, old, "first", "one", START)
        await set_secret(session, SYSTEM, both, "second", "two", START)
    assert both.key_ids == ("2026", "2025")
    assert await opened(both) == {"first": "one", "second": "two"}
    assert await opened(new) == {"second": "two"}
    with suppress(NotFound):
        assert await opened(old) == {"first": "one"}
