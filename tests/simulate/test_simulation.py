"""A flow on paper: what people would get, when, and why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.effects import Outcome, Receipt
from engine.simulate import HELD_OUT, Habit, Occurrence, simulate
from tests.simulate.simulating import START, WELCOME, person, plan_of, run

AUDIENCE = WELCOME.replace(
    "{on: event, event: Signed Up}", "{on: segment, when: {'==': [{var: contact.country}, SG]}}"
)
DAILY = """
flow: daily
label: Daily
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: manual}
entry: once
steps:
  nine:   {do: wait_until, at: "09:00", exits: {reached: hello, missed: done}}
  hello:  {do: send_message, template: welcome, next: mark}
  mark:   {do: adjust_score, by: 5, next: again}
  again:  {do: jump, at_most: 2, exits: {again: nine, enough: check}}
  check:
    do: branch
    cases: [{when: {">=": [{var: contact.score}, 15]}, next: many}]
    else: done
  many:   {do: exit, outcome: many}
  done:   {do: exit}
"""


def signs_up(person_id: int, **after: float) -> Occurrence:
    return Occurrence(START + timedelta(**after), person_id, "Signed Up")


def test_whoever_visits_gets_the_offer_at_once() -> None:
    visit = Occurrence(START + timedelta(days=1), 1, "Visited Pricing")
    trace = run(WELCOME, person(1), occurrences=[signs_up(1), visit])
    [journey] = trace.journeys
    assert [(sent.at - START, sent.template) for sent in journey.sent] == [
        (timedelta(), "welcome"),
        (timedelta(days=1), "offer"),
    ]
    assert trace.outcomes() == {"ended: done": 1}


def test_whoever_does_not_is_called_after_three_days() -> None:
    trace = run(WELCOME, person(1), occurrences=[signs_up(1)])
    [journey] = trace.journeys
    assert len(journey.sent) == 1
    assert [e["at"] for e in journey.entries if e.get("to") == "call"] == [
        (START + timedelta(days=3)).isoformat()
    ]


def test_a_timeout_that_was_reached_first_stays_first() -> None:
    visit = Occurrence(START + timedelta(days=3), 1, "Visited Pricing")
    trace = run(WELCOME, person(1), occurrences=[signs_up(1), visit])
    assert [sent.template for sent in trace.journeys[0].sent] == ["welcome"]


def test_an_audience_enters_by_its_rule() -> None:
    trace = run(AUDIENCE, person(1, country="SG"), person(2, country="DE"), person(3))
    assert [journey.person_id for journey in trace.journeys] == [1]


def test_missing_consent_leaves_by_withheld() -> None:
    silent = person(1)
    silent.marketing = Receipt(Outcome.WITHHELD, "no_consent")
    trace = run(WELCOME, silent, occurrences=[signs_up(1)])
    assert trace.journeys[0].sent == []
    assert trace.counts["hello", "withheld"] == 1


def test_a_customer_is_let_go_by_the_exit_rule() -> None:
    trace = run(WELCOME, person(1, lifecycle_stage="customer"), occurrences=[signs_up(1)])
    assert trace.outcomes() == {"ended: exit_rule": 1}


def test_entering_twice_is_refused_as_the_policy_says() -> None:
    trace = run(WELCOME, person(1), occurrences=[signs_up(1), signs_up(1, days=5)])
    assert len(trace.journeys) == 1
    again = WELCOME.replace("entry: once", "entry: after_exit")
    trace = run(
        again, person(1), occurrences=[signs_up(1), signs_up(1, days=1), signs_up(1, days=5)]
    )
    assert [journey.entered_at - START for journey in trace.journeys] == [
        timedelta(),
        timedelta(days=5),
    ]


def test_the_holdout_receives_nothing() -> None:
    held = AUDIENCE.replace("entry: once", "entry: once\nholdout: 50")
    trace = run(held, *(person(n, country="SG") for n in range(200)))
    out = [journey for journey in trace.journeys if journey.held_out]
    assert 60 < len(out) < 140
    assert not any(journey.sent for journey in out)
    assert trace.outcomes()[f"ended: {HELD_OUT}"] == len(out)


def test_a_change_is_read_by_the_rules_behind_it() -> None:
    trace = run(DAILY, person(1, score=0), person(2, score=-1))
    assert {journey.person_id: journey.standing.outcome for journey in trace.journeys} == {
        1: "many",
        2: "done",
    }


def test_mornings_are_local_and_the_calendar_of_sends_too() -> None:
    trace = run(DAILY, person(1, time_zone="Asia/Tokyo"), person(2, time_zone="America/New_York"))
    tokyo, new_york = (journey.sent for journey in trace.journeys)
    assert tokyo[0].at == START + timedelta(hours=15)
    assert new_york[0].at == START + timedelta(hours=5)
    assert trace.sends_by_day() == {
        date(2026, 3, 2): 1,
        date(2026, 3, 3): 2,
        date(2026, 3, 4): 2,
        date(2026, 3, 5): 1,
    }
    assert trace.most_per_person_in_a_day() == 1


def test_mornings_keep_their_hour_when_the_clocks_change() -> None:
    trace = run(DAILY, person(1, time_zone="America/New_York"), days=10)
    spring = simulate(
        plan_of(DAILY),
        [person(1, time_zone="America/New_York")],
        start_at=START + timedelta(days=5),
        lasts=timedelta(days=5),
    )
    assert [sent.at.hour for sent in trace.journeys[0].sent] == [14, 14, 14]
    assert [sent.at.hour for sent in spring.journeys[0].sent] == [14, 13, 13]


def test_what_never_happened_is_listed() -> None:
    trace = run(WELCOME, person(1), occurrences=[signs_up(1)])
    assert ("offer", "") in trace.never()
    assert ("visit", "happened") in trace.never()
    assert ("hello", "sent") not in trace.never()


def test_habits_are_chance_that_comes_out_the_same() -> None:
    habit = Habit("Visited Pricing", 40, timedelta(days=2))
    ups = [signs_up(n) for n in range(300)]
    first, again, other = (
        run(WELCOME, *map(person, range(300)), occurrences=ups, habits=[habit], seed=seed)
        for seed in ("1", "1", "2")
    )
    assert first.counts == again.counts
    assert first.counts != other.counts
    assert 80 < first.counts["visit", "happened"] < 160


def test_nothing_happens_after_the_end() -> None:
    trace = run(WELCOME, person(1), occurrences=[signs_up(1), signs_up(2, days=30)], days=2)
    assert trace.outcomes() == {"active: visit": 1}


def test_strangers_are_ignored() -> None:
    assert run(WELCOME, occurrences=[signs_up(7)]).journeys == []


@pytest.mark.parametrize("source", [WELCOME, AUDIENCE, DAILY])
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.sampled_from(["Signed Up", "Visited Pricing", "Else"]),
            st.integers(0, 9 * 24 * 60),
        ),
        max_size=12,
    )
)
def test_nobody_stands_twice_and_every_message_has_its_visit(
    source: str, happenings: list[tuple[int, str, int]]
) -> None:
    occurrences = [
        Occurrence(START + timedelta(minutes=minute), who, what) for who, what, minute in happenings
    ]
    people = [person(n, country="SG") for n in (1, 2, 3)]
    trace = run(source, *people, occurrences=occurrences)
    assert len({journey.person_id for journey in trace.journeys}) == len(trace.journeys)
    for journey in trace.journeys:
        moments = [entry["at"] for entry in journey.entries]
        assert moments == sorted(moments)
        asked = [(e["node"], e["visit"]) for e in journey.entries if e["what"] == "asked"]
        assert len(asked) == len(set(asked)) == len(journey.sent)
    entered = sum(count for (_, exit_), count in trace.counts.items() if not exit_)
    left = sum(count for (_, exit_), count in trace.counts.items() if exit_)
    standing = sum(journey.standing.state == "active" for journey in trace.journeys)
    assert entered - left == standing


def test_a_wait_for_a_date_follows_the_change_the_flow_makes() -> None:
    moving = """
flow: moving
label: Moving
subject: contact
purpose: service
trigger: {on: manual}
entry: once
steps:
  wait:   {do: wait_until, date: birthday, yearly: true, at: "09:00", next: wish}
  wish:   {do: send_message, template: welcome, next: done}
  done:   {do: exit}
"""
    change = """
flow: changing
label: Changing
subject: contact
purpose: service
trigger: {on: event, event: Contact Updated}
entry: always
steps:
  hello:  {do: send_message, template: welcome, next: mark}
  mark:   {do: update_record, set: {city: Berlin}, next: done}
  done:   {do: exit}
"""
    born = person(1, birthday=date(1990, 3, 8))
    trace = run(moving, born)
    assert [sent.at.date() for sent in trace.journeys[0].sent] == [date(2026, 3, 8)]
    started = [Occurrence(START, 1, "Contact Updated")]
    again = run(change, person(1), occurrences=started)
    # its own change starts it once more; after that nothing changes any more
    assert len(again.journeys) == 2
