"""What is written becomes the value a field holds, or a refusal that says what to write."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.services import field_values as read
from engine.services.field_values import ValueRefused


@pytest.mark.parametrize(
    ("reader", "written", "value"),
    [
        (read.email, " Ada.Byron+x@Example.com ", "Ada.Byron+x@Example.com"),
        (read.email, "ada@münchen.example.com", "ada@münchen.example.com"),
        (read.phone, "+65 6123-4567", "+6561234567"),
        (read.phone, "0049 (30) 123456", "+4930123456"),
        (partial(read.phone, region="DE"), "030 123456", "+4930123456"),
        (read.country, "sg", "SG"),
        (read.country, "DEU", "DE"),
        (read.country, "United States", "US"),
        (read.country, "Deutschland", "DE"),
        (read.country, "中国", "CN"),
        (read.country, "South Korea", "KR"),
        (read.language, "EN", "en"),
        (read.language, "zh_CN", "zh-CN"),
        (read.language, "German", "de"),
        (read.currency, "eur", "EUR"),
        (read.time_zone, "Asia/Singapore", "Asia/Singapore"),
        (read.day, "2026-02-28", date(2026, 2, 28)),
        (read.day, "20260228", date(2026, 2, 28)),
        (partial(read.day, form="%d.%m.%Y"), "28.02.2026", date(2026, 2, 28)),
        (partial(read.day, form="%m/%d/%Y"), "2/8/2026", date(2026, 2, 8)),
        (read.instant, "2026-02-28T10:00:00+08:00", datetime(2026, 2, 28, 2, tzinfo=UTC)),
        (
            partial(read.instant, zone="Asia/Singapore"),
            "2026-02-28 10:00",
            datetime(2026, 2, 28, 2, tzinfo=UTC),
        ),
        (read.decimal, "1,234.5", Decimal("1234.5")),
        (partial(read.decimal, mark=","), "1.234,5", Decimal("1234.5")),
        (read.decimal, 2.5, Decimal("2.5")),
        (read.integer, "1,000", 1000),
        (partial(read.minor_units, currency="USD"), "29.33", 2933),
        (partial(read.minor_units, currency="JPY"), "500", 500),
        (partial(read.minor_units, currency="KWD"), "1.234", 1234),
        (partial(read.minor_units, currency="USD", scale=Decimal(10**6)), "1100.04", 110004000000),
        (read.boolean, "Yes", True),
        (read.boolean, "否", False),
        (partial(read.choice, allowed=("in_progress", "done")), "In Progress", "in_progress"),
        (read.short_text, "  two\n lines ", "two lines"),
    ],
)
def test_what_is_written_is_understood(
    reader: Callable[[Any], Any], written: object, value: object
) -> None:
    assert reader(written) == value


@pytest.mark.parametrize(
    ("reader", "written", "code"),
    [
        (read.email, "ada", "bad_email"),
        (read.email, "ada@@example.com", "bad_email"),
        (read.email, "a b@example.com", "bad_email"),
        (read.email, f"{'a' * 65}@example.com", "bad_email"),
        (read.email, 5, "bad_email"),
        (read.phone, "12", "bad_phone"),
        (read.phone, "call me", "bad_phone"),
        (read.country, "Atlantis", "unknown_country"),
        (read.country, "XX", "unknown_country"),
        (read.language, "Klingonese", "unknown_language"),
        (read.currency, "GOLD", "unknown_currency"),
        (read.time_zone, "Mars/Olympus", "unknown_zone"),
        (read.time_zone, "../../etc/passwd", "unknown_zone"),
        (read.day, "3/4/2026", "not_a_date"),
        (read.day, "2026-02-30", "not_a_date"),
        (read.day, "0001-01-01", "not_a_date"),
        (read.instant, "yesterday", "not_a_date"),
        (read.integer, "1.5", "not_whole"),
        (read.integer, "9" * 25, "too_large"),
        (read.decimal, "1e400", "not_a_number"),
        (read.decimal, "NaN", "not_a_number"),
        (read.decimal, float("inf"), "not_a_number"),
        (read.decimal, True, "not_a_number"),
        (partial(read.minor_units, currency="USD"), "-1", "negative_money"),
        (partial(read.minor_units, currency="JPY"), "1.5", "too_exact"),
        (read.boolean, "perhaps", "not_yes_or_no"),
        (partial(read.choice, allowed=("a", "b")), "c", "unknown_choice"),
        (read.short_text, "x" * 501, "too_long"),
        (read.short_text, "a\x00b", "control_character"),
        (read.short_text, {"a": 1}, "not_text"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    reader: Callable[[Any], Any], written: object, code: str
) -> None:
    with pytest.raises(ValueRefused) as caught:
        reader(written)
    assert caught.value.code == code
    assert caught.value.message.endswith((".", "?"))


@given(
    st.sampled_from(["email", "phone", "country", "language", "currency", "day", "instant",
                     "decimal", "integer", "boolean", "time_zone", "short_text", "long_text"]),
    st.one_of(st.text(max_size=60), st.integers(), st.floats(), st.booleans(), st.none(),
              st.lists(st.text(max_size=3), max_size=3)),
)  # fmt: skip
def test_a_reader_answers_or_refuses_and_never_breaks(name: str, written: object) -> None:
    with contextlib.suppress(ValueRefused):
        getattr(read, name)(written)


@given(st.integers(min_value=0, max_value=10**15), st.sampled_from(["USD", "JPY", "KWD"]))
def test_an_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    digits = {"USD": 2, "JPY": 0, "KWD": 3}[currency]
    written = str(Decimal(minor).scaleb(-digits))
    assert read.minor_units(written, currency) == minor
