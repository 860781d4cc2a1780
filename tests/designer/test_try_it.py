"""Trying a flow: what is asked, what is told, and the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from crm_store.session import Store
from designer.components.flow_canvas import FlowCanvas
from designer.flow_graph import draw
from designer.formats import Formats
from designer.i18n import translator
from designer.try_it.asked import Asked, EventLine, HabitLine
from designer.try_it.figures import busiest, counts, messages_by_day
from designer.try_it.told import run_of, steps_of
from engine.errors import Refused
from engine.services.messages import SenderSettings
from engine.services.simulating import Office
from engine.services.views.faces import Face
from engine.simulate import Occurrence
from tests.browser.serve import sender_settings, shipped_templates
from tests.designer.conftest import Visit, opened
from tests.simulate.simulating import CATALOGUE, START, WELCOME, person, plan_of, run

T = translator("en")


def office() -> Office:
    settings: SenderSettings = sender_settings()
    return Office(shipped_templates(), settings)


def asked(**more: object) -> Asked:
    return Asked("2026-03-02", "09:00", contact_id=7, **more)  # type: ignore[arg-type]


def test_what_is_typed_becomes_the_question() -> None:
    wanted = asked(
        events=[EventLine("Signed Up", "2h", 'plan = trial, amount = 20, paid = true, no = "7"')],
        habits=[HabitLine("Message Opened", "40", "6h")],
    )
    question = wanted.question("Europe/Berlin", office())
    assert question.start_at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert question.only == (7,)
    [event] = question.to_everybody
    assert event.after == timedelta(hours=2)
    assert event.properties == {"plan": "trial", "amount": 20, "paid": True, "no": "7"}
    assert question.habits[0].within == timedelta(hours=6)


def test_every_mistake_is_told_at_its_place() -> None:
    wanted = Asked("2026-02-30", "9", days="0", events=[EventLine("", "soon", "plan")])
    with pytest.raises(Refused) as refused:
        wanted.question("UTC", office())
    assert {one.place for one in refused.value.problems} == {
        *("/contact", "/start", "/days", "/events/0/event", "/events/0/after"),
        "/events/0/properties",
    }


@given(st.lists(st.text(), min_size=7, max_size=7))
def test_whatever_comes_from_a_browser_is_read_or_refused(written: list[str]) -> None:
    day, clock, days, people, event, after, properties = written
    wanted = Asked(
        day,
        clock,
        whom="segment",
        days=days,
        people=people,
        events=[EventLine(event, after, properties)],
        habits=[HabitLine(event, people, after)],
    )
    try:
        question = wanted.question("UTC", office())
    except Refused:
        return
    assert 1 <= question.people <= 5_000
    assert 1 <= question.days <= 400


def test_each_step_shows_the_way_up_to_it() -> None:
    trace = run(WELCOME, person(1), occurrences=[Occurrence(START, 1, "Signed Up")])
    flow = plan_of(WELCOME).flow
    graph = draw(flow, "g", T, CATALOGUE)
    page = run_of(trace, trace.journeys[0], Face(1, "Ada", "ada@example.test"), CATALOGUE)
    steps = steps_of(page, graph, None, T, Formats("en", "UTC"))
    titles = [step.line.title for step in steps]
    assert titles[0] == "Entered the flow"
    assert "Message sent to ada@example.test" in titles
    assert "“Visited Pricing” did not happen in time" in titles
    sent = steps[titles.index("Message sent to ada@example.test")]
    assert sent.nodes["hello"] == "done"
    assert sent.nodes["visit"] == "here"
    assert "call" not in sent.nodes
    assert steps[-1].nodes["call"] == "done"
    assert all(not step.line.links for step in steps)
    assert [len(step.edges) for step in steps] == sorted(len(step.edges) for step in steps)


def test_figures_of_many_agree_with_each_other() -> None:
    people = [person(id_) for id_ in range(1, 6)]
    happening = [Occurrence(START, id_, "Signed Up") for id_ in range(1, 5)]
    happening += [Occurrence(START + timedelta(hours=1), 1, "Visited Pricing")]
    trace = run(WELCOME, *people, occurrences=happening)
    nodes, edges = counts(trace, draw(plan_of(WELCOME).flow, "g", T, CATALOGUE))
    assert edges[0] == 4
    assert nodes[1] == [0, 0, 4]
    assert messages_by_day(trace) == [(START.date(), 5)]
    assert (busiest(trace)[0].person_id, busiest(trace)[0].messages) == (1, 2)


async def number_of(store: Store, email: str) -> int:
    async with store.transaction() as session:
        found = await session.scalar(
            text("SELECT id FROM contact WHERE email = :email"), {"email": email}
        )
    assert isinstance(found, int)
    return found


async def test_a_contact_is_led_through_step_by_step(visit: Visit, seeded: Store) -> None:
    ada = await number_of(seeded, "ada@example.test")
    await visit.user.open(f"/flows/win_back/try?contact={ada}")
    await visit.user.should_see("Ada Okafor")
    await visit.user.should_see("Entered the flow")
    await visit.user.should_see("Message sent to ada@example.test")
    await visit.user.should_see(kind=FlowCanvas)
    visit.user.find(marker="way-first").click()
    await visit.user.should_see("Step 1 of")
    visit.user.find(marker="way-on").click()
    await visit.user.should_see("Step 2 of")
    visit.user.find(marker="way-letter-1").click()
    await visit.user.should_see("Language: en")
    async with seeded.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM run WHERE entry_key LIKE 'x%'")) == 0


async def test_who_stays_outside_is_told_why(visit: Visit, seeded: Store) -> None:
    noah = await number_of(seeded, "noah@example.test")
    await visit.user.open(f"/flows/win_back/try?contact={noah}")
    await visit.user.should_see("Did not come in")
    await visit.user.should_see("The rule of the flow does not hold")


async def test_mistakes_of_the_form_stand_at_their_fields(visit: Visit) -> None:
    await visit.user.open("/flows/win_back/try")
    visit.user.find(marker="try-go").click()
    await visit.user.should_see("Choose the contact to try it with.")


async def test_many_people_are_added_up_and_one_of_them_followed(visit: Visit) -> None:
    await visit.user.open("/flows/win_back/try")
    visit.user.find(marker="try-whom-segment").click()
    visit.user.find(marker="try-go").click()
    await visit.user.should_see("Took part", retries=20)
    await visit.user.should_see("Messages a day")
    await visit.user.should_see("What never happened")


async def test_a_draft_that_cannot_be_read_says_what_to_mend(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await session.execute(
            text("UPDATE flow SET draft_source = 'flow: welcome' WHERE name = 'welcome'")
        )
    await visit.user.open("/flows/welcome/try")
    await visit.user.should_see("Cannot be tried yet")


async def test_who_may_only_look_may_try(seeded: Store) -> None:
    async with opened(seeded) as visit:
        await visit.sign_in("vera@cadenza.test")
        await visit.user.open("/flows/win_back/try")
        await visit.user.should_see("Try it before anybody gets it")
