"""Rules say how long rows stay; what is old goes in batches, and nothing else does."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from crm_store.session import Store
from engine.errors import NotAllowed, NotFound, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.retention import (
    KINDS,
    apply_retention,
    forget_rule,
    preview_rule,
    retention_rules,
    rules,
    set_rule,
)
from tests.driving.test_driving import WELCOME
from tests.driving.world import World

MARKETER = Actor("user", 1, "Mia", "marketer")
YEAR: Final = timedelta(days=365)


async def test_without_rules_nothing_goes(world: World) -> None:
    people = await world.people(2)
    for person in people:
        await world.event(person, "Signed Up")
    assert await apply_retention(world.store.store, world.now + 9 * YEAR) == {}
    assert await world.rows("SELECT count(*) FROM event") == [(2,)]
    async with world.store.store.transaction() as session:
        listed = await retention_rules(session, SYSTEM)
    assert {row.kind: row.keep_days for row in listed} == dict.fromkeys(KINDS)


async def test_old_rows_go_in_batches_and_what_is_needed_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.publish(WELCOME)
    people = await world.people(7)
    for person in people:
        await world.event(person, "Signed Up")
    await world.until_quiet("welcome_test")
    await world.event(people[0], "Nobody looked at this yet")
    await world.rows("UPDATE event SET received_at = :at RETURNING 1", at=world.now)
    await world.rows("UPDATE journal SET at = :at RETURNING 1", at=world.now)
    later = world.now + YEAR
    store = world.store.store
    async with store.transaction() as session:
        assert await preview_rule(session, SYSTEM, "events", 90, later) == 14
        for kind in KINDS:
            await set_rule(session, SYSTEM, kind, max(KINDS[kind], 100), later)
    monkeypatch.setattr(rules, "BATCH", 3)
    removed = await apply_retention(store, later)
    assert removed["events"] == 14
    assert removed["journal"] == 0, "their runs go on"
    assert removed["message_addresses"] == 7
    assert await world.rows("SELECT name FROM event") == [("Nobody looked at this yet",)]
    assert await world.rows("SELECT count(*) FROM message WHERE address IS NULL") == [(7,)]
    # again: nothing is left, and what went is remembered
    assert set((await apply_retention(store, later)).values()) == {0}
    async with store.transaction() as session:
        row = next(r for r in await retention_rules(session, SYSTEM) if r.kind == "events")
    assert (row.keep_days, row.removed, row.applied_at) == (100, 14, later)


async def test_a_stop_in_the_middle_goes_on_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ada] = await world.people(1)
    for _ in range(6):
        await world.event(ada, "Signed Up")
    await world.rows("DELETE FROM event_pending RETURNING 1")
    await world.rows("UPDATE event SET received_at = :at RETURNING 1", at=world.now)
    later = world.now + YEAR
    async with world.store.store.transaction() as session:
        await set_rule(session, SYSTEM, "events", 90, later)
    monkeypatch.setattr(rules, "BATCH", 2)
    assert await apply_retention(world.store.store, later, most_batches=1) == {"events": 2}
    assert await apply_retention(world.store.store, later) == {"events": 4}


async def test_rules_are_refused_in_words_and_forgotten(store: Store, world: World) -> None:
    async with store.transaction() as session:
        with pytest.raises(Refused, match="between 90 and 3650 days"):
            await set_rule(session, SYSTEM, "events", 1, world.now)
        with pytest.raises(NotFound):
            await set_rule(session, SYSTEM, "nothing", 90, world.now)
        with pytest.raises(NotAllowed):
            await set_rule(session, MARKETER, "events", 90, world.now)
        await set_rule(session, SYSTEM, "events", 90, world.now)
        await set_rule(session, SYSTEM, "events", 120, world.now)
        await forget_rule(session, SYSTEM, "events")
        await forget_rule(session, SYSTEM, "events")
    said = await world.rows(
        "SELECT verb, before ->> 'keep_days' FROM audit"
        " WHERE subject_kind = 'retention' ORDER BY id"
    )
    assert said == [("set", None), ("set", "90"), ("unset", "120")]
