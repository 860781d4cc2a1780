"""What stands in a text for a value, and for one that is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.rendering import RenderFailed, render_html, render_text

ADA: dict[str, Any] = {
    "contact": {
        "first_name": "Ada",
        "last_name": "  ",
        "city": None,
        "tags": ["vip", "wholesale"],
        "birthday": date(1990, 5, 17),
        "last_seen_at": datetime(2026, 1, 1, 20, 30, tzinfo=UTC),
        "custom": {"plan": "pro", "favourite colour": "teal"},
    },
    "account": None,
    "orders": [
        {"total": {"minor": 1999, "currency": "EUR"}, "item_count": 1},
        {"total": {"minor": 500, "currency": "JPY"}, "item_count": 3},
    ],
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hi {{ contact.first_name }}", "Hi Ada"),
        ('{{ contact["first_name"] }}', "Ada"),
        ('{{ contact.custom["favourite colour"] }}', "teal"),
        ('{{ contact.city | default("your city") }}', "your city"),
        ('{{ contact.last_name | default("friend") }}', "friend"),
        ('{{ account.name | default("your company") }}', "your company"),
        ('{{ contact.nothing.at.all | upper | default("x") }}', "x"),
        ("{% if contact.city %}in {{ contact.city }}{% else %}somewhere{% endif %}", "somewhere"),
        ("{% if account.employee_count > 10 %}big{% else %}small{% endif %}", "small"),
        ('{% if contact.city != "Oslo" %}elsewhere{% endif %}', "elsewhere"),
        ("{% if contact.city is not defined and contact.first_name is defined %}y{% endif %}", "y"),
        ("{{ contact.tags | join }}", "vip, wholesale"),
        ('{{ contact.tags | join(" / ") }}', "vip / wholesale"),
        ("{{ contact.tags | length }} {{ account.name | length }}", "2 0"),
        ("{% for tag in contact.tags %}{{ loop.index }}{{ tag }} {% endfor %}", "1vip 2wholesale "),
        ("{% for deal in account.deals %}x{% else %}none{% endfor %}", "none"),
        ("{{ orders[0].total }}", "€19.99"),
        ("{{ orders[7].total | default('-') }}", "-"),
        ("{% for o in orders if o.item_count > 1 %}{{ o.total | money }}{% endfor %}", "¥500"),
        ('{{ 123456 | money("EUR") }}', "€1,234.56"),
        ("{{ contact.birthday | date }}", "May 17, 1990"),
        ('{{ contact.birthday | date("month_day") }}', "May 17"),
        ('{{ "2026-05-31" | date("short") }}', "5/31/26"),
        ("{{ contact.birthday }}", "May 17, 1990"),
        ('{{ orders | length }} {{ orders | length | plural("order", "orders") }}', "2 orders"),
        ('{{ 1 | plural("order", "orders") }}', "order"),
        ("{{ 1234567.5 | number }}", "1,234,567.5"),
        ("{{ 1 + 2 * 3 - 4 / 2 }}", "5"),
        ("{{ -orders[1].item_count }}", "-3"),
        ('{{ "a long way to go" | truncate(8) }}', "a long…"),
        ('{{ "abcdefghij" | truncate(5, "") }}', "abcde"),
        ('{{ "ada lovelace" | title }} {{ "X" | lower }} {{ " y " | trim }}', "Ada Lovelace x y"),
        ('{{ "a b&c" | urlencode }}', "a%20b%26c"),
        ("{{ 'yes' if contact.tags else 'no' }}", "yes"),
        ('{% if "vip" in contact.tags %}vip{% endif %}', "vip"),
        ("{% raw %}{{ contact.first_name }}{% endraw %}", "{{ contact.first_name }}"),
        ("no variables at all", "no variables at all"),
        ("{# a remark #}text", "text"),
    ],
)
def test_a_value_is_written_as_people_write_it(source: str, expected: str) -> None:
    assert render_text(source, ADA) == expected


@pytest.mark.parametrize(
    ("source", "language", "zone", "expected"),
    [
        ("{{ contact.last_seen_at | date }}", "en", "UTC", "January 1, 2026"),
        ("{{ contact.last_seen_at | date }}", "zh", "Asia/Singapore", "2026年1月2日"),
        ("{{ contact.last_seen_at | time }}", "de", "Europe/Berlin", "21:30"),
        ("{{ contact.last_seen_at | date }}", "de-AT", "Europe/Berlin", "1. Jänner 2026"),
        ("{{ contact.birthday | date }}", "en", "Pacific/Kiritimati", "May 17, 1990"),
        ('{{ 123456 | money("EUR") }}', "de", "UTC", "1.234,56\xa0€"),
        ('{{ 123456 | money("CNY") }}', "zh-CN", "UTC", "¥1,234.56"),
        ('{{ 1234 | money("BHD") }}', "en", "UTC", "BHD1.234"),
        ('{{ 2 | plural("单", "单") }}', "zh", "UTC", "单"),
        ("{{ contact.birthday | date }}", "tlh", "UTC", "May 17, 1990"),
        ("{{ contact.birthday | date }}", "not a language", "UTC", "May 17, 1990"),
    ],
)
def test_dates_and_money_follow_the_reader(
    source: str, language: str, zone: str, expected: str
) -> None:
    assert render_text(source, ADA, language=language, zone=zone) == expected


@pytest.mark.parametrize(
    ("source", "code", "line", "path"),
    [
        ("Hi\n{{ contact.city }}", "missing_value", 2, "contact.city"),
        ("{{ account.name }}", "missing_value", 1, "account.name"),
        ("{{ nobody }}", "missing_value", 1, "nobody"),
        ("{{ contact.first_name ~ contact.city }}", "missing_value", 1, "contact.city"),
        ("{{ contact.city | upper }}", "missing_value", 1, "contact.city"),
        ("{{ contact }}", "not_printable", 1, None),
        ("{{ contact.tags }}", "not_printable", 1, None),
        ("{{ contact.first_name == 'Ada' }}", "not_printable", 1, None),
        ("{{ contact.first_name | money }}", "wrong_value", 1, None),
        ('{{ 1 | money("XXY") }}', "wrong_value", 1, None),
        ("{{ contact.first_name | date }}", "wrong_value", 1, None),
        ('{{ contact.birthday | date("dd.MM") }}', "wrong_value", 1, None),
        ("{{ contact.birthday | time }}", "wrong_value", 1, None),
        ("{{ contact.first_name | join }}", "wrong_value", 1, None),
        ("{{ contact.first_name + 1 }}", "wrong_value", 1, None),
        ("{{ contact.city + 1 }}", "wrong_value", 1, None),
        ("{{ 1 / 0 }}", "wrong_value", 1, None),
        ("{{ contact.first_name < 5 }}", "wrong_value", 1, None),
        ("{% for x in contact.first_name %}{% endfor %}", "wrong_value", 1, None),
        ("{% for x in contact %}{% endfor %}", "wrong_value", 1, None),
    ],
)
def test_what_cannot_be_written_says_where_and_why(
    source: str, code: str, line: int, path: str | None
) -> None:
    with pytest.raises(RenderFailed) as failure:
        render_text(source, ADA)
    assert (failure.value.code, failure.value.line, failure.value.path) == (code, line, path)


def test_the_message_of_a_failure_never_holds_a_value() -> None:
    facts = {"contact": {"note": "very private words"}}
    with pytest.raises(RenderFailed) as failure:
        render_text("{{ contact.note | money }}", facts)
    assert "private" not in str(failure.value)


def test_html_escapes_every_value_and_text_none() -> None:
    facts = {"contact": {"first_name": "<b>Ada & 'Co'</b>"}}
    source = '<a title="{{ contact.first_name }}">{{ contact.first_name | upper }}</a>'
    assert render_text(source, facts).count("<b>") == 1
    html = render_html(source, facts)
    assert "<b>" not in html
    assert "&lt;b&gt;Ada &amp; &#39;Co&#39;&lt;/b&gt;" in html


def test_a_default_and_a_joined_list_are_escaped_too() -> None:
    facts = {"contact": {"tags": ["<i>", "&"]}}
    assert render_html('{{ contact.x | default("<x>") }}{{ contact.tags | join }}', facts) == (
        "&lt;x&gt;&lt;i&gt;, &amp;"
    )


def test_a_value_cannot_smuggle_a_template_in() -> None:
    facts = {"contact": {"first_name": "{{ contact.secret }}", "secret": "s3cret"}}
    assert render_text("{{ contact.first_name }}", facts) == "{{ contact.secret }}"


def test_facts_are_left_as_they_were() -> None:
    facts = {"contact": {"first_name": "Ada"}}
    render_text("{{ contact.first_name }}", facts)
    assert facts == {"contact": {"first_name": "Ada"}}
