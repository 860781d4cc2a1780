"""How people come into a simulated flow, and what the world answers them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engine.flows.entry import EarlierRuns
from engine.simulate import Occurrence, simulate
from engine.simulate.people import Person
from engine.simulate.surroundings import Approvals, Surroundings, replies_of
from tests.simulate.simulating import START, person, plan_of, run


def flow(trigger: str, steps: str, more: str = "") -> str:
    return f"""
flow: trying
label: Trying
subject: contact
purpose: service
trigger: {trigger}
{more}
steps:
{steps}
  done: {{do: exit}}
  other: {{do: exit}}
"""


MAIL = "  mail: {do: send_message, template: welcome, next: done}"
BIRTHDAY = "{on: date, field: birthday, yearly: true, at: '09:00'}"


def test_a_birthday_comes_in_the_morning_where_somebody_lives() -> None:
    ada = person(1, birthday=date(1990, 3, 5), time_zone="Asia/Tokyo")
    ben = person(2, birthday=date(1990, 3, 5), time_zone="America/New_York")
    trace = run(flow(BIRTHDAY, MAIL), ada, ben, person(3))
    assert [(one.person_id, one.entered_at) for one in trace.journeys] == [
        (1, datetime(2026, 3, 5, 0, tzinfo=UTC)),
        (2, datetime(2026, 3, 5, 14, tzinfo=UTC)),
    ]
    assert trace.journeys[0].entries[0]["why"]["occasion"] == "2026"


def test_a_lunar_birthday_comes_by_its_own_calendar() -> None:
    """Born on the first day of the lunar year 1990; that of 2026 began on 17 February."""
    born = person(1, birthday=date(1990, 1, 27), birthday_calendar="lunar")
    trace = simulate(
        plan_of(flow(BIRTHDAY, MAIL)),
        [born],
        start_at=datetime(2026, 1, 1, tzinfo=UTC),
        lasts=timedelta(days=365),
    )
    assert [one.entered_at.date() for one in trace.journeys] == [date(2026, 2, 17)]


def test_each_deal_has_a_day_of_its_own() -> None:
    deals = [
        {"id": 7, "expected_close_on": date(2026, 3, 4)},
        {"id": 8, "expected_close_on": date(2026, 3, 6)},
        {"id": 9, "expected_close_on": None},
    ]
    ada = Person(1, {"contact": {"id": 1}, "deals": deals}, "UTC")
    trace = run(flow("{on: date, field: deal.expected_close_on, at: '10:00'}", MAIL), ada)
    assert [one.entered_at.day for one in trace.journeys] == [4, 6]


def test_a_deal_that_was_lost_has_no_day_where_only_won_ones_count() -> None:
    deals = [
        {"id": 7, "expected_close_on": date(2026, 3, 4), "stage_kind": "lost"},
        {"id": 8, "expected_close_on": date(2026, 3, 6), "stage_kind": "won"},
    ]
    ada = Person(1, {"contact": {"id": 1}, "deals": deals}, "UTC")
    trace = run(flow("{on: date, field: deal.expected_close_on, deal_stage: won}", MAIL), ada)
    assert [one.entered_at.day for one in trace.journeys] == [6]


def test_a_schedule_lets_in_whom_its_rule_finds_then() -> None:
    weekly = (
        "{on: schedule, cron: '0 6 * * wed', zone: UTC, when: {'==': [{var: contact.country}, SG]}}"
    )
    trace = run(flow(weekly, MAIL), person(1, country="SG"), person(2, country="DE"), days=15)
    assert [(one.person_id, one.entered_at.day) for one in trace.journeys] == [(1, 4), (1, 11)]


def test_a_changed_record_lets_in_by_the_old_and_the_new_value() -> None:
    moved = (
        "{on: record, record: contact, updated: true, fields: [country],"
        " when: {changed_to: [{var: contact.country}, SG]}}"
    )
    said = {
        "record": "contact",
        "record_id": 1,
        "changes": {"country": ["DE", "SG"]},
    }
    change = Occurrence(START, 1, "Contact Updated", said, kind="record")
    of_others = Occurrence(START, 2, "Contact Updated", said)
    trace = run(flow(moved, MAIL), person(1), person(2), occurrences=[change, of_others])
    assert [one.person_id for one in trace.journeys] == [1]


def test_an_event_the_flow_records_is_heard() -> None:
    steps = """
  tell: {do: record_event, event: Promise Made, next: wait}
  wait: {do: wait_for, event: Promise Kept, timeout: P5D, next: done}"""
    goal = "goal: {event: Promise Made, within: P1D}"
    trace = run(flow("{on: manual}", steps, goal), person(1))
    assert trace.counts["tell", "done"] == 1
    assert trace.journeys[0].goal_at == START


@pytest.mark.parametrize(
    ("approvals", "exit_"),
    [("approved", "approved"), ("rejected", "rejected"), ("timed_out", "timed_out")],
)
def test_approvals_end_as_it_is_said(approvals: Approvals, exit_: str) -> None:
    steps = """
  ask:
    do: request_approval
    title: May we?
    timeout: P2D
    exits: {approved: done, rejected: other, timed_out: other}"""
    around = Surroundings(replies=replies_of(approvals))
    trace = run(flow("{on: manual}", steps), person(1), around=around)
    assert trace.counts["ask", exit_] == 1


@pytest.mark.parametrize("acknowledged", [True, False])
def test_escalations_are_taken_up_or_not(acknowledged: bool) -> None:
    steps = """
  up:
    do: escalate
    title: Somebody must look
    levels: [{to: owner}, {to: manager, after: P1D}]
    timeout: P1D
    exits: {acknowledged: done, exhausted: other}"""
    around = Surroundings(replies=replies_of(acknowledged=acknowledged))
    trace = run(flow("{on: manual}", steps), person(1), around=around)
    assert trace.counts["up", "acknowledged" if acknowledged else "exhausted"] == 1


def test_other_systems_answer_and_our_records_have_what_is_wanted() -> None:
    steps = """
  call:
    do: call_webhook
    url: https://example.com/hook
    exits: {ok: give, refused: other, gave_up: other}
  give: {do: assign, to: ben@example.com, exits: {assigned: start, nobody: other}}
  start: {do: start_flow, flow: welcome, exits: {started: done, refused: other}}"""
    trace = run(flow("{on: manual}", steps), person(1))
    assert trace.outcomes() == {"ended: done": 1}


def test_journals_are_kept_of_whom_somebody_wants_to_see() -> None:
    people = [person(n) for n in (1, 2, 3)]
    trace: Any = run(flow("{on: manual}", MAIL), *people, journals_of={2})
    assert [bool(one.entries) for one in trace.journeys] == [False, True, False]
    assert all(len(one.sent) == 1 for one in trace.journeys)


def test_an_escalation_is_taken_up_an_hour_after_the_first_level_was_told() -> None:
    steps = """
  up:
    do: escalate
    title: Please look
    levels: [{to: owner, after: 2h}, {to: manager, after: 30m}, {to: ben@example.com, after: 60m}]
    timeout: 4h
    exits: {acknowledged: done, exhausted: other}"""
    trace = run(flow("{on: manual}", steps), person(1))
    assert trace.journeys[0].entries[-1]["at"] == (START + timedelta(hours=3)).isoformat()
    around = Surroundings(replies=replies_of(acknowledged=False))
    trace = run(flow("{on: manual}", steps), person(1), around=around)
    assert trace.journeys[0].entries[-1]["at"] == (START + timedelta(hours=7.5)).isoformat()


def test_whoever_was_in_the_flow_before_comes_as_the_policy_says() -> None:
    once = flow("{on: manual}", MAIL, "entry: once")
    every = flow("{on: event, event: Signed Up}", MAIL, "entry: {every: P30D}")
    again = flow("{on: manual}", MAIL, "entry: after_exit")
    ups = [Occurrence(START + timedelta(days=day), 1, "Signed Up") for day in (5, 12)]

    def ada(key: str, unfinished: int = 0) -> Person:
        one = person(1)
        one.earlier = EarlierRuns(1, unfinished, START - timedelta(days=20))
        one.entered_by = frozenset({key})
        return one

    assert run(once, ada("once")).journeys == []
    assert run(again, ada("after_exit:1", 1)).journeys == []
    assert [one.entry_key for one in run(again, ada("after_exit:1")).journeys] == ["after_exit:2"]
    trace = run(every, ada("every:1"), occurrences=ups, days=20)
    assert [(one.entry_key, one.entered_at) for one in trace.journeys] == [("every:2", ups[1].at)]
