"""Wall clocks, calendars and the two days a year on which they jump."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.local_time import (
    Span,
    SpanRefused,
    UnknownZone,
    add_span,
    add_to_date,
    anniversary,
    first_day,
    format_span,
    is_zone,
    local,
    local_date,
    local_instant,
    parse_span,
    start_of,
    start_of_day,
)

BERLIN, NEW_YORK, SAO_PAULO = "Europe/Berlin", "America/New_York", "America/Sao_Paulo"
ZONES = [
    BERLIN,
    NEW_YORK,
    SAO_PAULO,
    "UTC",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Asia/Shanghai",
]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("3d", Span(days=3)),
        ("90m", Span(seconds=5_400)),
        ("2w", Span(days=14)),
        ("1mo", Span(months=1)),
        ("1y", Span(months=12)),
        ("1d12h", Span(days=1, seconds=43_200)),
        ("45s", Span(seconds=45)),
        ("-3d", Span(days=-3)),
        ("P3D", Span(days=3)),
        ("-P3D", Span(days=-3)),
        ("PT90M", Span(seconds=5_400)),
        ("P1M", Span(months=1)),
        ("PT1M", Span(seconds=60)),
        ("P1Y2M3W4DT5H6M7S", Span(months=14, days=25, seconds=18_367)),
        ("P0D", Span()),
    ],
)
def test_lengths_of_time_are_read_in_both_spellings(text: str, span: Span) -> None:
    assert parse_span(text) == span


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1DT", "3", "3 d", "3 day", "d", "1.5d", "P1H", "PT1D", "1h1d", "٣d"),
        *("201y", "99999999999s", "--3d", "3d\n", "P" + "1" * 400 + "D"),
    ],
)
def test_anything_else_is_refused_with_an_example_to_follow(text: str) -> None:
    with pytest.raises(SpanRefused) as refused:
        parse_span(text)
    assert "3d" in str(refused.value) or "200 years" in str(refused.value)


@given(
    st.builds(Span, st.integers(0, 1_200), st.integers(0, 9_000), st.integers(0, 10**8)).flatmap(
        lambda span: st.sampled_from([span, -span])
    )
)
def test_what_is_written_is_read_back(span: Span) -> None:
    assert parse_span(format_span(span)) == span


def test_a_span_of_mixed_signs_has_no_text() -> None:
    with pytest.raises(SpanRefused):
        format_span(Span(months=1, days=-1))


def test_a_time_skipped_in_spring_is_the_first_instant_after_the_gap() -> None:
    skipped = local_instant(date(2026, 3, 29), time(2, 30), BERLIN)
    assert skipped == utc(2026, 3, 29, 1, 0)
    assert local_instant(date(2026, 3, 29), time(2, 0), BERLIN) == utc(2026, 3, 29, 1, 0)
    assert local_instant(date(2026, 3, 29), time(1, 59, 59), BERLIN) == utc(2026, 3, 29, 0, 59, 59)


def test_a_time_shown_twice_in_autumn_is_the_first() -> None:
    assert local_instant(date(2026, 10, 25), time(2, 30), BERLIN) == utc(2026, 10, 25, 0, 30)
    assert local_instant(date(2026, 11, 1), time(1, 30), NEW_YORK) == utc(2026, 11, 1, 5, 30)


def test_a_day_whose_midnight_is_skipped_starts_after_the_gap() -> None:
    assert start_of_day(date(2018, 11, 4), SAO_PAULO) == utc(2018, 11, 4, 3, 0)
    assert local_date(utc(2018, 11, 4, 3, 0), SAO_PAULO) == date(2018, 11, 4)


def test_a_day_that_an_island_left_out_starts_with_the_next() -> None:
    assert start_of_day(date(2011, 12, 30), "Pacific/Apia") == utc(2011, 12, 30, 10, 0)
    assert start_of_day(date(2011, 12, 31), "Pacific/Apia") == utc(2011, 12, 30, 10, 0)


def test_half_an_hour_can_be_skipped_too() -> None:
    assert local_instant(date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe") == utc(
        2026, 10, 3, 15, 30
    )


def test_a_day_keeps_the_local_hour_and_24_hours_do_not() -> None:
    evening = utc(2026, 3, 28, 17, 0)  # 18:00 in Berlin
    assert add_span(evening, parse_span("1d"), BERLIN) == utc(2026, 3, 29, 16, 0)
    assert add_span(evening, parse_span("24h"), BERLIN) == utc(2026, 3, 29, 17, 0)


def test_a_month_after_the_31st_is_the_last_of_a_shorter_month() -> None:
    assert add_span(utc(2026, 1, 31, 12), Span(months=1), "UTC") == utc(2026, 2, 28, 12)
    assert add_span(utc(2024, 1, 31, 12), Span(months=1), "UTC") == utc(2024, 2, 29, 12)
    assert add_to_date(date(2024, 2, 29), Span(months=12)) == date(2025, 2, 28)
    assert add_to_date(date(2024, 3, 31), Span(months=-1)) == date(2024, 2, 29)
    assert add_to_date(date(2026, 1, 15), Span(months=-1)) == date(2025, 12, 15)


def test_months_come_before_days_and_seconds() -> None:
    assert add_span(utc(2026, 1, 31), Span(1, 1, 3_600), "UTC") == utc(2026, 3, 1, 1)


def test_microseconds_are_kept() -> None:
    odd = utc(2026, 1, 1, 0, 0, 0, 123_456)
    assert add_span(odd, Span(days=1), BERLIN) - odd == timedelta(days=1)


@pytest.mark.parametrize(
    ("unit", "first"),
    [
        ("day", date(2026, 8, 20)),
        ("week", date(2026, 8, 17)),
        ("month", date(2026, 8, 1)),
        ("quarter", date(2026, 7, 1)),
        ("year", date(2026, 1, 1)),
    ],
)
def test_periods_start_on_their_first_local_day(unit: str, first: date) -> None:
    # 23:30 on the 19th in UTC is already the 20th in Shanghai
    instant = utc(2026, 8, 19, 23, 30)
    assert first_day(date(2026, 8, 20), unit) == first  # type: ignore[arg-type]
    assert start_of(unit, instant, "Asia/Shanghai") == start_of_day(first, "Asia/Shanghai")  # type: ignore[arg-type]


def test_birthday_on_29_february_is_kept_on_the_28th() -> None:
    assert anniversary(date(2000, 2, 29), 2026) == date(2026, 2, 28)
    assert anniversary(date(2000, 2, 29), 2028) == date(2028, 2, 29)
    assert anniversary(date(2000, 3, 1), 2026) == date(2026, 3, 1)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "Europe"])
def test_a_zone_that_does_not_exist_is_named(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(UnknownZone, match="is not a time zone"):
        local_date(utc(2026, 1, 1), name)


@given(
    st.datetimes(datetime(1975, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from(ZONES),
)
def test_every_wall_time_becomes_an_instant_that_shows_it_or_follows_its_gap(
    wall: datetime, zone: str
) -> None:
    instant = local_instant(wall.date(), wall.time(), zone)
    shown = local(instant, zone).replace(tzinfo=None, fold=0)
    just_before = local(instant - timedelta(microseconds=1), zone).replace(tzinfo=None, fold=0)
    assert instant.tzinfo is UTC
    assert shown == wall or just_before < wall < shown


@given(
    st.datetimes(datetime(1975, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
)
def test_the_start_of_the_local_day_is_never_after_the_instant(
    instant: datetime, zone: str
) -> None:
    start = start_of("day", instant, zone)
    assert start <= instant < start + timedelta(hours=26)
    assert local_date(start, zone) == local_date(instant, zone)
