"""Tickets from the first question to the last word, on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from crm_store.erasing import _STATEMENTS
from crm_store.record_changes import NewTicket, add_tickets
from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.tickets import (
    Question,
    TicketFilter,
    answer,
    customer_wrote,
    give_satisfaction,
    list_tickets,
    merge,
    note,
    save_policy,
    set_owner,
    set_priority,
    set_status,
    show_ticket,
    take_in,
)
from engine.services.work import Work
from tests.tickets.service_desk import ADA, BEN, CLEO, POLICY, Desk


async def test_a_question_becomes_a_ticket_of_the_owner_with_a_clock(desk: Desk) -> None:
    taken = await desk.asks()
    assert taken.new
    owner, status, priority = await desk.row(taken.ticket_id, "owner_id", "status", "priority")
    assert (owner, status, priority) == (1, "new", "normal")
    assert await desk.due(taken.ticket_id) == desk.clock.now() + timedelta(hours=3)
    assert await desk.events() == ["Ticket Opened"]


async def test_the_first_rule_that_holds_says_the_priority(desk: Desk) -> None:
    urgent = await desk.asks("Total outage")
    assert await desk.row(urgent.ticket_id, "priority") == ("urgent",)
    given = await desk.asks("Another outage", priority="low")
    assert await desk.row(given.ticket_id, "priority") == ("low",)


async def test_a_second_question_about_the_same_is_said_on_the_open_ticket(desk: Desk) -> None:
    first = await desk.asks("It does not work")
    second = await desk.asks("RE: 回复：it does  not work", body="Are you there?")
    assert second == type(second)(first.ticket_id, False)
    said = await desk.rows("SELECT author_kind, body FROM ticket_comment ORDER BY id")
    assert said == [("contact", "Please help"), ("contact", "Are you there?")]
    other = await desk.asks("Something else")
    assert other.ticket_id != first.ticket_id
    await desk.later(days=8)
    assert (await desk.asks("Re: It does not work")).new


async def test_somebody_else_s_question_is_never_said_on_this_ticket(desk: Desk) -> None:
    first = await desk.asks("Invoice")
    other = await desk.asks("Invoice", email="Nobody.Known@example.com", name="Noor")
    assert other.new
    assert other.ticket_id != first.ticket_id
    again = await desk.asks("Invoice", email="nobody.known@EXAMPLE.com")
    assert again.ticket_id == other.ticket_id
    [(count,)] = await desk.rows("SELECT count(*) FROM contact")
    assert count == 2


async def test_the_same_message_is_taken_in_once(desk: Desk) -> None:
    first = await desk.asks("A", message_id="m-1", source="form")
    assert await desk.asks("B", message_id="m-1", source="form") == type(first)(
        first.ticket_id, False
    )
    named = await desk.asks("C", external_id="T-1")
    assert (await desk.asks("C", external_id="T-1")).ticket_id == named.ticket_id
    [(count,)] = await desk.rows("SELECT count(*) FROM ticket_comment")
    assert count == 2


async def test_an_answer_stops_the_response_clock_and_a_note_does_not(desk: Desk) -> None:
    ticket = (await desk.asks()).ticket_id
    await desk.later(hours=1)
    await desk.does(note, ticket, "Looks like the printer")
    assert await desk.row(ticket, "first_response_at") == (None,)
    await desk.does(answer, ticket, "Which printer?", then="pending")
    first, status = await desk.row(ticket, "first_response_at", "status")
    assert (first, status) == (desk.clock.now(), "pending")
    # the customer must answer: nothing is due
    assert await desk.due(ticket) is None
    await desk.later(days=30)
    assert await desk.told() == []
    assert await desk.does(customer_wrote, ticket, "The blue one", by=SYSTEM) == ticket
    assert await desk.row(ticket, "status") == ("open",)
    assert await desk.due(ticket) == desk.clock.now() + timedelta(hours=35)
    internal = await desk.rows("SELECT internal, author_id FROM ticket_comment ORDER BY id")
    assert internal == [(False, None), (True, 1), (False, 1), (False, None)]


async def test_the_owner_is_told_before_and_after_the_time_is_over(desk: Desk) -> None:
    ticket = (await desk.asks()).ticket_id
    await desk.later(days=3)
    assert await desk.told() == [
        (1, f"Ticket {ticket}: 75% of the time for the first answer is over"),
        (1, f"Ticket {ticket}: the time for the first answer is over"),
        (1, f"Ticket {ticket}: 75% of the time for the solution is over"),
        (1, f"Ticket {ticket}: the time for the solution is over"),
    ]
    assert await desk.events() == ["Ticket Opened", "Ticket Breached", "Ticket Breached"]
    assert await desk.due(ticket) is None


async def test_a_higher_priority_is_due_sooner(desk: Desk) -> None:
    ticket = (await desk.asks()).ticket_id
    await desk.later(hours=2)
    await desk.does(set_priority, ticket, "urgent")
    assert await desk.events() == ["Ticket Opened", "Ticket Breached"]
    assert await desk.due(ticket) == desk.clock.now() + timedelta(hours=1)


async def test_a_ticket_of_nobody_is_told_to_those_who_serve(desk: Desk) -> None:
    ticket = (await desk.asks("Hello", email="new@example.com")).ticket_id
    assert await desk.told() == [(1, f"Ticket {ticket} belongs to nobody")]
    await desk.does(set_owner, ticket, 2)
    assert await desk.row(ticket, "owner_id") == (2,)
    with pytest.raises(Refused):
        await desk.does(set_owner, ticket, 99)


async def test_solved_closes_after_days_and_an_answer_opens_it_again(desk: Desk) -> None:
    ticket = (await desk.asks()).ticket_id
    await desk.does(answer, ticket, "Turn it on", then="solved")
    await desk.later(days=5)
    assert await desk.row(ticket, "status") == ("closed",)
    assert await desk.due(ticket) == "over"
    await desk.later(days=10)
    assert await desk.does(customer_wrote, ticket, "Still broken", by=SYSTEM) == ticket
    assert await desk.row(ticket, "status", "reopened") == ("open", 1)
    assert await desk.events() == [
        *("Ticket Opened", "Ticket Solved", "Ticket Answered", "Ticket Closed"),
        "Ticket Reopened",
    ]


async def test_what_is_said_too_late_is_a_new_ticket(desk: Desk) -> None:
    ticket = (await desk.asks()).ticket_id
    await desk.does(set_status, ticket, "closed")
    await desk.later(days=15)
    new = await desk.does(customer_wrote, ticket, "Broken again", by=SYSTEM, message_id="m-9")
    assert new != ticket
    again = await desk.does(customer_wrote, ticket, "Broken again", by=SYSTEM, message_id="m-9")
    assert again == new
    # what is said after that is about the ticket that is open now
    more = await desk.does(customer_wrote, ticket, "Hello?", by=SYSTEM, message_id="m-10")
    assert more == new
    assert await desk.row(ticket, "status") == ("closed",)


async def test_a_question_that_is_merged_into_a_solved_ticket_opens_it(desk: Desk) -> None:
    solved = (await desk.asks("A")).ticket_id
    await desk.does(answer, solved, "Turn it on", then="solved")
    question = (await desk.asks("B")).ticket_id
    await desk.does(merge, question, solved)
    assert await desk.row(solved, "status", "reopened") == ("open", 1)
    assert await desk.due(solved) not in (None, "over")


async def test_where_nobody_is_there_the_admins_find_it_when_they_are_back(desk: Desk) -> None:
    await desk.rows("UPDATE \"user\" SET role = 'admin' RETURNING 1")
    await desk.rows(
        "INSERT INTO absence (user_id, starts_at, ends_at, note, created_by)"
        " SELECT id, '2000-01-01', '2100-01-01', '', id FROM \"user\" RETURNING 1"
    )
    ticket = (await desk.asks("Hello", email="new@example.com")).ticket_id
    assert (1, f"Ticket {ticket} belongs to nobody") in await desk.told()


async def test_merged_tickets_have_one_story(desk: Desk) -> None:
    first, second = (await desk.asks("A")).ticket_id, (await desk.asks("B")).ticket_id
    await desk.does(merge, second, first)
    await desk.does(merge, second, first)
    said = await desk.rows("SELECT DISTINCT ticket_id FROM ticket_comment")
    assert said == [(first,)]
    status, into, asked = await desk.row(
        second, "status", "merged_into_id", "satisfaction_asked_at"
    )
    assert (status, into, asked) == ("closed", first, None)
    assert await desk.does(customer_wrote, second, "More", by=SYSTEM) == first
    with pytest.raises(Conflict):
        await desk.does(answer, second, "Hello")
    other = (await desk.asks("C", email="new@example.com")).ticket_id
    with pytest.raises(Refused):
        await desk.does(merge, other, first)


async def test_a_ticket_keeps_the_promises_it_was_opened_under(desk: Desk) -> None:
    before = (await desk.asks("A")).ticket_id
    await desk.policy(POLICY.replace("response: 4h", "response: 2h"))
    after = (await desk.asks("B")).ticket_id
    assert await desk.due(before) == desk.clock.now() + timedelta(hours=3)
    assert await desk.due(after) == desk.clock.now() + timedelta(hours=1.5)


async def test_an_older_ticket_is_kept_from_the_first_touch_on(desk: Desk) -> None:
    [(old,)] = await desk.rows(
        "INSERT INTO ticket (subject, contact_id, owner_id, opened_at, status)"
        " VALUES ('Old', 1, 1, '2020-01-01', 'open') RETURNING id"
    )
    await desk.does(set_priority, old, "urgent")
    assert await desk.due(old) == desk.clock.now() + timedelta(minutes=45)


async def test_who_may_do_what(desk: Desk) -> None:
    ticket = (await desk.asks()).ticket_id
    viewer = Actor("user", 2, "Vera", "viewer")
    for action, args in ((answer, ("Hi",)), (set_status, ("solved",)), (note, ("Hm",))):
        with pytest.raises(NotAllowed):
            await desk.does(action, ticket, *args, by=viewer)
    with pytest.raises(NotAllowed):
        async with desk.store.transaction() as session:
            await save_policy(session, BEN, POLICY, desk.clock.now())
    with pytest.raises(NotFound):
        await desk.does(answer, 99, "Hi")
    async with desk.store.transaction() as session:
        lines = await list_tickets(session, viewer, TicketFilter(status="unsolved"))
        shown = await show_ticket(session, viewer, ticket, desk.clock.now(), "UTC")
    assert [one.id for one in lines] == [ticket]
    assert [(one.clock, one.running) for one in shown.clocks] == [
        ("response", True),
        ("resolution", True),
    ]
    assert shown.clocks[0].due_at == desk.clock.now() + timedelta(hours=4)


async def test_every_mistake_of_a_question_is_told_at_once(desk: Desk) -> None:
    async with desk.work() as work:
        with pytest.raises(Refused) as refused:
            await take_in(
                work, CLEO, Question(" ", priority="soon", email="nobody", external_id="x" * 201)
            )
    places = [one.place for one in refused.value.problems]
    assert sorted(places) == ["/email", "/external_id", "/priority", "/subject"]
    assert ADA == 1


async def test_two_doors_at_once_make_one_ticket_of_one_question(desk: Desk) -> None:
    taken = await asyncio.gather(*(desk.asks("Where is it?") for _ in range(4)))
    assert len({one.ticket_id for one in taken}) == 1
    assert [one.new for one in taken].count(True) == 1
    [(count,)] = await desk.rows("SELECT count(*) FROM ticket_comment")
    assert count == 4


async def test_a_ticket_that_a_flow_makes_is_kept_within_moments(desk: Desk) -> None:
    async with desk.store.transaction() as session:
        made = NewTicket(ADA, "Silent", "normal", None)
        [(ticket, _)] = await add_tickets(session, [made], desk.clock.now())
    await desk.later(seconds=1)
    assert await desk.due(ticket) == desk.clock.now() + timedelta(hours=3, seconds=-1)
    await desk.later(hours=4)
    assert await desk.events() == ["Ticket Breached"]


async def test_erasing_leaves_the_times_and_no_word(desk: Desk) -> None:
    ticket = (await desk.asks("Ada's own words", body="Secret")).ticket_id
    await desk.does(answer, ticket, "Dear Ada", then="closed")
    async with desk.store.transaction() as session:
        await give_satisfaction(Work(session, desk.clock.now(), desk.shared), ticket, 3, "Hm")
    async with desk.store.transaction() as session:
        for statement in dict(_STATEMENTS)["ticket_comment"], dict(_STATEMENTS)["ticket"]:
            await session.execute(text(statement), {"id": ADA})
    left = await desk.rows("SELECT row_to_json(t)::text FROM ticket t")
    assert "words" not in left[0][0]
    assert "Hm" not in left[0][0]
    assert await desk.rows("SELECT 1 FROM ticket_comment") == []
    assert (await desk.row(ticket, "first_response_at"))[0] == desk.clock.now()
