"""A complaint from the first word to the last: ticket, flow, escalation and survey together."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crm_store.session import Store
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.definitions.publishing import publish
from engine.services.links.tokens import Kind
from engine.services.tickets import (
    Question,
    answer,
    give_satisfaction,
    save_policy,
    set_status,
    take_in,
)
from tests.driving.house import House, furnished

TEMPLATES = Path(__file__).parents[2] / "templates"
FLOWS = ("complaint_handling", "ticket_survey")
POLICY = """
calendar: always
targets: {normal: {response: 4h, resolution: 5d}}
on_breach: {response: complaint}
survey: {low: 2, escalate: complaint}
close_after: 3d
"""


@pytest.fixture
async def house(store: Store) -> House:
    house = await furnished(store)
    policy = (TEMPLATES / "escalations" / "complaint.yaml").read_text("utf-8")
    async with store.transaction() as session:
        draft = read_definition(policy, "complaint.yaml")
        await publish(session, SYSTEM, draft, now=house.world.now)
        await save_policy(session, SYSTEM, POLICY, house.world.now)
    for flow in FLOWS:
        await house.world.publish((TEMPLATES / "flows" / f"{flow}.yaml").read_text("utf-8"))
    return house


async def days(house: House, count: float) -> None:
    """Time passes; drivers and hosts look twice a day."""
    for _ in range(round(count * 2)):
        house.world.now += timedelta(hours=12)
        await settled(house)


async def settled(house: House) -> None:
    await house.world.until_quiet(*FLOWS)
    while await house.world.tend_due():
        await house.world.until_quiet(*FLOWS)
    await house.world.mail_notices()


async def complains(house: House) -> int:
    [contact] = await house.world.people(1, owner_id=house.ids["ben"])
    async with house.world.work() as work:
        asked = Question("Broken", "Again!", contact_id=contact, category="complaint")
        ticket = (await take_in(work, SYSTEM, asked)).ticket_id
    await settled(house)
    return ticket


def letters(house: House) -> list[str]:
    return [one.subject for one in house.world.channel.delivered if one.to.startswith("person")]


async def test_a_complaint_is_taken_up_solved_followed_up_and_asked_about(house: House) -> None:
    ticket = await complains(house)
    assert letters(house) == ["Person 0, we have your complaint"]
    assert "ben@example.com" in house.told()
    [case] = await house.cases("ben", mine=True)
    await house.acknowledge("ben", case.id)
    async with house.world.work() as work:
        await answer(work, house.actor("ben"), ticket, "We send a new one.")
        await set_status(work, house.actor("ben"), ticket, "solved")
    await days(house, 6)
    tasks = await house.world.rows("SELECT subject FROM activity")
    assert tasks == [("Ask Person 0 whether all is well again",)]
    assert letters(house)[1:] == ["Person 0, how did we do?"]
    links = house.world.parts.sender.links.signed
    [letter] = [one for one in house.world.channel.delivered if "how did we" in one.subject]
    assert f"/s/{links.token(Kind.SURVEY, ticket)}" in (letter.html or "")
    async with house.world.work() as work:
        await give_satisfaction(work, ticket, 5)
    await settled(house)
    reached = await house.world.rows("SELECT count(*) FROM goal_reached")
    assert reached[0][0] >= 1
    [status] = await house.world.rows("SELECT status, satisfaction_score FROM ticket")
    assert tuple(status) == ("closed", 5)


async def test_nobody_answers_and_the_case_climbs(house: House) -> None:
    await complains(house)
    await days(house, 3)
    assert {"ben@example.com", "eve@example.com", "dora@example.com"} <= set(house.told())
    names = await house.world.rows("SELECT DISTINCT name FROM event WHERE kind = 'ticket'")
    assert ("Ticket Breached",) in names


async def test_a_low_score_opens_a_case_of_the_ticket(house: House) -> None:
    ticket = await complains(house)
    async with house.world.work() as work:
        await set_status(work, house.actor("ben"), ticket, "closed")
    async with house.world.work() as work:
        await give_satisfaction(work, ticket, 1, "Never again")
    found = await house.world.rows(
        "SELECT subject_id FROM escalation_case WHERE subject_kind = 'ticket' AND ended_at IS NULL"
    )
    assert (ticket,) in [tuple(row) for row in found]


async def test_the_case_waits_while_the_customer_must_answer(house: House) -> None:
    ticket = await complains(house)
    await days(house, 0.5)
    async with house.world.work() as work:
        await answer(work, house.actor("ben"), ticket, "Which one?", then="pending")
    before = await paused(house, ticket)
    async with house.world.work() as work:
        await set_status(work, house.actor("ben"), ticket, "open")
    assert before == [True]
    assert await paused(house, ticket) == [False]


async def paused(house: House, ticket: int) -> list[bool]:
    found = await house.world.rows(
        "SELECT paused FROM escalation_case WHERE subject_kind = 'ticket' AND subject_id = :id",
        id=ticket,
    )
    return [row[0] for row in found]
