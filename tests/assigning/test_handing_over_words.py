"""Voices in approvals and escalations change hands with everything else, and come back."""

from __future__ import annotations

from datetime import timedelta

from engine.escalations.urgency import Urgency
from engine.services import handover
from engine.services.actor import SYSTEM
from engine.services.approvals import Ask, InlineChain, open_request
from engine.services.escalations import InlinePolicy, OpenCase, open_case
from engine.services.handover import Back, Handed, Plan
from engine.steps.words import Words
from tests.assigning.company import change
from tests.driving.sales_world import team
from tests.driving.world import World

TITLE = Words("Please look", "请处理")
BEN = {"user": "ben@example.com"}
SHARES = {"approval": {"to": ["cleo@example.com"]}, "case": {"to": ["cleo@example.com"]}}


async def approval(world: World, key: str, requester: int | None = None) -> int:
    document = {"calendar": "none", "levels": [{"key": "one", "approvers": [BEN]}]}
    async with world.work() as work:
        return await open_request(
            work, Ask(InlineChain(document), "thing", 1, requester, TITLE, key=key)
        )


async def case(world: World, subject: int, owner: int) -> int:
    policy = InlinePolicy("p", {"time": "clock", "levels": [{"to": "owner"}], "wait": "1d"})
    async with world.work() as work:
        return await open_case(
            work,
            OpenCase(
                policy,
                "thing",
                subject,
                TITLE,
                TITLE,
                Urgency.NORMAL,
                f"k{subject}",
                owner_id=owner,
            ),
        )


async def carried(world: World) -> None:
    again = True
    while again:
        async with world.work() as work:
            again = (await handover.carry_on(work)).again


async def voices(world: World) -> dict[int, int]:
    sql = "SELECT request_id, holder_id FROM approval_seat WHERE open"
    return {row[0]: row[1] for row in await world.rows(sql)}


async def whose_cases(world: World) -> dict[int, int]:
    found = await world.rows("SELECT id, owner_id FROM escalation_case")
    return {row[0]: row[1] for row in found}


async def test_what_waits_for_a_word_goes_over_and_comes_back(world: World) -> None:
    ben, cleo, dan = await team(world, "Sales", "ben", "cleo", "dan")
    first, closed = await approval(world, "a"), await approval(world, "b")
    own = await approval(world, "c", requester=cleo)
    mine, done = await case(world, 1, ben), await case(world, 2, ben)
    hers = await case(world, 3, dan)
    async with world.work() as work:
        found = await handover.preview(work, SYSTEM, ben, SHARES)
        assert {one.kind: one.count for one in found.kinds} == {Handed.APPROVAL: 3, Handed.CASE: 2}
        assert found.kinds[0].samples[0].label == "Please look"
        number = await handover.start(work, SYSTEM, Plan(ben, SHARES))
    await carried(world)
    # nobody decides about their own request, so that one stays
    assert await voices(world) == {first: cleo, closed: cleo, own: ben}
    assert await whose_cases(world) == {mine: cleo, done: cleo, hers: dan}

    await world.rows(
        "UPDATE approval_request SET ended_at = now(), status = 'approved',"
        """ state = state || '{"status": "approved"}' WHERE id = :id RETURNING id""",
        id=closed,
    )
    sql = "UPDATE escalation_case SET ended_at = now() WHERE id = :id RETURNING id"
    await world.rows(sql, id=done)
    async with world.work() as work:
        expected = await handover.preview_return(work, SYSTEM, number)
        assert expected.kinds == {
            kind: {Back.RETURNED: 1, Back.CLOSED: 1} for kind in (Handed.APPROVAL, Handed.CASE)
        }
        await handover.give_back(work, SYSTEM, number)
    await carried(world)
    assert (await voices(world))[first] == ben
    assert await whose_cases(world) == {mine: ben, done: cleo, hers: dan}


async def test_somebody_who_has_left_hands_over_too(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    request, opened = await approval(world, "a"), await case(world, 1, ben)
    await change(world, "ben@example.com", active=False)
    world.now += timedelta(minutes=1)
    async with world.work() as work:
        await handover.start(work, SYSTEM, Plan(ben, SHARES))
    await carried(world)
    assert await voices(world) == {request: cleo}
    assert await whose_cases(world) == {opened: cleo}
