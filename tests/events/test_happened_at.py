"""Repairing the time of a client with a wrong clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.services.events.happened_at import (
    EARLIEST,
    WIRE_TIME,
    clock_error,
    instant,
    repaired,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T09:00:00Z", NOW),
        ("2026-03-02T17:00:00+08:00", NOW),
        ("2026-03-02T09:00:00", NOW),
        ("2026-03-02 09:00:00.000", NOW),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("soon", None),
        ("", None),
        (1_772_442_000, None),
        (None, None),
        (True, None),
        (["2026-03-02"], None),
        ("2" * 500, None),
    ],
)
def test_reading_a_time(text: object, expected: datetime | None) -> None:
    assert instant(text) == expected


def test_time_on_the_wire_is_no_wrong_clock() -> None:
    assert clock_error((NOW - timedelta(seconds=2)).isoformat(), NOW) == timedelta(0)


def test_a_clock_that_is_ahead_or_behind_is_corrected() -> None:
    for wrong in (timedelta(days=300), timedelta(minutes=-10), timedelta(hours=7)):
        error = clock_error((NOW + wrong).isoformat(), NOW)
        assert repaired(NOW + wrong - timedelta(hours=1), error, NOW) == NOW - timedelta(hours=1)


@given(
    stamped=st.datetimes(timezones=st.just(UTC)),
    sent=st.datetimes(timezones=st.just(UTC)),
)
def test_whatever_the_clocks_say_the_time_lies_between_1970_and_now(
    stamped: datetime, sent: datetime
) -> None:
    moment = repaired(stamped, clock_error(sent.isoformat(), NOW), NOW)

    assert moment is None or EARLIEST <= moment <= NOW


@given(st.timedeltas(min_value=-WIRE_TIME / 2, max_value=WIRE_TIME / 2))
def test_a_right_clock_changes_nothing(latency: timedelta) -> None:
    stamped = NOW - timedelta(days=1)
    assert repaired(stamped, clock_error((NOW - latency).isoformat(), NOW), NOW) == stamped
