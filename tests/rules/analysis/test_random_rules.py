"""What is said of rules without records holds of random records."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.rules import Rule, RuleRefused, parse
from engine.rules.analysis import Finding, Kind, Verdict, check_cases, verdict
from tests.rules.adversarial import CATALOGUE, NOW, ZONE
from tests.rules.facts_in_memory import facts
from tests.rules.random_rules import condition, rules, small_tests, text_tests, time_tests

FACTS = [facts(random.Random(seed)) for seed in range(200)]
MANY = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
# Leaves about the same few facts, so that they meet each other.
leaves = st.one_of(text_tests("root"), time_tests("root"), small_tests("root"))
knots = st.lists(leaves, min_size=2, max_size=6).flatmap(
    lambda parts: st.sampled_from([{"and": parts}, {"or": [{"and": parts[:3]}, *parts[3:]]}])
)


def read(document: Any) -> Rule:
    try:
        return parse(document, CATALOGUE, event_rule=False)
    except RuleRefused:
        assume(False)
        raise


def holding(rule: Rule) -> int:
    return sum(map(rule.at(NOW, ZONE), FACTS))


def check_verdict(rule: Rule) -> Verdict:
    found = verdict(rule.root)
    if found is Verdict.IMPOSSIBLE:
        assert holding(rule) == 0
    if found is Verdict.ALWAYS:
        assert holding(rule) == len(FACTS)
    return found


@given(rules)
@MANY
def test_an_impossible_rule_never_holds_and_a_constant_one_always(document: Any) -> None:
    rule = read(document)
    check_verdict(rule)
    contradiction = read({"and": [document, {"!": [document]}]})
    assert check_verdict(contradiction) in (Verdict.IMPOSSIBLE, Verdict.NOT_DECIDED)
    tautology = read({"or": [document, {"!": [document]}]})
    assert check_verdict(tautology) in (Verdict.ALWAYS, Verdict.NOT_DECIDED)


@given(knots)
@MANY
def test_conditions_that_are_tied_together_are_judged_rightly(document: Any) -> None:
    check_verdict(read(document))


@given(st.lists(st.one_of(leaves, condition("root", 1)), min_size=2, max_size=5))
@MANY
def test_findings_about_cases_hold_of_every_record(documents: list[Any]) -> None:
    rules = [read(document) for document in documents]
    report = check_cases(rules, now=NOW, zone=ZONE)
    for finding in report.findings:
        check_finding(finding, rules)


def case_of(pointer: str) -> int:
    return int(pointer.removeprefix("/"))


def check_finding(finding: Finding, rules: list[Rule]) -> None:
    tests = [rule.at(NOW, ZONE) for rule in rules]
    match finding.kind:
        case Kind.GAP:
            assert finding.example is not None
            assert not any(test(finding.example) for test in tests)
        case Kind.OVERLAP:
            assert finding.example is not None
            first, second = case_of(finding.others[0]), case_of(finding.pointer)
            assert tests[first](finding.example)
            assert tests[second](finding.example)
            if finding.nested:
                ours = [
                    {at for at, facts in enumerate(FACTS) if tests[one](facts)}
                    for one in (first, second)
                ]
                assert ours[0] <= ours[1] or ours[1] <= ours[0]
        case Kind.IMPOSSIBLE:
            assert not any(map(tests[case_of(finding.pointer)], FACTS))
        case Kind.SHADOWED:
            at = case_of(finding.pointer)
            taken_by = [
                next((n for n, test in enumerate(tests) if test(facts)), -1) for facts in FACTS
            ]
            assert at not in taken_by


def test_the_search_is_not_blind() -> None:
    """Most rules that some record meets get an example, so the checks above have work to do."""
    found = sum(
        bool(check_cases([read(a), read(b)], now=NOW, zone=ZONE).of(Kind.OVERLAP))
        for a, b in itertools.pairwise(SAMPLES)
    )
    assert found >= len(SAMPLES) - 2


S, C, SEEN = {"var": "contact.score"}, {"var": "contact.country"}, {"var": "contact.last_seen_at"}
SAMPLES: list[Any] = [
    {">=": [S, 40]},
    {"in": [C, ["SG", "MY"]]},
    {"in_last": [SEEN, 3, "days"]},
    {"has_any": [{"var": "contact.tags"}, ["vip", "press"]]},
    {"done": ["Page Viewed", ">=", 2, ["in_last", 30, "days"]]},
    {"starts_with": [{"var": "contact.job_title"}, "Head"]},
    {"some": [{"var": "orders"}, {">": [{"var": "total"}, {"money": [10_000, "EUR"]}]}]},
    {"is_empty": [{"var": "contact.phone"}]},
    {"between": [{"var": "contact.birthday"}, "1990-01-01", "1999-12-31"]},
]


@pytest.mark.parametrize("parts", [4, 40])
def test_a_search_that_grows_too_large_is_given_up(parts: int) -> None:
    pair = [{"!=": [{"var": f"contact.{name}"}, "a"]} for name in ("city", "country", "job_title")]
    knot = {"and": [{"or": [*pair, {">": [S, at]}]} for at in range(parts)]}
    rule = read({"and": [knot, {"or": [{"==": [C, str(at)]} for at in range(parts)]}]})
    found = verdict(rule.root, limit=50)
    assert found in (Verdict.POSSIBLE, Verdict.NOT_DECIDED)
