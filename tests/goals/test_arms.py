"""Arms are compared, the better one wins, and from then on everybody goes by it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from engine.errors import NotFound, Refused
from engine.services.actor import SYSTEM
from engine.services.goals.contests import Contest
from engine.services.goals.winners import (
    Decided,
    choose_winner,
    compare,
    decide_winners,
    withdraw,
)
from tests.driving.world import World

FLOW = """
flow: two_ways
label: Two ways
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: once
goal: {event: Order Completed}
steps:
  ways:
    do: split
    arms:
      - {name: short, weight: 50, next: brief}
      - {name: long, weight: 50, next: letter}
    winner: {metric: goal, minimum: 5}
  brief:  {do: wait, for: 3d, next: done}
  letter: {do: wait, for: 3d, next: done}
  done:   {do: exit}
"""
BY_EVENT = FLOW.replace("{metric: goal, minimum: 5}", "{metric: event, event: Replied, minimum: 5}")
BY_EXIT = FLOW.replace(
    "{metric: goal, minimum: 5}", "{metric: exit, node: brief, exit: passed, minimum: 5}"
)
CONTROLLED = FLOW.replace(
    "    winner:", "      - {name: none, weight: 20, holdout: true, next: done}\n    winner:"
)


async def come(world: World, count: int, offset: int = 0) -> dict[int, str]:
    """New people, and the arm of each."""
    people = (
        await world.people(count, city=f"c{offset}")
        if not offset
        else await more(world, count, offset)
    )
    for person in people:
        await world.event(person, "Signed Up")
    await world.until_quiet("two_ways")
    rows = await world.rows(
        "SELECT subject_id, node FROM run WHERE subject_id = ANY(:ids)", ids=people
    )
    world.now += timedelta(hours=1)
    return {row[0]: row[1] for row in rows}


async def more(world: World, count: int, offset: int) -> list[int]:
    rows = await world.rows(
        "INSERT INTO contact (first_name) SELECT 'More ' || n FROM generate_series(1, :n) n"
        " RETURNING id",
        n=count,
    )
    return [row[0] for row in rows]


async def do(world: World, people: list[int], event: str = "Order Completed") -> None:
    for person in people:
        await world.event(person, event)
    await world.until_quiet("two_ways")


async def look(world: World) -> Decided:
    async with world.store.store.transaction() as session:
        return await decide_winners(session, world.parts.plans, world.now)


async def standing(world: World) -> Contest:
    async with world.store.store.transaction() as session:
        [contest] = await compare(session, SYSTEM, world.parts.plans, "two_ways")
    return contest


async def test_the_better_arm_wins_and_takes_everybody_who_comes(world: World) -> None:
    await world.publish(FLOW)
    arms = await come(world, 60)
    short = [person for person, node in arms.items() if node == "brief"]
    assert (await look(world)).winners == ()
    await do(world, short[:16])
    contest = await standing(world)
    assert {arm.name: (arm.people, arm.reached) for arm in contest.arms} == {
        "short": (len(short), 16),
        "long": (60 - len(short), 0),
    }
    assert (await look(world)).winners == (("two_ways", "ways", "short"),)
    assert (await look(world)).winners == ()
    inside = Counter(row.node for row in await world.runs())
    assert inside["letter"] == 60 - len(short)
    assert set((await come(world, 20, 1)).values()) == {"brief"}
    [[evidence]] = await world.rows("SELECT evidence FROM split_winner")
    assert evidence["against"] >= evidence["needed"] == 20
    [[who, after]] = await world.rows(
        "SELECT actor_name, after FROM audit WHERE verb = 'decide_winner'"
    )
    assert (who, after["arm"]) == ("Cadenza", "short")


async def test_who_comes_after_the_decision_is_not_counted(world: World) -> None:
    await world.publish(FLOW)
    await come(world, 12)
    async with world.store.store.transaction() as session:
        await choose_winner(
            session, SYSTEM, world.parts.plans, "two_ways", "ways", "long", world.now
        )
    assert set((await come(world, 10, 1)).values()) == {"letter"}
    contest = await standing(world)
    assert sum(arm.people for arm in contest.arms) == 12
    assert contest.won is not None
    assert contest.won.method == "hand"


async def test_a_withdrawn_decision_lets_chance_part_people_again(world: World) -> None:
    await world.publish(FLOW)
    arms = await come(world, 60)
    await do(world, [person for person, node in arms.items() if node == "brief"][:16])
    await look(world)
    async with world.store.store.transaction() as session:
        await withdraw(session, SYSTEM, world.parts.plans, "two_ways", "ways", world.now)
    assert set((await come(world, 40, 1)).values()) == {"brief", "letter"}
    assert (await look(world)).winners == ()
    assert (await standing(world)).rests


async def test_an_arm_that_is_not_there_cannot_be_chosen(world: World) -> None:
    await world.publish(FLOW)
    async with world.store.store.transaction() as session:
        plans = world.parts.plans
        with pytest.raises(Refused):
            await choose_winner(session, SYSTEM, plans, "two_ways", "ways", "none", world.now)
        with pytest.raises(NotFound):
            await choose_winner(session, SYSTEM, plans, "two_ways", "done", "short", world.now)
        with pytest.raises(NotFound):
            await withdraw(session, SYSTEM, plans, "two_ways", "ways", world.now)


async def test_an_event_compares_arms(world: World) -> None:
    await world.publish(BY_EVENT)
    arms = await come(world, 12)
    some = sorted(arms)[:4]
    await do(world, some, "Replied")
    await do(world, some, "Replied")
    assert sum(arm.reached for arm in (await standing(world)).arms) == 4


async def test_an_exit_compares_arms(world: World) -> None:
    await world.publish(BY_EXIT)
    arms = await come(world, 12)
    world.now += timedelta(days=4)
    await world.until_quiet("two_ways")
    reached = {arm.name: arm.reached for arm in (await standing(world)).arms}
    assert reached == {"short": Counter(arms.values())["brief"], "long": 0}


async def test_the_holdout_of_a_split_keeps_its_share_and_never_wins(world: World) -> None:
    await world.publish(CONTROLLED)
    arms = await come(world, 40)
    assert Counter(arms.values())["done"] > 0
    async with world.store.store.transaction() as session:
        plans = world.parts.plans
        with pytest.raises(Refused):
            await choose_winner(session, SYSTEM, plans, "two_ways", "ways", "none", world.now)
        await choose_winner(session, SYSTEM, plans, "two_ways", "ways", "short", world.now)
    assert set((await come(world, 60, 1)).values()) == {"brief", "done"}


async def test_other_weights_begin_the_comparison_anew(world: World) -> None:
    await world.publish(FLOW)
    await come(world, 12)
    await world.publish(FLOW.replace("weight: 50, next: brief", "weight: 80, next: brief"))
    assert sum(arm.people for arm in (await standing(world)).arms) == 0
    await world.publish(FLOW.replace("for: 3d", "for: 4d"))
    assert sum(arm.people for arm in (await standing(world)).arms) == 12


async def test_a_decision_holds_for_old_versions_with_the_same_arms(world: World) -> None:
    await world.publish(FLOW)
    await world.publish(FLOW.replace("name: long", "name: letter"))
    await come(world, 6)
    async with world.store.store.transaction() as session:
        plans = world.parts.plans
        await choose_winner(session, SYSTEM, plans, "two_ways", "ways", "letter", world.now)
    async with world.store.store.transaction() as session:
        await plans.book(session)
        known = await plans.plans(session, [1, 2])
    assert [plan.winners for plan in known.values()] == [{}, {"ways": "letter"}]
