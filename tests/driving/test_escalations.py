"""Telling level after level, on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from crm_store.session import Store
from engine.errors import Conflict
from tests.driving.house import TRIGGER, House, furnished

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
    assert (case.title, case.level) == ("Angry: Person 0", 2)
    assert set(case.told) == {"ben@example.com", "eve@example.com"}
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
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "NoneType"]
    assert await house.outcomes() == ["taken"]


async def test_taking_it_up_while_the_next_level_is_being_told(house: House) -> None:
    await house.begin(ESCALATE)
    [case] = await house.cases()
    house.world.channel.spoil = lambda: "unreachable"
    await house.later(hours=4)
    await house.acknowledge("ben", case.id)
    house.world.channel.spoil = lambda: None
    await house.later(hours=9)
    assert house.told() == ["ben@example.com"]
    assert await house.outcomes() == ["taken"]


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


async def test_who_took_it_up_is_not_forgotten_when_the_mail_is_settled(house: House) -> None:
    world = house.world
    world.channel.spoil = lambda: "unclear_taken"
    await world.publish(ESCALATE)
    [ada] = await world.people(1, owner_id=house.ids["ben"])
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    await world.perform_all()
    await world.pause("asking")
    [case] = await house.cases()
    await house.acknowledge("ben", case.id)
    world.channel.spoil = lambda: None
    world.now += timedelta(minutes=3)
    assert await world.settle_all() == 1
    await world.resume("asking")
    await house.go_on()
    assert await house.outcomes() == ["taken"]
