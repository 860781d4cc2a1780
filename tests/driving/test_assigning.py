"""Owners given by flows, on a real database."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import event as listening

from crm_store.partitions import partition_of
from tests.driving.sales_world import deal, flow, pipeline, team
from tests.driving.world import PARTITIONS, World

EXITS = "exits: {assigned: done, nobody: nobody}"
NOBODY = "  nobody: {do: exit, outcome: nobody}\n"


def assigning(settings: str, name: str = "route") -> str:
    return flow(name, f"{{do: assign, {settings}, {EXITS}}}", more=NOBODY)


async def owners(world: World, table: str = "contact") -> list[int | None]:
    return [row[0] for row in await world.rows(f"SELECT owner_id FROM {table} ORDER BY id")]


async def everybody_signs_up(world: World, count: int) -> list[int]:
    contacts = await world.people(count)
    for contact in contacts:
        await world.event(contact, "Signed Up")
    return contacts


async def test_a_team_takes_turns_and_passes_over_who_is_inactive(world: World) -> None:
    ben, cleo, _gone = await team(world, "Sales", "ben", "cleo", inactive=("gone",))
    await world.publish(assigning("team: Sales"))
    await everybody_signs_up(world, 5)
    await world.until_quiet("route")
    assert Counter(await owners(world)) in (Counter({ben: 3, cleo: 2}), Counter({ben: 2, cleo: 3}))
    assert {end for _, end, _ in await world.outcomes()} == {"done"}


async def test_the_turn_goes_on_from_batch_to_batch(world: World) -> None:
    people = await team(world, "Sales", "ben", "cleo", "dan")
    await world.publish(assigning("team: Sales"))
    (contact,) = await world.people(1)
    given = []
    for _ in range(4):
        await world.event(contact, "Signed Up")
        await world.until_quiet("route")
        given += await owners(world)
    assert given == [*people, people[0]]


async def test_two_workers_at_once_take_turns(world: World) -> None:
    await team(world, "Sales", "ben", "cleo")
    await world.publish(assigning("team: Sales"))
    await everybody_signs_up(world, 8)
    workers = [world.new_worker(name) for name in ("one", "two")]
    while sum(await asyncio.gather(*(world.dispatch(p, workers[p]) for p in range(PARTITIONS)))):
        pass
    await world.until_quiet("route")
    assert sorted(Counter(await owners(world)).values()) == [4, 4]


async def test_who_has_least_to_do_gets_it(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    await pipeline(world, "sales", lead="open", won="won")
    await world.publish(assigning("team: Sales, by: least_open"))
    busy, *_ = await world.people(1)
    await deal(world, busy, owner=ben)
    await world.rows(
        "INSERT INTO activity (kind, subject, contact_id, owner_id) "
        f"VALUES ('task', 'x', {busy}, {ben}) RETURNING id"
    )
    await world.rows(f"UPDATE contact SET owner_id = {ben} RETURNING id")
    for _ in range(3):
        await world.event(busy, "Signed Up")
        await world.until_quiet("route")
        assert await owners(world) == [cleo]


async def test_a_person_an_accounts_owner_or_nobody(world: World) -> None:
    (ben, gone) = await team(world, "Sales", "ben", inactive=("gone",))
    await world.publish(assigning("to: BEN@example.com", "person"))
    ada, eve = await world.people(2)
    await world.event(ada, "Signed Up")
    await world.until_quiet("person")
    assert await owners(world) == [ben, None]
    await world.publish(assigning("to: account_owner", "account").replace("Signed Up", "Bought"))
    rows = await world.rows(
        f"INSERT INTO account (name, name_key, owner_id) VALUES ('A', 'a', {ben}), "
        f"('B', 'b', {gone}) RETURNING id"
    )
    await world.rows(f"UPDATE contact SET account_id = {rows[0][0]} WHERE id = {eve} RETURNING id")
    await world.rows(f"UPDATE contact SET account_id = {rows[1][0]} WHERE id = {ada} RETURNING id")
    for contact in (ada, eve):
        await world.event(contact, "Bought")
    await world.until_quiet("account")
    assert await owners(world) == [ben, ben]
    outcomes = await world.rows("SELECT outcome FROM run WHERE subject_id = :id", id=ada)
    assert [row[0] for row in outcomes] == ["done", "nobody"]


async def test_the_newest_open_deal_gets_the_owner_and_keeps_one_it_has(world: World) -> None:
    ben, _ = await team(world, "Sales", "ben", "cleo")
    await pipeline(world, "sales", lead="open", won="won")
    ada, eve = await world.people(2)
    old, new = await deal(world, ada, days_ago=9), await deal(world, ada, days_ago=1)
    await deal(world, ada, "won")
    await world.publish(assigning("of: deal, team: Sales, keep: true"))
    for contact in (ada, eve, ada):
        await world.event(contact, "Signed Up")
        await world.until_quiet("route")
    found = await world.rows("SELECT id, owner_id FROM deal ORDER BY id")
    assert [row[1] for row in found if row[0] in (old, new)] == [None, ben]
    outcomes = await world.rows("SELECT outcome FROM run WHERE subject_id = :id", id=eve)
    assert [row[0] for row in outcomes] == ["nobody"]


async def test_rules_after_it_see_the_new_owner_and_the_journal_tells_why(world: World) -> None:
    (ben,) = await team(world, "Sales", "ben")
    rule = f'{{"==": [{{var: contact.owner_id}}, {ben}]}}'
    await world.publish(
        flow(
            "route",
            "{do: assign, team: Sales, exits: {assigned: look, nobody: done}}",
            more=f"  look: {{do: branch, cases: [{{when: {rule}, next: bens}}], else: done}}\n"
            "  bens: {do: exit, outcome: bens}\n",
        )
    )
    await everybody_signs_up(world, 1)
    await world.until_quiet("route")
    assert await world.outcomes() == [("ended", "bens", "bens")]
    told = await world.rows(
        "SELECT entry FROM (SELECT jsonb_array_elements(entries) AS entry FROM journal) e "
        "WHERE entry->>'exit' = 'assigned'"
    )
    assert told[0][0]["why"] == {"of": "contact", "by": "round_robin", "owner_id": ben}


async def test_a_batch_asks_no_more_questions_than_one_person(world: World) -> None:
    await team(world, "Sales", "ben", "cleo")
    await world.publish(assigning("team: Sales, by: least_open"))
    contacts = await world.people(12)
    first = [one for one in contacts if partition_of(one, PARTITIONS) == 0]

    async def statements(some: list[int]) -> int:
        for contact in some:
            await world.event(contact, "Signed Up")
        said: list[str] = []

        def hear(*heard: Any) -> None:
            said.append(heard[2])

        engine = world.store.store.engine.sync_engine
        listening.listen(engine, "before_cursor_execute", hear)
        assert await world.dispatch(0) == len(some)
        listening.remove(engine, "before_cursor_execute", hear)
        return len(said)

    await statements(first[:1])
    assert await statements(first[1:2]) == await statements(first[2:5])
