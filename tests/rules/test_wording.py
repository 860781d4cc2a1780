"""What a rule asks, in English and Chinese."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from engine.rules import STATIC_LIST, Language, Rule, RuleRefused, Subject, parse
from engine.rules.operators import Operator, all_operators
from engine.rules.wording import as_json, describe
from tests.rules.adversarial import CATALOGUE, NOW
from tests.rules.random_rules import rules

SENTENCES = yaml.safe_load((Path(__file__).parent / "sentences.yaml").read_text("utf-8"))
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def rule(document: Any) -> Rule:
    subjects: tuple[Subject, ...] = ("contact", "deal")
    for subject in subjects:
        try:
            return parse(
                document,
                CATALOGUE,
                event_rule=True,
                subject=subject,
                segments={"guests": STATIC_LIST, "customers": STATIC_LIST},
            )
        except RuleRefused as refused:
            found = refused
    raise found


@pytest.mark.parametrize("row", SENTENCES, ids=lambda row: row["en"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rule_reads_as_a_sentence(row: dict[str, Any], language: Language) -> None:
    assert describe(rule(row["rule"]).root, language, CATALOGUE) == row[language]


@pytest.mark.parametrize("entry", all_operators().values(), ids=lambda entry: entry.name)
def test_every_operator_and_its_complement_can_be_said(entry: Operator) -> None:
    for document in (entry.example, {"!": [entry.example]}):
        english, chinese = (describe(rule(document).root, one, CATALOGUE) for one in LANGUAGES)
        assert english.isascii()
        assert re.search("[一-鿿]", chinese)
        for told in (english, chinese):
            assert not re.search(r"[{}…]|Moment|\d \+ ", told)
    yes, no = (
        describe(rule(document).root, "en", CATALOGUE)
        for document in (entry.example, {"!": [entry.example]})
    )
    assert yes != no


@given(rules)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_rule_can_be_said(document: Any) -> None:
    try:
        found = parse(document, CATALOGUE, event_rule=False)
    except RuleRefused:
        return
    for language in LANGUAGES:
        assert describe(found.root, language, CATALOGUE)


def written(document: Any, facts: dict[str, Any]) -> dict[str, Any]:
    found = parse(document, CATALOGUE, event_rule=False)
    return as_json(found.explain(facts, NOW), CATALOGUE)


def test_a_tree_says_every_condition_once() -> None:
    leaf = {"==": [{"var": "contact.country"}, "Nowhere"]}
    document: Any = leaf
    for _ in range(14):
        document = {"!": [{"and": [{"is_set": [{"var": "contact.email"}]}, document]}]}
    tree = written(document, {"contact": {}})
    texts = json.dumps(tree, ensure_ascii=False)
    assert texts.count('"en": "country is \\"Nowhere\\""') == 1
    assert texts.count("Nowhere") == 2, "once in each language"
    assert tree["text"]["en"] == "not this"
    assert tree["children"][0]["text"]["en"] == "all of these"


def test_a_tree_of_much_text_is_cut() -> None:
    cities = ["x" * 9_000 + str(number) for number in range(200)]
    document = {"or": [{"==": [{"var": "contact.city"}, city]} for city in cities]}
    tree = written(document, {"contact": {"city": "y" * 50_000}})
    assert len(tree["children"]) == 200
    assert tree["children"][0]["text"]["en"].endswith("x…")
    assert tree["children"][0]["reads"][0]["value"] == "y" * 1_000 + "…"
    assert tree["children"][-1]["text"]["en"] == "…"
    assert len(json.dumps(tree)) < 300_000


def test_a_large_value_is_left_out_of_a_tree() -> None:
    document = {"is_set": [{"var": "contact.tags"}]}
    (small,) = written(document, {"contact": {"tags": ["vip"]}})["reads"]
    (large,) = written(document, {"contact": {"tags": ["v" * 5_000]}})["reads"]
    assert (small["value"], large["value"]) == (["vip"], "…")


def test_deep_groups_are_said_in_no_more_than_their_length() -> None:
    document: Any = {"is_set": [{"var": "contact.email"}]}
    for _ in range(14):
        either = {"or": [{"<": [{"var": "contact.score"}, 1]}, document]}
        document = {"and": [{"is_set": [{"var": "contact.city"}]}, either]}
    found = parse(document, CATALOGUE, event_rule=False)
    started = time.thread_time()
    assert describe(found.root, "en", CATALOGUE).count("city is known") == 14
    assert time.thread_time() - started < 0.2
