"""Defaults said once for a template, and filters where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.rendering import RenderFailed, render_text
from engine.rendering.compiled import compiled

DEFAULTS = (("contact.first_name", "there"), ("orders", "x"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ contact.first_name }}", "there"),
        ('{{ contact["first_name"] | upper }}', "THERE"),
        ('{{ contact.first_name | default("you") }}', "you"),
        ('{{ "Hi " ~ contact.first_name }}', "Hi there"),
        ('{{ contact.first_name if contact.city else "no" }}', "no"),
        ("{% if contact.first_name %}known{% else %}unknown{% endif %}", "unknown"),
        ("{% for contact in people %}{{ contact.first_name }}{% endfor %}", "Ben"),
    ],
)
def test_a_default_is_written_where_a_value_is_printed(source: str, expected: str) -> None:
    facts = {"contact": {"first_name": None}, "people": [{"first_name": "Ben"}]}
    made = compiled(source, html=False, defaults=DEFAULTS)
    assert made.render(facts, language="en", zone="UTC") == expected


def test_a_default_is_escaped_as_any_value() -> None:
    made = compiled("{{ a.b }}", html=True, defaults=(("a.b", "<you>"),))
    assert made.render({}, language="en", zone="UTC") == "&lt;you&gt;"


def test_without_a_default_a_missing_value_is_named() -> None:
    with pytest.raises(RenderFailed, match=r'"contact\.city" has no value here'):
        compiled("{{ contact.city }}", html=False, defaults=DEFAULTS).render(
            {"contact": {}}, language="en", zone="UTC"
        )


@pytest.mark.parametrize(
    ("moment", "zone", "language", "expected"),
    [
        # clocks go forward at 01:00 UTC, back at 01:00 UTC
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "Europe/Berlin", "de", "29. März 2026 01:59"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Europe/Berlin", "de", "29. März 2026 03:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Paris", "fr", "25 octobre 2026 02:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Paris", "fr", "25 octobre 2026 02:30"),
        (datetime(2026, 3, 1, 20, 0, tzinfo=UTC), "Asia/Singapore", "zh-CN", "2026年3月2日 04:00"),
        (datetime(2026, 3, 1, 4, 59, tzinfo=UTC), "America/New_York", "en-GB",
         "28 February 2026 23:59"),
        (datetime(2026, 4, 4, 15, 30, tzinfo=UTC), "Australia/Lord_Howe", "en",
         "April 5, 2026 2:00\u202fAM"),
    ],
)  # fmt: skip
def test_dates_and_times_follow_the_readers_clock_also_when_it_changes(
    moment: datetime, zone: str, language: str, expected: str
) -> None:
    written = render_text(
        "{{ m | date }} {{ m | time }}", {"m": moment}, language=language, zone=zone
    )
    assert written == expected


@pytest.mark.parametrize(
    ("language", "amount", "expected"),
    [
        ("en", {"minor": 123456, "currency": "EUR"}, "€1,234.56"),
        ("de", {"minor": 123456, "currency": "EUR"}, "1.234,56\xa0€"),
        ("zh-Hant-TW", {"minor": 5000, "currency": "JPY"}, "¥5,000"),
        ("en-IN", {"minor": 12345678900, "currency": "INR"}, "₹12,34,56,789.00"),
        ("fr", {"minor": 1, "currency": "KWD"}, "0,001\xa0KWD"),
    ],
)
def test_money_has_the_digits_of_its_currency_and_the_signs_of_the_language(
    language: str, amount: dict[str, object], expected: str
) -> None:
    assert render_text("{{ m | money }}", {"m": amount}, language=language) == expected


@pytest.mark.parametrize(
    ("language", "count", "word"),
    [("en", 1, "day"), ("en", 0, "days"), ("fr", 0, "day"), ("zh", 1, "days"), ("pl", 5, "days")],
)
def test_the_word_goes_with_the_count_in_the_readers_language(
    language: str, count: int, word: str
) -> None:
    written = render_text('{{ n | plural("day", "days") }}', {"n": count}, language=language)
    assert written == word
