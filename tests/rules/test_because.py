"""Explanations: the same truth as the rule at every node, and words that name what decided."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from engine.rules import Explained, Rule, RuleRefused, parse
from engine.rules.parse import compiled
from engine.rules.types import Language
from engine.rules.wording.because import ReasonLine, because, because_lines
from engine.rules.wording.reasons import reason_of
from tests.rules.adversarial import CATALOGUE, NOW, ZONE
from tests.rules.facts_in_memory import facts
from tests.rules.random_rules import rules

PEOPLE = [facts(random.Random(seed)) for seed in range(12)]
MANY = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def read(document: Any) -> Rule:
    try:
        return parse(document, CATALOGUE, event_rule=False)
    except RuleRefused:
        assume(False)
        raise


@given(rules)
@MANY
def test_an_explanation_has_the_rules_truth_at_every_node(document: Any) -> None:
    rule = read(document)
    for person in PEOPLE:
        tree = rule.explain(person, NOW, ZONE)
        assert tree.truth == rule.holds(person, NOW, ZONE)
        assert_same_truth(tree, person)
        told = reason_of(tree)
        assert told.holds == tree.truth
        assert list(told.deciding())


def assert_same_truth(tree: Explained, person: Any) -> None:
    alone = compiled(None, tree.node)
    assert alone.holds(person, NOW, ZONE) == tree.truth, tree.node
    for child in tree.children:
        assert_same_truth(child, person)


@given(rules)
@MANY
def test_every_rule_can_be_told_in_both_languages(document: Any) -> None:
    rule = read(document)
    for person in PEOPLE[:3]:
        tree = rule.explain(person, NOW, ZONE)
        assert because(tree, "en", CATALOGUE, ZONE).startswith("because ")
        assert because(tree, "zh", CATALOGUE, ZONE).startswith("因为")
        lines = because_lines(tree, "en", CATALOGUE, ZONE)
        assert lines[0].depth == 0
        assert all(line.text for line in lines)


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADA = {
    "contact": {
        "country": "MY",
        "score": 12,
        "tags": ["press"],
        "last_seen_at": AT - timedelta(days=40),
        "birthday": date(1990, 3, 5),
    },
    "account": {"annual_revenue": {"minor": 500_000, "currency": "USD"}},
    "orders": [{"status": "paid", "placed_at": AT - timedelta(days=5)}],
    "events": [],
}
SCORE, COUNTRY, TAGS = {"var": "contact.score"}, {"var": "contact.country"}, {"var": "contact.tags"}
SEEN, ORDERS, PLACED = {"var": "contact.last_seen_at"}, {"var": "orders"}, {"var": "placed_at"}
WORDS: list[tuple[Any, Language, str]] = [
    (
        {">=": [{"count": [ORDERS, {"in_last": [PLACED, 90, "days"]}]}, 2]},
        "en",
        "because orders in the last 90 days is 1, not at least 2",
    ),
    (
        {">=": [{"count": [ORDERS, {"in_last": [PLACED, 90, "days"]}]}, 2]},
        "zh",
        "因为在最近90天内的订单的数量为1，不到2",
    ),
    ({"==": [COUNTRY, "SG"]}, "en", 'because country is "MY", not "SG"'),
    ({"==": [COUNTRY, "SG"]}, "zh", "因为国家/地区为“MY”，不是“SG”"),
    ({"==": [COUNTRY, "MY"]}, "en", 'because country is "MY"'),
    ({">=": [{"var": "contact.id"}, 5]}, "en", "because contact number is unknown, not at least 5"),
    ({"has": [TAGS, "vip"]}, "en", 'because tags are "press", without "vip"'),
    ({"done": ["Paid", ">=", 2]}, "en", 'because "Paid" happened 0 times, not at least 2'),
    (
        {">=": [{"var": "account.annual_revenue"}, {"money": [1_000_000, "USD"]}]},
        "en",
        "because account annual revenue is 5,000.00 USD, not at least 10,000.00 USD",
    ),
    (
        {"in_last": [SEEN, 30, "days"]},
        "en",
        "because last seen is 2026-01-21 17:00, not in the last 30 days",
    ),
    ({"is_set": [{"var": "contact.phone"}]}, "zh", "因为电话未知"),
]


@pytest.mark.parametrize(("document", "language", "words"), WORDS)
def test_a_verdict_is_told_by_what_was_read_and_what_was_asked(
    document: Any, language: Language, words: str
) -> None:
    tree = read(document).explain(ADA, AT)
    assert because(tree, language, CATALOGUE, "Asia/Singapore") == words


def test_one_line_names_only_what_decided() -> None:
    high, far, press = {">=": [SCORE, 40]}, {"!=": [COUNTRY, "MY"]}, {"has": [TAGS, "press"]}
    tree = read({"and": [press, {"or": [high, far]}]}).explain(ADA, AT)
    assert because(tree, "en", CATALOGUE) == (
        'because score is 12, not at least 40 and country is "MY"'
    )
    tree = read({"or": [high, press, {"!": [far]}]}).explain(ADA, AT)
    assert because(tree, "en", CATALOGUE) == 'because tags are "press", with "press"'


def test_a_long_list_of_reasons_is_cut_with_its_number() -> None:
    tree = read({"and": [{">": [SCORE, at]} for at in range(20, 27)]}).explain(ADA, AT)
    assert because(tree, "en", CATALOGUE).endswith("not more than 23 and 3 more")


def test_the_lines_are_a_tree_with_truth_and_what_decided() -> None:
    rule = {
        "and": [{"has": [TAGS, "press"]}, {"or": [{">=": [SCORE, 40]}, {"==": [COUNTRY, "SG"]}]}]
    }
    tree = read(rule).explain(ADA, AT)
    assert because_lines(tree, "en", CATALOGUE) == (
        ReasonLine(0, False, "not all of these hold", True),
        ReasonLine(1, True, 'tags are "press", with "press"', False),
        ReasonLine(1, False, "none of these holds", True),
        ReasonLine(2, False, "score is 12, not at least 40", True),
        ReasonLine(2, False, 'country is "MY", not "SG"', True),
    )
