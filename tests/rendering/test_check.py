"""Checking a template against the variables there will be."""

from __future__ import annotations

import pytest

from engine.rendering import check_template, variables_of

KNOWN = (
    "contact.first_name",
    "contact.last_name",
    "contact.tags",
    "contact.custom.*",
    "account.name",
    "orders[].total",
    "orders[].items[].name",
    "unsubscribe_url",
)


@pytest.mark.parametrize(
    "source",
    [
        "Hi {{ contact.first_name }}, {{ unsubscribe_url }}",
        "{{ contact.custom.plan }} {{ contact.custom['any thing'] }}",
        "{% for o in orders %}{{ o.total }} {{ loop.last }}{% endfor %}{{ orders | length }}",
        "{% for o in orders %}{% for i in o.items %}{{ i.name }}{% endfor %}{% endfor %}",
        "{% for tag in contact.tags %}{{ tag }}{% endfor %}",
        "{% if account %}{{ account.name }}{% endif %}{{ orders[0].total }}",
        "{% for o in orders %}{{ o.total }}{% else %}{{ account.name }}{% endfor %}",
    ],
)
def test_a_good_template_has_no_problems(source: str) -> None:
    assert check_template(source, KNOWN) == ()


@pytest.mark.parametrize(
    ("source", "line", "code", "hint"),
    [
        ("Hi\n{{ contact.first_nam }}", 2, "unknown_variable", 'did you mean "contact.first_name"'),
        ("{{ first_name }}", 1, "unknown_variable", 'did you mean "contact.first_name"'),
        ("{{ contact.zzzzz }}", 1, "unknown_variable", "list of variables"),
        ("{{ unsubscribe_link }}", 1, "unknown_variable", 'did you mean "unsubscribe_url"'),
        ("{% for o in orders %}{{ o.totl }}{% endfor %}", 1, "unknown_variable", "orders[].totl"),
        ("{% for o in orders %}{% endfor %}{{ o.total }}", 1, "unknown_variable", '"o.total"'),
        ("{% for o in ordes %}{% endfor %}", 1, "unknown_variable", '"ordes" is not known'),
        ("{{ orders.total }}", 1, "unknown_variable", "orders.total"),
        ("{{ contact }}", 1, "not_printable", "name one of them"),
        ("{% for x in account %}{% endfor %}", 1, "not_printable", "not a list"),
        ("a\nb\n{{ contact.first_name | uper }}", 3, "unknown_filter", 'did you mean "upper"'),
        ("{{ contact.first_name is strng }}", 1, "unknown_test", "there are defined"),
        ("{{ contact.first_name }", 1, "syntax", ""),
        ("{% include 'x' %}", 1, "not_allowed", "{% include %}"),
    ],
)
def test_a_mistake_is_named_with_its_line(source: str, line: int, code: str, hint: str) -> None:
    (problem,) = check_template(source, KNOWN)
    assert (problem.line, problem.code) == (line, code)
    assert hint in problem.message


def test_all_mistakes_come_at_once_in_the_order_of_lines() -> None:
    source = "{{ a }}\n{{ contact.first_name | uper }}\n{% macro x() %}{% endmacro %}\n{{ b }}"
    assert [problem.line for problem in check_template(source, KNOWN)] == [1, 2, 3, 4]


def test_the_same_mistake_is_told_once_a_line() -> None:
    assert len(check_template("{{ a }} {{ a }}\n{{ a }}", KNOWN)) == 2


def test_variables_are_listed_with_their_lists() -> None:
    source = "{% for o in orders %}{{ o.total }}{% endfor %}{{ contact.custom.plan | upper }}"
    assert variables_of(source) == {"orders", "orders[].total", "contact.custom.plan"}
