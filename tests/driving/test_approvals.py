"""Asking somebody to decide, on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, NotFound
from engine.services import approvals
from engine.services.actor import SYSTEM, Actor
from engine.services.plans import Plans
from tests.driving.house import TRIGGER, House, furnished

APPROVE = (
    TRIGGER
    + """
  ask:  {do: request_approval, title: "Discount for {{ contact.first_name }}", from: "FROM",
         timeout: 2d, exits: {approved: yes_, rejected: no_, timed_out: late}}
  yes_: {do: exit, outcome: approved}
  no_:  {do: exit, outcome: rejected}
  late: {do: exit, outcome: late}
"""
)


@pytest.fixture
async def house(store: Store) -> House:
    return await furnished(store)


async def test_a_decision_moves_the_run_at_once(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests("eve", mine=True)
    assert request.title == "Discount for Person 0"
    assert (request.approvers, request.asked_for) == (("eve@example.com",), "ben@example.com")
    assert request.deadline == house.world.now + timedelta(days=2)
    assert house.told() == ["eve@example.com"]
    assert f"审批请求 {request.id}" in house.world.channel.delivered[0].text
    await house.decide("eve", request.id, "approved")
    assert await house.outcomes() == ["approved"]
    assert await house.requests() == []
    audit = await house.world.rows(
        "SELECT actor_name, verb FROM audit WHERE subject_kind='approval'"
    )
    assert audit == [("Eve", "approve")]


async def test_a_rejection_is_a_way_of_its_own(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    await house.decide("eve", request.id, "rejected")
    assert await house.outcomes() == ["rejected"]


async def test_one_decision_counts_however_many_decide_at_once(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    answers = await asyncio.gather(
        house.decide("eve", request.id, "approved"),
        house.decide("dora", request.id, "rejected"),
        house.decide("eve", request.id, "rejected"),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == [
        "Conflict",
        "Conflict",
        "NoneType",
    ]
    [(decision,)] = await house.world.rows("SELECT decision FROM approval_request")
    assert await house.outcomes() == [decision]


async def test_nobody_approves_for_themselves(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "role:rep"))
    [request] = await house.requests("ben", mine=True)
    with pytest.raises(NotAllowed, match="for whom"):
        await house.decide("ben", request.id, "approved")
    with pytest.raises(NotAllowed, match="not asked"):
        await house.decide("eve", request.id, "approved")
    async with house.world.store.store.transaction() as session:
        for actor in (SYSTEM, Actor("user", house.ids["eve"], "Eve", "viewer")):
            with pytest.raises(NotAllowed):
                await approvals.decide_request(
                    session,
                    actor,
                    request.id,
                    "approved",
                    plans=Plans(),
                    ledger=house.world.parts.ledger(house.world.now),
                )
    await house.decide("dora", request.id, "approved")
    assert await house.outcomes() == ["approved"]


async def test_a_decision_after_the_time_is_over_is_too_late(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    await house.later(days=2)
    assert await house.outcomes() == ["late"]
    assert await house.requests() == []
    with pytest.raises(Conflict):
        await house.decide("eve", request.id, "approved")
    with pytest.raises(NotFound):
        await house.decide("eve", 999, "approved")


async def test_nobody_to_ask_is_no_answer_until_the_time_is_over(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "role:service"))
    await house.later(hours=47)
    assert await house.outcomes() == [None]
    await house.later(hours=1)
    assert await house.outcomes() == ["late"]


async def test_a_request_can_be_decided_while_its_mail_does_not_get_through(house: House) -> None:
    house.world.channel.spoil = lambda: "unreachable"
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    await house.decide("eve", request.id, "approved")
    assert await house.outcomes() == ["approved"]
    house.world.channel.spoil = lambda: None
    await house.later(minutes=10)
    assert house.told() == []


async def test_a_mail_server_that_is_down_does_not_stop_the_clock_of_a_request(
    house: House,
) -> None:
    house.world.channel.spoil = lambda: "unreachable"
    await house.begin(APPROVE.replace("FROM", "manager"))
    for _ in range(8):
        await house.later(minutes=1)
    assert [row[0] for row in await house.world.rows("SELECT receipt->>'outcome' FROM effect")] == [
        "gave_up"
    ]
    assert len(await house.requests("eve", mine=True)) == 1
    await house.later(days=2)
    assert await house.outcomes() == ["late"]


async def test_a_decision_for_a_paused_flow_waits_for_it(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    await house.world.pause("asking")
    await house.decide("eve", request.id, "approved")
    await house.later(days=3)
    assert await house.outcomes() == [None]
    await house.world.resume("asking")
    await house.go_on()
    assert await house.outcomes() == ["approved"]


async def test_a_crash_in_a_decision_decides_nothing(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    async with house.world.store.store.transaction() as session:
        await approvals.decide_request(
            session,
            house.actor("eve"),
            request.id,
            "approved",
            plans=house.world.parts.plans,
            ledger=house.world.parts.ledger(house.world.now),
        )
        await session.rollback()
    assert len(await house.requests()) == 1
    await house.decide("eve", request.id, "rejected")
    assert await house.outcomes() == ["rejected"]


async def test_a_decision_is_not_lost_when_its_mail_is_settled_after_it(house: House) -> None:
    world = house.world
    world.channel.spoil = lambda: "unclear_taken"
    await world.publish(APPROVE.replace("FROM", "manager"))
    [ada] = await world.people(1, owner_id=house.ids["ben"])
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    await world.perform_all()
    await world.pause("asking")
    [request] = await house.requests()
    await house.decide("eve", request.id, "approved")
    world.channel.spoil = lambda: None
    world.now += timedelta(minutes=3)
    assert await world.settle_all() == 1
    await world.resume("asking")
    await house.go_on()
    assert await house.outcomes() == ["approved"]


async def test_a_decision_replaces_the_answer_of_its_mail(house: House) -> None:
    world = house.world
    world.channel.spoil = lambda: "unclear_taken"
    await world.publish(APPROVE.replace("FROM", "manager"))
    [ada] = await world.people(1, owner_id=house.ids["ben"])
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    await world.perform_all()
    await world.pause("asking")
    world.channel.spoil = lambda: None
    world.now += timedelta(minutes=3)
    assert await world.settle_all() == 1
    [request] = await house.requests()
    await house.decide("eve", request.id, "rejected")
    await world.resume("asking")
    await house.go_on()
    assert await house.outcomes() == ["rejected"]
