"""Opening, folding, answering, swapping duty, on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.escalations.urgency import Urgency
from engine.services.actor import SYSTEM, Actor
from engine.services.erasing.erase import erase_contact
from engine.services.escalations import (
    InlinePolicy,
    cases_about,
    duty,
    list_cases,
    resolve_cases,
    show_case,
)
from engine.services.escalations.handover import give_cases
from engine.services.merging import merge_contacts
from engine.services.organisation.absences import cancel_absence, list_absences
from engine.services.people import deactivate_user
from tests.escalations.office import Office, at

CLOCK = """
escalation_policy: promise
time: clock
levels: [{to: owner}, {to: manager, after: 1h, if_empty: hold}, {to: "role:admin", after: 1h}]
wait: 1h
"""
DUTY = """
escalation_policy: night
time: clock
levels: [{to: "on_duty:first"}]
rotations:
  first: {turns: daily, starts: 2026-03-02, zone: UTC, members: [gil@example.com, ben@example.com]}
"""


@pytest.fixture
async def office(store: Store) -> Office:
    office = await Office.furnished(store)
    await office.publish(CLOCK)
    return office


async def test_asks_about_the_same_fold_into_one_case_with_the_higher_urgency(
    office: Office,
) -> None:
    first = await office.open("promise", key="a")
    assert await office.open("promise", key="a") == first
    assert await office.open("promise", key="b", urgency=Urgency.URGENT) == first
    assert await office.open("promise", key="c", urgency=Urgency.LOW) == first
    assert await office.open("promise", subject_id=8, key="d") != first
    async with office.world.work() as work:
        case, steps = await show_case(work.session, SYSTEM, first)
    assert (case.asked, case.urgency) == (3, "urgent")
    assert [one.kind for one in steps] == ["told", "folded", "folded"]
    await office.answer("ben", first, "resolve")
    assert await office.open("promise", key="e") != first


async def test_asks_at_once_open_one_case(office: Office) -> None:
    found = await asyncio.gather(*(office.open("promise", key=f"k{n}") for n in range(8)))
    assert len(set(found)) == 1
    assert await office.told() == [("ben", "Late")]


async def test_a_case_keeps_its_version_when_the_policy_changes(office: Office) -> None:
    old = await office.open("promise")
    await office.publish(CLOCK.replace("to: manager, after: 1h", "to: manager, after: 9h"))
    new = await office.open("promise", subject_id=8)
    await office.until((office.world.now + timedelta(hours=1)).isoformat()[:19])
    assert len(await office.log(old)) == 2
    assert len(await office.log(new)) == 1


async def test_a_policy_that_nobody_published_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match='"nobodys"'):
        await office.open("nobodys")
    with pytest.raises(Refused, match="cannot be read"):
        await office.open(InlinePolicy("x", {"levels": []}))


async def test_one_of_two_who_take_it_up_has_it_and_the_same_answer_counts_once(
    office: Office,
) -> None:
    case = await office.open("promise")
    answers = await asyncio.gather(
        office.answer("ben", case, "acknowledge"),
        office.answer("eve", case, "acknowledge"),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in answers) == ["Answered", "Conflict"]
    has_it = "ben" if not isinstance(answers[0], Conflict) else "eve"
    again = await office.answer(has_it, case, "acknowledge")
    assert again.code == "already"
    for _ in range(3):
        done = await office.answer(has_it, case, "resolve", answer_id="one")
        assert done.code == "accepted"
    late = await office.answer("dora", case, "resolve")
    assert late.code == "already"
    with pytest.raises(Conflict, match="is over"):
        await office.answer("dora", case, "acknowledge")
    assert [kind for _, kind, _ in await office.log(case)] == ["told", "taken", "ended"]


async def test_a_case_that_was_taken_by_somebody_who_is_let_go_is_open_again(
    office: Office,
) -> None:
    case = await office.open("promise")
    await office.answer("ben", case, "acknowledge")
    async with office.world.store.store.transaction() as session:
        await deactivate_user(session, SYSTEM, office.ids["ben"], office.world.now)
    await office.until(office.world.now.isoformat()[:19])
    assert await office.status(case) == "open"
    await office.until((office.world.now + timedelta(hours=1)).isoformat()[:19])
    assert ("eve", "Late") in await office.told()


async def test_whoever_stands_in_for_one_that_has_a_case_finds_it(office: Office) -> None:
    case = await office.open("promise")
    await office.answer("ben", case, "acknowledge")
    await office.away("ben", "2026-03-01T00:00", "2026-04-01T00:00", "gil")
    await office.until("2026-03-05T09:00")
    assert await office.status(case) == "acknowledged"
    assert (await office.told())[1:] == [("gil", "已逾期")]
    assert [(kind, who) for _, kind, who in await office.log(case)][-1] == ("stood_in", "gil")
    actor = Actor("user", office.ids["gil"], "Gil", "service")
    async with office.world.work() as work:
        mine = await list_cases(work.session, actor, mine=True)
    assert [one.id for one in mine] == [case]


async def test_who_may_not_answer_is_refused(office: Office) -> None:
    case = await office.open("promise")
    with pytest.raises(NotAllowed):
        await office.answer("vic", case, "acknowledge")
    with pytest.raises(NotFound):
        await office.answer("ben", case + 1, "acknowledge")
    with pytest.raises(Refused, match="Nobody of this name"):
        await office.answer("ben", case, "reassign", to=999)
    assert await office.status(case) == "open"


async def test_a_case_is_given_to_somebody_who_is_told_or_to_their_deputy(office: Office) -> None:
    case = await office.open("promise")
    await office.answer("ben", case, "reassign", to=office.ids["gil"])
    assert await office.told() == [("ben", "Late"), ("gil", "已逾期")]
    await office.away("eve", "2026-03-01T00:00", "2026-04-01T00:00", "dora")
    await office.answer("ben", case, "reassign", to=office.ids["eve"])
    assert (await office.log(case))[-1][1:] == ("taken", "dora")


async def test_what_is_resolved_about_a_subject_is_over_for_everybody(office: Office) -> None:
    case = await office.open("promise")
    other = await office.open("promise", subject_id=8)
    async with office.world.work() as work:
        assert await resolve_cases(work, "ticket", [7, 9]) == [case]
        assert await resolve_cases(work, "ticket", 7) == []
    assert await office.status(case) == "resolved"
    assert await office.status(other) == "open"
    async with office.world.work() as work:
        assert [one.id for one in await list_cases(work.session, SYSTEM)] == [other]
        assert [one.id for one in await list_cases(work.session, SYSTEM, over=True)] == [case]


async def test_a_held_case_goes_on_when_somebody_is_back_before_the_date(office: Office) -> None:
    await office.away("eve", "2026-03-01T00:00", "2026-04-01T00:00")
    case = await office.open("promise")
    await office.until("2026-03-02T10:00")
    assert await office.status(case) == "held"
    assert (await office.told())[-1] == ("dora", "Nobody takes it up: Late")
    async with office.world.store.store.transaction() as session:
        [line] = await list_absences(session, SYSTEM, since=office.world.now)
        await cancel_absence(session, SYSTEM, line.id, office.world.now)
    await office.world.tend_due()
    assert (await office.log(case))[-1][1:] == ("told", "eve")


async def test_the_owner_who_changes_is_told_of_what_comes(office: Office) -> None:
    case = await office.open("promise")
    await office.answer("ben", case, "acknowledge")
    async with office.world.work() as work:
        given = await give_cases(work, office.ids["ben"], {case: office.ids["gil"]})
    assert given == [case]
    assert (await office.log(case))[-1][1:] == ("taken", "gil")
    [[owner]] = await office.world.rows("SELECT owner_id FROM escalation_case")
    assert owner == office.ids["gil"]


async def test_duty_is_shown_and_swapped(office: Office) -> None:
    await office.publish(DUTY)
    now, ids = at("2026-03-02T10:00"), office.ids
    ben = Actor("user", ids["ben"], "Ben", "rep")
    eve = Actor("user", ids["eve"], "Eve", "sales_manager")
    swap = (at("2026-03-02T09:00"), at("2026-03-02T12:00"))
    async with office.world.work() as work:
        [one] = await duty.duties(work.session, ben, now)
        assert (one.name, one.next_name, one.next_at) == ("Gil", "Ben", at("2026-03-03T09:00"))
        # taking it over is everybody's, giving it away is not
        await duty.override_duty(work.session, ben, "night", "first", ids["ben"], *swap, now=now)
        with pytest.raises(NotAllowed):
            await duty.override_duty(
                work.session, ben, "night", "first", ids["eve"], *swap, now=now
            )
        [one] = await duty.duties(work.session, ben, now)
        assert (one.name, one.next_name, one.next_at) == ("Ben", "Gil", swap[1])
        id_ = await duty.override_duty(
            work.session, eve, "night", "first", ids["eve"], *swap, now=now
        )
    office.world.now = now
    case = await office.open("night")
    assert (await office.log(case))[0][1:] == ("told", "eve")
    async with office.world.work() as work:
        await duty.cancel_override(work.session, eve, id_)
        [one] = await duty.duties(work.session, eve, now)
        assert one.name == "Ben"
        with pytest.raises(NotFound):
            await duty.cancel_override(work.session, eve, id_)
        with pytest.raises(Refused) as wrong:
            await duty.override_duty(
                work.session, eve, "night", "nobodys", 999, swap[1], swap[0], now=now
            )
    assert [one.place for one in wrong.value.problems] == ["/rotation", "/user_id", "/ends_at"]


async def test_duty_of_another_policy_may_be_named(office: Office) -> None:
    await office.publish(DUTY)
    await office.publish(
        "escalation_policy: other\ntime: clock\nlevels: [{to: 'on_duty:night/first'}]\n"
    )
    office.world.now = at("2026-03-03T10:00")
    case = await office.open("other")
    assert (await office.log(case))[0][1:] == ("told", "ben")


async def test_many_cases_are_resolved_in_few_statements(office: Office) -> None:
    for subject in range(30):
        await office.open("promise", subject_id=subject)
    async with office.world.work() as work:
        ids = await resolve_cases(work, "ticket", range(30))
    assert len(ids) == 30
    assert await office.world.rows("SELECT 1 FROM clock") == []


async def test_cases_of_two_contacts_that_are_one_stay_and_go_with_the_contact(
    office: Office,
) -> None:
    world = office.world
    ada, twin = await world.people(2)
    cases = [
        await office.open("promise", subject_id=one, subject_kind="contact", key=str(one))
        for one in (ada, twin)
    ]
    of_a_ticket = await office.open("promise", subject_id=7, contact_id=twin, key="ticket")
    async with world.store.store.transaction() as session:
        await merge_contacts(
            session,
            SYSTEM,
            ada,
            twin,
            plans=world.parts.plans,
            announcer=world.parts.announcer,
            now=world.now,
            zone="UTC",
        )
    assert await office.told() == [("ben", "Late")] * 3
    async with world.work() as work:
        about = await cases_about(work.session, SYSTEM, "contact", ada)
    assert sorted(one.id for one in about) == cases
    # what clashes with nothing is joined as before
    assert await office.open("promise", 7, contact_id=ada, key="again") == of_a_ticket
    assert await office.open("promise", ada, subject_kind="contact", key="more") == cases[0]
    async with world.store.store.transaction() as session:
        await erase_contact(session, SYSTEM, ada, now=world.now, zone="UTC")
    assert await world.rows("SELECT 1 FROM escalation_case") == []
    assert await office.told() == []
    # their hosts find nothing to look after and end
    await office.until("2026-03-02T09:00")
    assert await world.rows("SELECT 1 FROM clock") == []
