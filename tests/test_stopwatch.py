"""Stopwatches: no order of starts and pauses loses or gains working time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.local_time import Span, local_instant
from engine.stopwatch import Stopwatch, working_length
from engine.working_time import (
    CLOSED,
    NoWorkingTime,
    SpecialDays,
    WorkingCalendar,
    after_working_time,
    shifts_on,
    working_time_between,
)

_NINE = ((540, 720), (780, 1080))
_NIGHT = ((0, 360), (1320, 1440))
OFFICE = WorkingCalendar((_NINE,) * 5 + (CLOSED, CLOSED))
NIGHTS = WorkingCalendar((_NIGHT,) * 7)
NEVER = WorkingCalendar((CLOSED,) * 7)
MENDED = WorkingCalendar(
    OFFICE.week,
    exceptions={date(2024, 2, 29): ((600, 660),), date(2027, 12, 31): CLOSED},
    special_days=lambda year: SpecialDays(
        frozenset({date(year, 1, 1)}), frozenset({date(year, 3, 6)})
    ),
)
CALENDARS = st.sampled_from([OFFICE, NIGHTS, MENDED, None])
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]
)
# Round the clock changes of both halves of the earth, a leap day and the ends of years.
INSTANTS = st.builds(
    lambda day, micros: datetime.fromisoformat(f"{day}T00Z") + timedelta(microseconds=micros),
    st.sampled_from(["2026-03-27", "2026-10-23", "2024-02-28", "2027-12-30", "2026-04-03"]),
    st.integers(0, 5 * 86_400_000_000),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["start", "pause"]), st.integers(0, 3 * 86_400_000_000)),
    max_size=12,
)


def counted_by_hand(
    earlier: datetime, later: datetime, calendar: WorkingCalendar | None, zone: str
) -> timedelta:
    """Day by day, without timetables."""
    if calendar is None:
        return later - earlier
    day, total = earlier.date() - timedelta(days=2), timedelta()
    while day <= later.date() + timedelta(days=2):
        for start, end in shifts_on(calendar, day, zone):
            total += max(min(end, later) - max(start, earlier), timedelta())
        day += timedelta(days=1)
    return total


@given(CALENDARS, ZONES, INSTANTS, STEPS)
@settings(max_examples=120, deadline=None)
def test_whatever_is_started_and_paused_exactly_the_running_time_is_spent(
    calendar: WorkingCalendar | None, zone: str, at: datetime, steps: Sequence[tuple[str, int]]
) -> None:
    watch, since, expected = Stopwatch(), None, timedelta()
    for what, wait in steps:
        at += timedelta(microseconds=wait)
        if what == "start":
            watch = watch.started(at).started(at + timedelta(hours=1))
            since = since or at
        else:
            watch = watch.paused(at, calendar, zone).paused(at + timedelta(days=1), calendar, zone)
            expected += counted_by_hand(since, at, calendar, zone) if since else timedelta()
            since = None
        watch = Stopwatch.from_json(json.loads(json.dumps(watch.as_json())))
    at += timedelta(hours=7)
    expected += counted_by_hand(since, at, calendar, zone) if since else timedelta()
    assert watch.spent_at(at, calendar, zone) == expected


@given(CALENDARS, ZONES, INSTANTS, STEPS, st.integers(1, 30 * 3_600_000_000))
@settings(max_examples=120, deadline=None)
def test_when_it_is_due_exactly_the_limit_is_spent(
    calendar: WorkingCalendar | None,
    zone: str,
    at: datetime,
    steps: Sequence[tuple[str, int]],
    micros: int,
) -> None:
    watch = Stopwatch()
    for what, wait in steps:
        at += timedelta(microseconds=wait)
        watch = watch.started(at) if what == "start" else watch.paused(at, calendar, zone)
    limit, running = watch.spent + timedelta(microseconds=micros), watch.started(at)
    due = running.due(limit, calendar, zone)
    assert due is not None
    assert running.spent_at(due, calendar, zone) == limit
    assert running.spent_at(due - timedelta(microseconds=1), calendar, zone) < limit
    assert running.paused(at, calendar, zone).due(limit, calendar, zone) is None


@given(CALENDARS.filter(bool), ZONES, INSTANTS, INSTANTS)
@settings(max_examples=120, deadline=None)
def test_measuring_by_timetable_is_measuring_day_by_day(
    calendar: WorkingCalendar, zone: str, one: datetime, two: datetime
) -> None:
    earlier, later = min(one, two), max(one, two)
    by_hand = counted_by_hand(earlier, later, calendar, zone)
    assert working_time_between(earlier, later, calendar, zone) == by_hand


def test_a_limit_that_was_spent_before_the_last_start_is_due_at_that_start() -> None:
    at = datetime(2026, 3, 6, 9, tzinfo=UTC)
    watch = Stopwatch(timedelta(hours=3), at)
    assert watch.due(timedelta(hours=2), OFFICE, "UTC") == at


def test_a_pause_ahead_of_the_start_takes_nothing_away() -> None:
    at = datetime(2026, 3, 6, 9, tzinfo=UTC)
    watch = Stopwatch(timedelta(hours=3)).started(at)
    assert watch.paused(at - timedelta(hours=1), OFFICE, "UTC").spent == timedelta(hours=3)


def test_five_working_hours_while_the_customer_has_the_word_twice() -> None:
    zone = "Europe/Berlin"
    friday, monday = date(2026, 3, 27), date(2026, 3, 30)

    def at(day: date, clock: str) -> datetime:
        return local_instant(day, datetime.strptime(clock, "%H:%M").time(), zone)  # noqa: DTZ007

    watch = Stopwatch().started(at(friday, "16:00")).paused(at(friday, "17:00"), OFFICE, zone)
    # the clock was changed on Sunday; an hour of lunch lies in the second stretch
    watch = watch.started(at(monday, "11:00")).paused(at(monday, "14:00"), OFFICE, zone)
    assert watch.spent == timedelta(hours=3)
    again = watch.started(at(monday, "17:00"))
    due = again.due(timedelta(hours=5), OFFICE, zone)
    assert due == at(date(2026, 3, 31), "10:00")


def test_a_calendar_without_work_says_so_instead_of_waiting_for_ever() -> None:
    watch = Stopwatch().started(datetime(2026, 3, 6, 9, tzinfo=UTC))
    with pytest.raises(NoWorkingTime):
        watch.due(timedelta(hours=1), NEVER, "UTC")
    with pytest.raises(NoWorkingTime):
        after_working_time(datetime(2026, 3, 6, tzinfo=UTC), timedelta(1), NEVER, "UTC")


@pytest.mark.parametrize(
    ("span", "calendar", "hours"),
    [
        (Span(seconds=3600), OFFICE, 1),
        (Span(days=1), OFFICE, 8),
        (Span(days=2, seconds=7200), OFFICE, 18),
        (Span(months=1), OFFICE, 21 * 8),
        (Span(days=1), NIGHTS, 8),
        (Span(months=1), NIGHTS, 30 * 8),
        (Span(days=1), None, 24),
        (Span(months=1), None, 720),
        (Span(days=1), WorkingCalendar((_NINE,) * 4 + (((540, 660),), CLOSED, CLOSED)), 8),
        (Span(days=1), WorkingCalendar((((540, 600),), _NINE) + (CLOSED,) * 5), 8),
    ],
)
def test_a_day_as_a_limit_is_a_usual_working_day(
    span: Span, calendar: WorkingCalendar | None, hours: int
) -> None:
    assert working_length(span, calendar) == timedelta(hours=hours)
