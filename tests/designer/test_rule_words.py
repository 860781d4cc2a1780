from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from designer.i18n import translator
from designer.rule_words import because, in_words
from engine.rules import Catalogue, parse
from engine.rules.wording.because import because as told_because
from engine.steps.because import as_document

CATALOGUE = Catalogue.standard()
ZONE = "Asia/Singapore"
EN, ZH = translator("en"), translator("zh-CN")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FACTS = {
    "contact": {
        "country": "SG",
        "score": 12,
        "lifecycle_stage": "customer",
        "last_seen_at": datetime(2026, 1, 5, 8, tzinfo=UTC),
        "tags": ["vip"],
    },
    "orders": [{"status": "completed", "total": {"minor": 900, "currency": "EUR"}}],
}
RULES = [
    {"==": [{"var": "contact.country"}, "SG"]},
    {">=": [{"var": "contact.score"}, 40]},
    {
        "and": [
            {"==": [{"var": "contact.country"}, "SG"]},
            {
                "or": [
                    {">": [{"var": "contact.score"}, 50]},
                    {"!": {"is_set": {"var": "contact.city"}}},
                ]
            },
        ]
    },
    {"<": [{"var": "contact.last_seen_at"}, "2026-02-01T00:00:00+00:00"]},
    {"some": [{"var": "orders"}, {"==": [{"var": "status"}, "completed"]}]},
]


@pytest.mark.parametrize("document", RULES, ids=lambda rule: next(iter(rule)))
def test_the_journals_verdict_is_told_as_the_rule_itself_would(document: object) -> None:
    rule = parse(document, CATALOGUE, event_rule=False)
    explained = rule.explain(FACTS, NOW)
    stored = json.loads(json.dumps(as_document(explained)))
    for t in (EN, ZH):
        expected = told_because(explained, t.short, CATALOGUE, ZONE)
        assert because(document, stored, CATALOGUE, t, zone=ZONE) == expected


def test_a_verdict_of_another_rule_falls_back_to_what_the_rule_asks() -> None:
    stored = {"truth": True, "test": "And", "parts": [{"truth": True, "test": "Compare"}]}
    told = because(RULES[0], stored, CATALOGUE, EN)
    assert told == in_words(RULES[0], CATALOGUE, EN)
    assert "country" in told


def test_nothing_is_said_without_a_rule_or_a_verdict() -> None:
    assert because(None, {"truth": True}, CATALOGUE, EN) == ""
    assert because(RULES[0], None, CATALOGUE, EN) == ""
    assert in_words({"==": [{"var": "contact.gone"}, 1]}, CATALOGUE, EN) == ""
