"""A simulation comes to an end, whatever the flow does, and says when it broke somebody off."""

from __future__ import annotations

from datetime import time

import pytest

from engine.errors import Refused
from engine.flows.chains import MOST_TIMES
from engine.simulate import Occurrence, arrivals, life
from engine.simulate.arbiter import Window
from engine.simulate.life import SimulationStopped
from engine.simulate.report import report
from tests.simulate.simulating import START, person, run
from tests.simulate.test_ways_in import MAIL, flow

PING = [Occurrence(START, 1, "Ping")]
ROUND = """
  a: {do: adjust_score, by: 1, next: b}
  b: {do: adjust_score, by: 1, next: a}"""


def test_somebody_who_goes_round_at_one_moment_is_broken_off() -> None:
    trace = run(flow("{on: manual}", ROUND), person(1, score=0))
    [stopped] = trace.stopped
    assert (stopped.person_id, stopped.at, stopped.reason) == (1, START, "too_much_at_once")
    told = report(trace, hours=Window(time(8), time(21)), people=1, listed=())["stopped"]
    assert told["people"] == 1
    assert told["first"][0]["reason"] == "too_much_at_once"


def test_the_others_live_on() -> None:
    steps = (
        ROUND
        + """
  ways:
    do: branch
    cases: [{when: {"==": [{var: contact.country}, SG]}, next: a}]
    else: mail
"""
        + MAIL
    )
    source = flow("{on: manual}", steps, "first: ways")
    trace = run(source, person(1, country="SG", score=0), person(2, country="DE"))
    assert [one.person_id for one in trace.stopped] == [1]
    assert [sent.person_id for one in trace.journeys for sent in one.sent] == [2]


def test_an_event_the_flow_records_itself_starts_it_as_often_as_in_life() -> None:
    again = "  tell: {do: record_event, event: Ping, next: done}"
    ping = flow("{on: event, event: Ping}", again, "entry: always")
    trace = run(ping, person(1), occurrences=PING)
    assert len(trace.journeys) == MOST_TIMES
    assert trace.stopped == []


def test_a_change_of_its_own_starts_it_as_often_as_in_life() -> None:
    scored = "{on: record, record: contact, updated: true, fields: [score]}"
    more = "  more: {do: adjust_score, by: 1, next: done}"
    first = Occurrence(
        START,
        1,
        "Contact Updated",
        {"record": "contact", "record_id": 1, "changes": {"score": [0, 1]}},
        "record",
    )
    trace = run(flow(scored, more, "entry: always"), person(1, score=1), occurrences=[first])
    assert len(trace.journeys) == MOST_TIMES
    assert trace.stopped == []


def test_after_a_day_a_run_has_forgotten_what_it_was_entered_by() -> None:
    """It goes round slowly enough that people can stop it, in life as well."""
    slow = """
  rest: {do: wait, for: P2D, next: tell}
  tell: {do: record_event, event: Ping, next: done}"""
    ping = flow("{on: event, event: Ping}", slow, "entry: always")
    trace = run(ping, person(1), occurrences=PING, days=21)
    assert len(trace.journeys) == 11


def test_a_person_who_takes_more_steps_than_anybody_reads_is_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(life, "MOST_STEPS", 2_000)
    minutes = """
  rest: {do: wait, for: PT1M, next: more}
  more: {do: adjust_score, by: 1, next: rest}"""
    trace = run(flow("{on: manual}", minutes), person(1, score=0), days=300)
    assert [one.reason for one in trace.stopped] == ["too_many_steps"]


def test_within_one_person_it_is_asked_whether_to_go_on() -> None:
    every_minute = "{on: schedule, cron: '* * * * *', zone: UTC, when: true}"
    asked = 0

    def goes_on() -> bool:
        nonlocal asked
        asked += 1
        return asked < 3

    with pytest.raises(SimulationStopped):
        run(flow(every_minute, MAIL, "entry: always"), person(1), days=2, goes_on=goes_on)


def test_a_schedule_that_fires_without_end_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arrivals, "MOST_FIRINGS", 500)
    every_minute = "{on: schedule, cron: '* * * * *', zone: UTC, when: true}"
    with pytest.raises(Refused, match="more than 500 times"):
        run(flow(every_minute, MAIL, "entry: always"), person(1), days=366)
