"""Every operator is documented by its own entry."""

from __future__ import annotations

import pytest

from engine.rules import RuleRefused, Subject, parse
from engine.rules.facts import Catalogue
from engine.rules.operators import Operator, all_operators

OPERATORS = list(all_operators().values())


@pytest.mark.parametrize("entry", OPERATORS, ids=lambda entry: entry.name)
def test_an_operator_has_words_in_both_languages_and_says_what_absent_means(
    entry: Operator,
) -> None:
    assert entry.label.en
    assert any("一" <= character <= "鿿" for character in entry.label.zh)
    assert entry.when_absent


@pytest.mark.parametrize("entry", OPERATORS, ids=lambda entry: entry.name)
def test_the_example_of_an_operator_uses_it_and_can_be_saved(entry: Operator) -> None:
    assert f"'{entry.name}'" in repr(entry.example)
    subjects: tuple[Subject, ...] = ("contact", "deal")
    for subject in subjects:
        try:
            parse(
                entry.example,
                Catalogue.standard(),
                event_rule=True,
                subject=subject,
                segments={"customers": True},
            )
            return
        except RuleRefused as refused:
            found = refused
    raise found


def test_every_fact_has_words_in_both_languages() -> None:
    for facts in Catalogue.standard().records.values():
        for fact in facts.values():
            assert fact.label.en
            assert fact.label.zh


def test_the_words_of_the_first_dialect_are_all_there() -> None:
    core = (
        "var and or ! == != < <= > >= + - * / if in contains starts_with ends_with is_set some all"
        " none count sum min max window"
    )
    macros = (
        "between has has_any has_all has_none is_true is_false before after on in_last in_next"
        " more_than_ago in_last_calendar today this_week done not_done inactive_for first_done"
        " last_done money money_sum is_empty not_contains !in more_than_ahead anniversary_in_next"
        " sum_of avg_of max_of min_of performed in_base changed changed_to changed_from"
        " increased_by was_ever member_of this_month this_quarter this_year"
    )
    assert set(f"{core} {macros}".split()) <= set(all_operators())
