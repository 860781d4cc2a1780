"""What a rule asks, in English and Chinese."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from engine.rules import STATIC_LIST, Language, Rule, RuleRefused, Subject, parse
from engine.rules.operators import Operator, all_operators
from engine.rules.wording import describe
from tests.rules.adversarial import CATALOGUE
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
