"""Cases that a flow opens about the ticket that began it."""

from __future__ import annotations

import pytest

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.tickets import Question, set_status, take_in
from tests.driving.house import House, furnished

FLOW = """
flow: asking
label: Asking
subject: contact
purpose: service
trigger: {on: event, event: Ticket Opened}
entry: {once_per: ticket_id}
steps:
  raise: {do: escalate, about: ticket, title: Angry, timeout: 1d,
          levels: [{to: owner}, {to: manager, after: 4h}],
          exits: {acknowledged: taken, exhausted: alone}}
  taken: {do: exit, outcome: taken}
  alone: {do: exit, outcome: alone}
"""


@pytest.fixture
async def house(store: Store) -> House:
    house = await furnished(store)
    await house.world.publish(FLOW)
    return house


async def opened(house: House, subject: str, contact: int) -> int:
    async with house.world.work() as work:
        return (await take_in(work, SYSTEM, Question(subject, "!", contact_id=contact))).ticket_id


async def becomes(house: House, ticket: int, status: str) -> None:
    async with house.world.work() as work:
        await set_status(work, house.actor("ben"), ticket, status)


async def cases(house: House) -> list[tuple[object, ...]]:
    found = await house.world.rows(
        "SELECT subject_kind, subject_id, status, paused FROM escalation_case ORDER BY id"
    )
    return [tuple(row) for row in found]


async def test_the_case_ends_with_its_ticket_and_lets_the_run_go_on(house: House) -> None:
    [ada] = await house.world.people(1, owner_id=house.ids["ben"])
    first, second = await opened(house, "A", ada), await opened(house, "B", ada)
    await house.go_on()
    assert {row[:3] for row in await cases(house)} == {
        ("ticket", first, "open"),
        ("ticket", second, "open"),
    }
    await becomes(house, first, "solved")
    await house.later(hours=5)
    assert sorted(map(str, await house.outcomes())) == ["None", "taken"]
    # the manager hears of the other one alone
    assert house.told().count("eve@example.com") == 1


async def test_a_ticket_solved_before_the_case_has_none(house: House) -> None:
    [ada] = await house.world.people(1, owner_id=house.ids["ben"])
    ticket = await opened(house, "A", ada)
    await becomes(house, ticket, "solved")
    await house.go_on()
    assert await house.outcomes() == ["taken"]
    assert await cases(house) == []
    assert house.told() == []


async def test_while_the_customer_must_answer_the_case_stands_still(house: House) -> None:
    [ada] = await house.world.people(1, owner_id=house.ids["ben"])
    ticket = await opened(house, "A", ada)
    await becomes(house, ticket, "pending")
    await house.go_on()
    assert await cases(house) == [("ticket", ticket, "open", True)]
    await house.later(days=2)
    assert house.told() == ["ben@example.com"]
