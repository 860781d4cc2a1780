"""Everybody is scored anew once a day, when facts changed beside events, and never in a rush."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crm_store.scores import begin_rounds
from engine.services.actor import SYSTEM
from engine.services.derived_facts import care_for_facts, import_rates
from engine.services.scoring import recounting
from engine.services.scoring.recounting import REST
from tests.driving.world import World
from tests.scoring.test_scores_kept import MODEL, recount, saved, totals

DAY = timedelta(days=1)


async def rounds(world: World) -> list[int | None]:
    return [row[0] for row in await world.rows("SELECT recount_after FROM scoring_model")]


async def test_what_no_event_tells_is_found_within_a_day(world: World) -> None:
    rules = [{"key": "big", "points": 9, "when": {"==": [{"var": "account.industry"}, "steel"]}}]
    await world.people(1)
    await saved(world, {**MODEL, "rules": rules})
    look = await recount(world)
    assert (await totals(world), look.next_due) == ([0], world.now + DAY)
    async with world.store.store.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "WITH made AS (INSERT INTO account (name, name_key, industry) "
            "VALUES ('Forge', 'forge', 'steel') RETURNING id) "
            "UPDATE contact SET account_id = made.id FROM made"
        )
    world.now += DAY
    await recount(world)
    assert await totals(world) == [9]


async def test_a_crowded_queue_lets_rounds_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada,) = await world.people(1, country="SG")
    await saved(world)
    await world.event(ada, "Something Else")
    monkeypatch.setattr(recounting, "MOST_WAITING", 0)
    look = await recount(world)
    assert (look.scored, look.next_due, await totals(world)) == (0, world.now + REST, [])
    await world.until_quiet()
    await recount(world)
    assert await totals(world) == [5]


async def test_a_round_writes_only_scores_that_differ(world: World) -> None:
    ada, ben, cleo = await world.people(3, country="SG")
    await saved(world)
    await recount(world)
    # points that fade
    await world.event(cleo, "Visited Pricing")
    await world.until_quiet()
    written = "SELECT contact_id, scored_at, due_at FROM contact_score ORDER BY contact_id"
    before = await world.rows(written)
    async with world.store.store.transaction() as session:
        await begin_rounds(session)
        connection = await session.connection()
        await connection.exec_driver_sql(f"UPDATE contact SET country = 'DE' WHERE id = {ben}")
    first, world.now = world.now, world.now + timedelta(minutes=1)
    await recount(world)
    assert await totals(world) == [5, 0, 25]
    after = await world.rows(written)
    assert [row[1] for row in after] == [first, world.now, first]
    assert [row[2] for row in after] == [row[2] for row in before] == [None, None, first + DAY]
    # the time comes, and is put off although the total is as before
    world.now = first + DAY
    async with world.store.store.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE scoring_model SET recount_at = NULL")
    await recount(world)
    assert (await world.rows(written))[2][2] == world.now + DAY
    assert ada < ben < cleo


async def test_facts_that_change_beside_events_begin_a_round(world: World, tmp_path: Path) -> None:
    (ada,) = await world.people(1)
    store = world.store.store
    await care_for_facts(store, "USD", world.now, "UTC")
    await saved(world)
    await recount(world)
    assert await rounds(world) == [None]
    async with store.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            'INSERT INTO "order" (contact_id, placed_at, currency, total_minor, status) '
            f"VALUES ({ada}, '{world.now}', 'EUR', 100, 'completed')"
        )
    file = tmp_path / "rates.csv"
    file.write_text(f"day,currency,rate\n{world.now.date()},EUR,1.5\n")
    assert (await import_rates(store, SYSTEM, file, "USD", world.now)).rewritten == 1
    assert await rounds(world) == [0]
    await recount(world)
    assert (await care_for_facts(store, "USD", world.now + DAY, "UTC")).rescored == 1
    assert await rounds(world) == [0]
