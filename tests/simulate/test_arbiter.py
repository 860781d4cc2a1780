"""Quiet hours and caps: what waits, until when, and what goes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from engine.simulate import Occurrence
from engine.simulate.arbiter import NOW, Cap, HouseRules, Window
from engine.simulate.surroundings import Surroundings
from tests.simulate.simulating import START, WELCOME, person, run
from tests.simulate.test_simulation import DAILY, signs_up

NIGHT = Window(time(21), time(8))


def at(hour: int, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [(at(20), None), (at(21), at(8, 3)), (at(23), at(8, 3)), (at(3), at(8)), (at(8), None)],
)
def test_the_night_is_waited_out(now: datetime, until: datetime | None) -> None:
    ruling = HouseRules(NIGHT).rule("marketing", now, "UTC", [])
    assert ruling.until == until
    assert ruling.reason == (None if until is None else "quiet_hours")


def test_the_night_is_that_of_the_person_also_when_clocks_change() -> None:
    """Clocks in Berlin went forward on 29 March: eight in the morning came an hour sooner."""
    late = datetime(2026, 3, 28, 22, tzinfo=UTC)
    ruling = HouseRules(NIGHT).rule("marketing", late, "Europe/Berlin", [])
    assert ruling.until == datetime(2026, 3, 29, 6, tzinfo=UTC)


def test_service_is_never_stopped() -> None:
    assert HouseRules(NIGHT, (Cap(1, "day"),)).rule("service", at(23), "UTC", [at(9)]) == NOW


def test_a_cap_waits_for_the_next_period_and_then_for_the_morning() -> None:
    house = HouseRules(NIGHT, (Cap(1, "day"),))
    ruling = house.rule("marketing", at(12), "UTC", [at(9)])
    assert (ruling.until, ruling.reason) == (at(8, 3), "cap_per_day")
    weekly = HouseRules(caps=(Cap(2, "week"),))
    # 2 March 2026 is a Monday
    assert weekly.rule("marketing", at(12, 4), "UTC", [at(9), at(9, 3)]).until == at(0, 9)
    monthly = HouseRules(caps=(Cap(1, "month"),))
    assert monthly.rule("marketing", at(12, 31), "UTC", [at(9)]).until == datetime(
        2026, 4, 1, tzinfo=UTC
    )


def test_what_waits_moves_everything_behind_it() -> None:
    house = HouseRules(Window(time(9), time(15)))
    around = Surroundings(arbiter=house)
    trace = run(WELCOME, person(1), occurrences=[signs_up(1)], around=around)
    [journey] = trace.journeys
    assert [sent.at - START for sent in journey.sent] == [timedelta(hours=6)]
    [waited] = journey.deferred
    assert (waited.at, waited.until - START) == (START, timedelta(hours=6))
    # the wait of three days begins when the message went
    assert [e["at"] for e in journey.entries if e.get("to") == "call"] == [
        (START + timedelta(days=3, hours=6)).isoformat()
    ]


def test_a_daily_flow_keeps_to_a_weekly_cap() -> None:
    around = Surroundings(arbiter=HouseRules(caps=(Cap(2, "week"),)))
    trace = run(DAILY, person(1, score=0), days=20, around=around)
    weeks = [sent.at.isocalendar().week for sent in trace.journeys[0].sent]
    assert max(weeks.count(week) for week in weeks) == 2
    assert len(weeks) == 3


def test_who_is_let_go_while_a_message_waits_gets_none() -> None:
    """A goal that ends the run ends the message that waits in it."""
    leaving = WELCOME.replace(
        "entry: once", "entry: once\ngoal: {event: Order Completed, within: P9D, exits: true}"
    )
    bought = Occurrence(START + timedelta(hours=1), 1, "Order Completed")
    around = Surroundings(arbiter=HouseRules(Window(time(9), time(15))))
    trace = run(leaving, person(1), occurrences=[signs_up(1), bought], around=around)
    [journey] = trace.journeys
    assert journey.sent == []
    assert journey.goal_at == bought.at
    assert trace.outcomes() == {"ended: goal": 1}
