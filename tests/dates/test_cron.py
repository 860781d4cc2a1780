"""Schedules: what is accepted, and when they fire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dates.cron import (
    CronRefused,
    firings_between,
    last_firing,
    next_firings,
    parse_cron,
)
from engine.dates.missed import Missed, to_make_up
from engine.local_time import UnknownZone, local

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0 9 * *", "4 fields"),
        ("0 0 9 * * *", "6 fields"),
        ("0 9 * * * 2026", "6 fields"),
        ("@daily", "alias"),
        ("@reboot", "alias"),
        ("R 9 * * *", '"R"'),
        ("R(0-30) 9 * * *", '"R(0"'),
        ("H 9 * * *", '"H"'),
        ("0 9 L * *", '"L"'),
        ("0 9 15W * *", '"15W"'),
        ("0 9 * * mon#1", '"mon#1"'),
        ("0 9 ? * *", '"?"'),
        ("5-5 9 * * *", "no range"),
        ("50-10 9 * * *", "no range"),
        ("0 9 * * sun-sun", "no range"),
        ("0 9 * * sat-fri", "no range"),
        ("7/15 9 * * *", "7-59/15"),
        ("*/0 * * * *", "no step"),
        ("*/99 * * * *", "no step"),
        ("60 9 * * *", '"60"'),
        ("0 24 * * *", '"24"'),
        ("0 9 0 * *", '"0"'),
        ("0 9 13 * fri", "leave one of them"),
        ("0 9 */2 * mon", "leave one of them"),
        ("0 9 30 feb *", "no year has"),
        ("0 9 31 4,6 *", "no year has"),
        ("٣ 9 * * *", '"٣"'),
        ("-1 9 * * *", '""'),
        ("0,, 9 * * *", '""'),
        ("0 9 * * " + ",".join(["mon"] * 80), "200"),
    ],
)
def test_what_programs_read_differently_is_refused_with_words(text: str, says: str) -> None:
    with pytest.raises(CronRefused, match=r"\w") as refused:
        parse_cron(text)
    assert says in str(refused.value)


def test_the_next_times_are_shown_in_order() -> None:
    cron = parse_cron("  0 9 * * MON-fri ")
    assert str(cron) == "0 9 * * mon-fri"
    found = next_firings(cron, "Asia/Singapore", MONDAY)
    assert [f"{local(at, 'Asia/Singapore'):%a %H:%M}" for at in found] == [
        "Tue 09:00",
        "Wed 09:00",
        "Thu 09:00",
        "Fri 09:00",
        "Mon 09:00",
    ]


@pytest.mark.parametrize(
    ("days", "expected"),
    [("sat-sun", "Sat Sun"), ("fri-sun", "Fri Sat Sun"), ("Fri-SUN/2", "Fri Sun")],
)
def test_a_week_may_be_counted_to_its_sunday(days: str, expected: str) -> None:
    cron = parse_cron(f"0 9 * * {days}")
    found = next_firings(cron, "UTC", MONDAY, len(expected.split()))
    assert " ".join(f"{at:%a}" for at in found) == expected


@pytest.mark.parametrize("text", ["*/15 * * * *", "30 2 * * *", "0 0 1 * *", "15 1-3 * * sat-sun"])
@pytest.mark.parametrize("month", [3, 10])
def test_the_last_time_is_the_one_before_the_next(text: str, month: int) -> None:
    cron, at = parse_cron(text), datetime(2026, month, 24, tzinfo=UTC)
    for instant in next_firings(cron, "Europe/Berlin", at, 60):
        assert last_firing(cron, "Europe/Berlin", instant) == instant
        later = next_firings(cron, "Europe/Berlin", instant, 1)[0] - timedelta(seconds=1)
        assert last_firing(cron, "Europe/Berlin", later) == instant


def test_a_leap_day_is_waited_for_eight_years() -> None:
    found = next_firings(parse_cron("0 9 29 2 *"), "UTC", datetime(2096, 3, 1, tzinfo=UTC), 2)
    assert [at.year for at in found] == [2104, 2108]


# What fires on the days of a clock change, by the local wall clock and the offset from UTC.
@pytest.mark.parametrize(
    ("zone", "cron", "day", "fires"),
    [
        ("Europe/Berlin", "30 2 * * *", datetime(2026, 3, 29), ["03:00+0200"]),
        (
            "Europe/Berlin",
            "*/30 1-3 * * *",
            datetime(2026, 3, 29),
            ["01:00+0100", "01:30+0100", "03:00+0200", "03:30+0200"],
        ),
        ("Europe/Berlin", "30 2 * * *", datetime(2026, 10, 25), ["02:30+0200"]),
        ("Europe/Berlin", "45 1 * * *", datetime(2026, 10, 25), ["01:45+0200"]),
        ("America/New_York", "30 1 * * *", datetime(2026, 11, 1), ["01:30-0400"]),
        ("America/New_York", "30 2 8 3 *", datetime(2026, 3, 8), ["03:00-0400"]),
        ("Australia/Lord_Howe", "15 2 * * *", datetime(2026, 10, 4), ["02:30+1100"]),
        ("Australia/Lord_Howe", "45 1 * * *", datetime(2026, 4, 5), ["01:45+1100"]),
        ("Asia/Kathmandu", "0 9 * * *", datetime(2026, 6, 1), ["09:00+0545"]),
    ],
)
def test_on_the_day_of_a_clock_change_a_time_fires_once(
    zone: str, cron: str, day: datetime, fires: list[str]
) -> None:
    around = day.replace(tzinfo=UTC)
    found = firings_between(
        parse_cron(cron), zone, around - timedelta(days=1), around + timedelta(days=2)
    )
    local_times = [local(at, zone) for at in found]
    today = [at for at in local_times if at.date() == day.date()]
    assert [f"{at:%H:%M%z}" for at in today] == fires


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from(["*/20 * * * *", "30 2 * * *", "0 0 1 * *", "59 23 * * sun", "15 1-3 * * *"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Gaza", "Pacific/Apia", "UTC"]),
    st.datetimes(datetime(2011, 12, 1), datetime(2030, 1, 1)),
    st.lists(st.integers(1, 3000), min_size=1, max_size=8),
)
def test_however_time_is_cut_each_firing_is_in_one_piece(
    text: str, zone: str, start: datetime, minutes: list[int]
) -> None:
    cron, at = parse_cron(text), start.replace(tzinfo=UTC)
    pieces: list[datetime] = []
    cut = at
    for length in minutes:
        pieces += firings_between(cron, zone, cut, cut + timedelta(minutes=length))
        cut += timedelta(minutes=length)
    assert pieces == list(firings_between(cron, zone, at, cut))
    assert pieces == sorted(set(pieces))


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(UnknownZone):
        next_firings(parse_cron("0 9 * * *"), "Mars/Olympus", MONDAY)


@pytest.mark.parametrize(
    ("missed", "fired", "dropped"),
    [(Missed.LATEST, [7], 2), (Missed.NONE, [], 3), (Missed.ALL, [6, 7], 1)],
)
def test_firings_of_an_outage(missed: Missed, fired: list[int], dropped: int) -> None:
    passed = [MONDAY.replace(hour=hour) for hour in (5, 6, 7)]
    found = to_make_up(passed, MONDAY.replace(minute=30), missed, timedelta(hours=4))
    assert [at.hour for at in found.to_fire] == fired
    assert found.dropped == dropped


@pytest.mark.parametrize(
    ("missed", "fired"), [(Missed.LATEST, [5]), (Missed.NONE, [10, 5]), (Missed.ALL, [10, 5])]
)
def test_what_is_found_within_a_tick_is_not_late(missed: Missed, fired: list[int]) -> None:
    passed = [MONDAY - timedelta(minutes=minutes) for minutes in (10, 5)]
    found = to_make_up(passed, MONDAY, missed, timedelta())
    assert found.to_fire == tuple(MONDAY - timedelta(minutes=minutes) for minutes in fired)
