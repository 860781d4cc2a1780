"""Records given out by published rules, on a real database."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from engine.errors import NotFound, Refused
from engine.services.actor import SYSTEM
from engine.services.assigning.rules import Assigned, assign_by_rules, try_rules
from engine.services.assigning.waiting import retry_waiting
from engine.services.decision_tables import save_csv
from tests.assigning.company import away, change, notices, owners, rules
from tests.driving.sales_world import deal, flow, pipeline, team
from tests.driving.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IN_TURN = "rules: [{to: {team: Sales}}]\notherwise: {tell: head}"
NEAR = "rules: [{name: near, to: {territory: {fact: contact.country}}}]\notherwise: {tell: head}"


async def given(
    world: World, ids: list[int], name: str = "leads", kind: str = "contact"
) -> dict[int, Assigned]:
    async with world.work() as work:
        return await assign_by_rules(work, name, kind, ids)  # type: ignore[arg-type]


async def test_everybody_gets_a_share_and_the_record_says_why(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    await rules(world, IN_TURN)
    contacts = await world.people(5)
    assert Counter(one.user_id for one in (await given(world, contacts)).values()) == {
        ben: 3,
        cleo: 2,
    }
    assert await owners(world) == [ben, cleo, ben, cleo, ben]
    why = await world.rows(
        "SELECT rules, rule, user_id, why FROM assignment_choice WHERE record_id = :id",
        id=contacts[1],
    )
    said = {"tried": [{"rule": "rule_1", "by": "round_robin", "team": "Sales"}]}
    assert [tuple(row) for row in why] == [("leads", "rule_1", cleo, said)]


async def test_a_territory_is_read_from_the_record_and_the_absent_are_passed_over(
    world: World,
) -> None:
    ben, cleo, dan = await team(world, "Sales", "ben", "cleo", "dan")
    await change(world, "ben@example.com", territories=["sg"])
    await change(world, "cleo@example.com", territories=["sg", "cn"])
    await change(world, "dan@example.com", territories=["de"])
    await away(world, ben, world.now - DAY, world.now + DAY)
    await rules(world, NEAR)
    (ada,) = await world.people(1, country="SG")
    found = await given(world, [ada])
    assert found[ada].user_id == cleo
    passed = found[ada].why["tried"][0]["passed"]
    assert passed == [
        {"user_id": ben, "why": "absent"},
        {"user_id": dan, "why": "territory"},
    ]


async def test_two_transactions_at_once_take_turns(world: World) -> None:
    await team(world, "Sales", "ben", "cleo")
    await rules(world, IN_TURN)
    contacts = await world.people(10)
    await asyncio.gather(*(given(world, [contact]) for contact in contacts))
    assert sorted(Counter(await owners(world)).values()) == [5, 5]


async def test_trying_changes_nothing(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    await rules(world, IN_TURN)
    contacts = await world.people(2)
    async with world.work() as work:
        for _ in range(2):
            found = await try_rules(work, SYSTEM, "leads", "contact", contacts)
            assert [found[one].user_id for one in contacts] == [ben, cleo]
    assert await owners(world) == [None, None]
    assert await world.rows("SELECT 1 FROM assignment_choice") == []


async def test_a_day_of_ones_own_has_room_for_so_many(world: World) -> None:
    (ben,) = await team(world, "Sales", "ben")
    # it is five in the evening in Singapore
    await change(world, "ben@example.com", zone="Asia/Singapore")
    await rules(world, IN_TURN.replace("{team: Sales}}", "{team: Sales}, capacity_per_day: 2}"))
    contacts = await world.people(3)
    await given(world, contacts[:1])
    await given(world, contacts[1:])
    assert await owners(world) == [ben, ben, None]
    world.now += timedelta(hours=6)
    async with world.work() as work:
        assert (await retry_waiting(work)).looked_at == 1
    assert await owners(world) == [ben, ben, None]
    world.now += HOUR
    async with world.work() as work:
        await retry_waiting(work)
    assert await owners(world) == [ben, ben, ben]


async def test_nobody_is_there_so_it_waits_and_the_head_hears_of_it_once(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    await world.rows("UPDATE team SET head_id = :id RETURNING id", id=cleo)
    back = world.now + 2 * DAY
    for one in (ben, cleo):
        await away(world, one, world.now - DAY, back)
    await rules(world, IN_TURN)
    contacts = await world.people(2)
    found = await given(world, contacts)
    assert [one.user_id for one in found.values()] == [None, None]
    assert await notices(world) == [(cleo, "2 contacts wait for an owner")]
    world.now += HOUR
    async with world.work() as work:
        retried = await retry_waiting(work)
    assert (retried.looked_at, retried.again) == (2, False)
    assert len(await notices(world)) == 1
    world.now = back
    async with world.work() as work:
        assert (await retry_waiting(work)).next_look is None
    assert await owners(world) == [ben, cleo]
    assert await world.rows("SELECT 1 FROM assignment_queue") == []


async def test_whoever_was_given_to_by_hand_leaves_the_queue(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    for one in (ben, cleo):
        await away(world, one, world.now - DAY, world.now + HOUR)
    await rules(world, IN_TURN)
    ada, gone = await world.people(2)
    await given(world, [ada, gone])
    await world.rows(
        "UPDATE contact SET owner_id = :id WHERE id = :ada RETURNING id", id=cleo, ada=ada
    )
    await world.rows("DELETE FROM contact WHERE id = :id RETURNING id", id=gone)
    world.now += HOUR
    async with world.work() as work:
        await retry_waiting(work)
    assert await owners(world) == [cleo]
    assert await world.rows("SELECT 1 FROM assignment_queue") == []


async def test_when_no_rule_holds_a_sales_manager_hears_of_it(world: World) -> None:
    (ben,) = await team(world, "Sales", "ben")
    await world.rows("INSERT INTO role (key, label) VALUES ('sales_manager', 'x') RETURNING key")
    await change(world, "ben@example.com", role="sales_manager")
    await rules(
        world,
        "rules: [{when: {'==': [{var: contact.country}, SG]}, to: {team: Sales}}]\n"
        "otherwise: {tell: head}",
    )
    await given(world, await world.people(1))
    assert await notices(world) == [(ben, "1 contact waits for an owner")]


async def test_rules_that_are_retired_leave_the_queue_waiting(world: World) -> None:
    (ben,) = await team(world, "Sales", "ben")
    await away(world, ben, world.now - DAY, world.now + HOUR)
    await rules(world, IN_TURN)
    await given(world, await world.people(1))
    await world.rows("UPDATE definition SET state = 'retired' RETURNING id")
    world.now += HOUR
    async with world.work() as work:
        retried = await retry_waiting(work)
    assert (retried.again, retried.next_look) == (False, world.now + HOUR)


async def test_a_table_says_team_and_way(world: World) -> None:
    (ben,) = await team(world, "Sales", "ben")
    (eve,) = await team(world, "Asia", "eve")
    csv = (
        "table,routing\nhit,first\nwhen contact.country,then team: text,then by: text\n"
        "SG,Asia,least_open\nany,Sales,\n"
    )
    async with world.store.transaction() as session:
        await save_csv(session, SYSTEM, csv, world.now)
    await rules(world, "table: routing\notherwise: {tell: head}")
    ada = (await world.people(1, country="SG"))[0]
    await world.rows("UPDATE contact SET email_key = 'x' RETURNING id")
    other = (await world.people(1, country="DE"))[0]
    found = await given(world, [ada, other])
    assert [found[ada].user_id, found[other].user_id] == [eve, ben]
    assert found[ada].why["tried"][0]["by"] == "least_open"


async def test_deals_are_given_by_what_they_are(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    await pipeline(world, "sales", lead="open")
    ada, eve = await world.people(2, country="SG")
    small, big = await deal(world, ada, amount=100), await deal(world, eve, amount=900_000)
    await rules(
        world,
        """
of: deal
rules:
  - {name: big, when: {">": [{var: deal.amount.minor}, 1000]}, to: {users: cleo@example.com}}
  - {name: rest, to: {users: ben@example.com}}
""",
    )
    found = await given(world, [small, big], kind="deal")
    assert [found[small].user_id, found[big].user_id] == [ben, cleo]
    with pytest.raises(Refused, match="about deals"):
        await given(world, [ada])
    with pytest.raises(NotFound):
        await given(world, [ada], "nothing")


async def test_a_flow_asks_the_rules(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    await rules(world, IN_TURN)
    step = "{do: assign, rules: leads, exits: {assigned: done, nobody: nobody}}"
    await world.publish(flow("route", step, more="  nobody: {do: exit, outcome: nobody}\n"))
    contacts = await world.people(2)
    for one in contacts:
        await world.event(one, "Signed Up")
    await world.until_quiet("route")
    assert sorted(await owners(world), key=str) == [ben, cleo]
    for one in (ben, cleo):
        await away(world, one, world.now - DAY, world.now + DAY)
    await world.event(contacts[0], "Signed Up")
    await world.until_quiet("route")
    assert (await world.outcomes())[-1] == ("ended", "nobody", "nobody")
    async with world.work() as work:
        await retry_waiting(work)
    assert await world.rows("SELECT told_at IS NULL FROM assignment_queue") == [(False,)]


async def test_a_team_in_a_flow_skips_who_is_away(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    await away(world, ben, world.now - DAY, world.now + DAY)
    await world.publish(
        flow("route", "{do: assign, team: Sales, exits: {assigned: done, nobody: done}}")
    )
    for one in await world.people(3):
        await world.event(one, "Signed Up")
    await world.until_quiet("route")
    assert await owners(world) == [cleo, cleo, cleo]
