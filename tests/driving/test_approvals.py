"""Flows that ask somebody to decide, on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from crm_store.session import Store
from engine.errors import CadenzaError, NotAllowed, NotFound
from engine.services.actor import SYSTEM, Actor
from engine.services.approvals.doors import AnswerRefused, give_answer
from tests.approvals.conftest import put_in_force
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
    assert request.title.en == "Discount for Person 0"
    assert ([one.holder for one in request.voices], request.requester) == (["Eve"], "Ben")
    assert request.deadline == house.world.now + timedelta(days=2)
    assert house.told() == ["eve@example.com"]
    assert f"审批请求 {request.id}" in house.world.channel.delivered[0].text
    await house.decide("eve", request.id, "approve")
    assert await house.outcomes() == ["approved"]
    assert await house.requests() == []
    audit = await house.world.rows(
        "SELECT actor_name, verb FROM audit WHERE subject_kind='approval'"
    )
    assert audit == [("Eve", "approve")]


async def test_a_rejection_is_a_way_of_its_own(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    await house.decide("eve", request.id, "reject")
    assert await house.outcomes() == ["rejected"]


async def test_one_decision_counts_however_many_decide_at_once(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    answers = await asyncio.gather(
        house.decide("eve", request.id, "approve"),
        house.decide("dora", request.id, "reject"),
        house.decide("eve", request.id, "reject"),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == [
        "AnswerRefused",
        "AnswerRefused",
        "Answered",
    ]
    [(status,)] = await house.world.rows("SELECT status FROM approval_request")
    assert await house.outcomes() == [status]
    refused = "SELECT count(*) FROM audit WHERE subject_kind='approval' AND verb='refused'"
    assert await house.world.rows(refused) == [(2,)]


async def test_the_same_answer_given_twice_is_one(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    first = await house.decide("eve", request.id, "approve", "once")
    assert await house.decide("eve", request.id, "approve", "once") == first
    assert await house.world.rows("SELECT count(*) FROM approval_decision") == [(1,)]


async def test_nobody_approves_for_themselves(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "role:rep"))
    [request] = await house.requests()
    assert request.status == "held"
    with pytest.raises(NotAllowed, match="their own"):
        await house.decide("ben", request.id, "approve")
    with pytest.raises(NotAllowed, match="审批人"):
        await house.decide("eve", request.id, "approve")
    viewer = Actor("user", house.ids["eve"], "Eve", "viewer")
    for actor in (SYSTEM, viewer):
        with pytest.raises(NotAllowed):
            await give_answer(house.world.parts.pokes, actor, request.id, "approve", door="test")
    assert [one.id for one in await house.requests("dora", mine=True)] == [request.id]
    await house.decide("dora", request.id, "approve")
    assert await house.outcomes() == ["approved"]


async def test_a_decision_after_the_time_is_over_is_too_late(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    await house.later(days=2)
    assert await house.outcomes() == ["late"]
    assert await house.requests() == []
    with pytest.raises(AnswerRefused) as late:
        await house.decide("eve", request.id, "approve")
    assert late.value.reason == "closed"
    with pytest.raises(NotFound):
        await house.decide("eve", 999, "approve")


async def test_a_decision_is_too_late_although_nobody_has_looked_at_the_clock(
    house: House,
) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    house.world.now += timedelta(days=2)
    with pytest.raises(AnswerRefused):
        await house.decide("eve", request.id, "approve")
    assert await house.outcomes() == ["late"]


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
    await house.decide("eve", request.id, "approve")
    assert await house.outcomes() == ["approved"]


async def test_a_run_that_went_on_is_not_waited_for(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    await house.world.rows("UPDATE run SET state='ended', node='yes_' RETURNING id")
    assert await house.requests() == []
    with pytest.raises(AnswerRefused) as late:
        await house.decide("eve", request.id, "approve")
    assert late.value.reason == "nobody_waits"
    assert await house.world.rows("SELECT status FROM approval_request") == [("cancelled",)]


async def test_a_decision_for_a_paused_flow_waits_for_it(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    await house.world.pause("asking")
    await house.decide("eve", request.id, "approve")
    await house.later(days=3)
    assert await house.outcomes() == [None]
    await house.world.resume("asking")
    await house.go_on()
    assert await house.outcomes() == ["approved"]


async def test_a_crash_in_a_decision_decides_nothing_and_it_can_be_given_again(
    house: House,
) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    deaths = iter([None, "before"])
    house.world.store.dies = lambda: next(deaths, None)
    with pytest.raises(Exception):  # noqa: B017 - the process is gone
        await house.decide("eve", request.id, "reject", "again")
    assert len(await house.requests()) == 1
    await house.decide("eve", request.id, "reject", "again")
    assert await house.outcomes() == ["rejected"]


async def test_a_crash_between_opening_and_recording_asks_once(house: House) -> None:
    world = house.world
    await world.publish(APPROVE.replace("FROM", "manager"))
    [ada] = await world.people(1, owner_id=house.ids["ben"])
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    deaths = iter(["after"])
    world.store.dies = lambda: next(deaths, None)
    for shard in range(2):
        try:
            await world.perform(shard)
        except CadenzaError:
            raise
        except Exception:  # noqa: BLE001 - the process is gone
            pass
    world.now += timedelta(minutes=3)
    await house.go_on()
    assert await world.rows("SELECT count(*) FROM approval_request") == [(1,)]
    assert house.told() == ["eve@example.com"]
    [request] = await house.requests()
    await house.decide("eve", request.id, "approve")
    assert await house.outcomes() == ["approved"]


async def test_a_flow_asks_by_a_chain(house: House) -> None:
    source = APPROVE.replace("from: FROM", "chain: two").replace('from: "FROM"', "chain: two")
    chain = """
approval_chain: two
subject: contact
calendar: none
levels:
  - {key: one, approvers: [{manager_of: {of: owner}}]}
  - key: other
    approvers: [{role: admin, when: {"==": [{var: contact.first_name}, Person 0]}}]
    timeout: {after: 1d, then: reject}
    nobody: skip
"""
    with pytest.raises(Exception, match="no approval chain"):
        await house.begin(source)
    await put_in_force(house, chain)
    await house.begin(source)
    [request] = await house.requests()
    await house.decide("eve", request.id, "approve")
    assert await house.outcomes() == [None]
    await house.later(days=1)
    assert await house.outcomes() == ["rejected"]
