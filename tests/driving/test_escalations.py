"""Telling level after level, on a real database."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.definitions import DefinitionKind, read_definition
from engine.errors import Conflict
from engine.services.actor import SYSTEM
from engine.services.definitions.publishing import publish, retire
from tests.driving.house import TRIGGER, House, furnished
from tests.driving.world import Crash

ESCALATE = (
    TRIGGER
    + """
  raise: {do: escalate, title: "Angry: {{ contact.first_name }}", timeout: 1d,
          levels: [{to: owner}, {to: manager, after: 4h}, {to: dora@example.com, after: 2h}],
          exits: {acknowledged: taken, exhausted: alone}}
  taken: {do: exit, outcome: taken}
  alone: {do: exit, outcome: alone}
"""
)
CARE = "escalation_policy: care\nlevels: [{to: owner}]\n"
AGAIN = ESCALATE.replace("entry: once", "entry: always")


@pytest.fixture
async def house(store: Store) -> House:
    return await furnished(store)


async def test_levels_are_told_one_after_the_other(house: House) -> None:
    await house.begin(ESCALATE)
    assert house.told() == ["ben@example.com"]
    await house.later(hours=3.9)
    assert house.told() == ["ben@example.com"]
    await house.later(hours=0.1)
    assert house.told() == ["ben@example.com", "eve@example.com"]
    await house.later(hours=2)
    assert house.told()[-1] == "dora@example.com"
    assert await house.outcomes() == [None]
    await house.later(days=1)
    assert await house.outcomes() == ["alone"]
    assert len(house.told()) == 3


async def test_who_takes_it_up_ends_it_for_everybody(house: House) -> None:
    await house.begin(ESCALATE)
    await house.later(hours=4)
    [case] = await house.cases("eve", mine=True)
    assert (case.title.en, case.level) == ("Angry: Person 0", 2)
    assert set(case.told) == {"Ben", "Eve"}
    await house.acknowledge("eve", case.id)
    assert await house.outcomes() == ["taken"]
    await house.later(days=3)
    assert len(house.told()) == 2
    assert await house.cases() == []
    with pytest.raises(Conflict):
        await house.acknowledge("ben", case.id)


async def test_one_of_two_who_take_it_up_at_once_did(house: House) -> None:
    await house.begin(ESCALATE)
    [case] = await house.cases()
    answers = await asyncio.gather(
        house.acknowledge("ben", case.id),
        house.acknowledge("eve", case.id),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "NoneType"], answers
    assert await house.outcomes() == ["taken"]


async def test_a_mail_that_cannot_go_holds_up_neither_the_case_nor_the_run(house: House) -> None:
    await house.begin(ESCALATE)
    [case] = await house.cases()
    house.world.channel.spoil = lambda: "unreachable"
    await house.later(hours=4)
    await house.acknowledge("ben", case.id)
    await house.go_on()
    assert await house.outcomes() == ["taken"]
    house.world.channel.spoil = lambda: None
    await house.later(hours=9)
    # what she was told before it was taken up still reaches her
    assert house.told() == ["ben@example.com", "eve@example.com"]


async def test_a_level_without_anybody_is_passed_over(house: House) -> None:
    await house.begin(ESCALATE, owner_id=None)
    assert house.told() == ["dora@example.com"]
    await house.later(days=1)
    assert await house.outcomes() == ["alone"]


async def test_too_late_to_take_it_up(house: House) -> None:
    await house.begin(ESCALATE)
    [case] = await house.cases()
    await house.later(hours=4)
    await house.later(hours=2)
    await house.later(days=1)
    with pytest.raises(Conflict):
        await house.acknowledge("ben", case.id)


async def test_the_same_flow_about_the_same_person_joins_the_open_case(house: House) -> None:
    await house.begin(AGAIN)
    [[ada]] = await house.world.rows("SELECT DISTINCT subject_id FROM run")
    await house.world.event(ada, "Signed Up")
    await house.go_on()
    [case] = await house.cases()
    assert case.asked == 2
    assert house.told() == ["ben@example.com"]
    await house.acknowledge("eve", case.id)
    await house.go_on()
    assert await house.outcomes() == ["taken", "taken"]


async def test_a_run_that_comes_late_finds_it_taken_up(house: House) -> None:
    async with house.world.store.store.transaction() as session:
        await publish(session, SYSTEM, read_definition(CARE, "care.yaml"), now=house.world.now)
    levels = AGAIN[AGAIN.index("timeout") : AGAIN.index("exits")]
    await house.begin(AGAIN.replace(levels, "policy: care, "))
    [[ada]] = await house.world.rows("SELECT DISTINCT subject_id FROM run")
    [case] = await house.cases()
    assert case.policy == "care"
    await house.acknowledge("eve", case.id)
    await house.world.event(ada, "Signed Up")
    await house.go_on()
    assert await house.outcomes() == ["taken", "taken"]
    [case] = await house.cases()
    assert (case.asked, case.acknowledged_by) == (2, "Eve")


async def test_a_policy_that_is_not_published_holds_the_run(house: House) -> None:
    levels = ESCALATE[ESCALATE.index("timeout") : ESCALATE.index("exits")]
    async with house.world.store.store.transaction() as session:
        await publish(session, SYSTEM, read_definition(CARE, "care.yaml"), now=house.world.now)
    await house.world.publish(ESCALATE.replace(levels, "policy: care, "))
    async with house.world.store.store.transaction() as session:
        await retire(session, SYSTEM, DefinitionKind.ESCALATION, "care", now=house.world.now)
    [ada] = await house.world.people(1)
    await house.world.event(ada, "Signed Up")
    await house.go_on()
    assert await house.world.outcomes() == [("held", "raise", "escalation_cannot_begin")]


async def test_a_case_that_no_run_waits_for_any_more_tells_nobody(house: House) -> None:
    await house.begin(ESCALATE)
    async with house.world.store.store.transaction() as session:
        await session.execute(text("UPDATE run SET state = 'ended', due_at = NULL"))
    await house.later(hours=5)
    assert house.told() == ["ben@example.com"]
    assert await house.cases() == []


async def test_asking_again_after_a_crash_opens_one_case(house: House) -> None:
    world = house.world
    await world.publish(ESCALATE)
    [ada] = await world.people(1, owner_id=house.ids["ben"])
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    for when in ("before", "after"):
        fates = iter((when, None, None, None, None))
        world.store.dies = lambda fates=fates: next(fates, None)  # type: ignore[misc]
        with contextlib.suppress(Crash):
            await world.perform_all()
    world.store.dies = lambda: None
    world.now += timedelta(minutes=3)
    await house.go_on()
    [case] = await house.cases()
    assert (case.asked, case.level) == (1, 1)
    assert house.told() == ["ben@example.com"]
    await house.acknowledge("ben", case.id)
    assert await house.outcomes() == ["taken"]
