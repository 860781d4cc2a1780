"""Segments made of segments: their rules are written out in place."""

from __future__ import annotations

from typing import Any

import pytest

from engine.rules import STATIC_LIST, Rule, RuleProblem, RuleRefused, parse
from tests.rules.adversarial import CATALOGUE, NOW

CUSTOMERS = {"==": [{"var": "contact.lifecycle_stage"}, "customer"]}
SEGMENTS: dict[str, Any] = {
    "customers": {"dialect": 1, "rule": CUSTOMERS},
    "singapore customers": {
        "and": [{"member_of": "customers"}, {"==": [{"var": "contact.country"}, "SG"]}]
    },
    "snake": {"!": [{"member_of": "tail"}]},
    "tail": {"or": [{"member_of": ["snake"]}, True]},
    "guests": STATIC_LIST,
    "broken": {"==": [{"var": "contact.shoe"}, 1]},
    "from the future": {"dialect": 9, "rule": True},
}


def rule(document: Any) -> Rule:
    return parse(document, CATALOGUE, event_rule=False, segments=SEGMENTS)


def problem(document: Any) -> RuleProblem:
    with pytest.raises(RuleRefused) as refused:
        rule(document)
    (only,) = refused.value.problems
    return only


def test_a_member_is_whoever_the_segments_rule_holds_for() -> None:
    members = rule({"member_of": ["singapore customers"]})
    assert members.holds({"contact": {"lifecycle_stage": "customer", "country": "SG"}}, NOW)
    assert not members.holds({"contact": {"lifecycle_stage": "lead", "country": "SG"}}, NOW)
    assert members.reads.of("contact") == {("lifecycle_stage",), ("country",)}


def test_a_static_list_is_asked_who_is_on_it() -> None:
    members = rule({"member_of": "guests"})
    assert members.holds({"contact": {"segments": ["guests"]}}, NOW)
    assert not members.holds({"contact": {"segments": ["others"]}}, NOW)
    assert not members.holds({"contact": {}}, NOW)
    assert members.reads.fields == {("contact", "segments")}


def test_a_segment_may_be_made_of_a_static_list() -> None:
    made = {"and": [{"member_of": "guests"}, {"!": [{"member_of": "customers"}]}]}
    found = parse({"member_of": "x"}, CATALOGUE, event_rule=False, segments={**SEGMENTS, "x": made})
    assert found.holds({"contact": {"segments": ["guests"], "lifecycle_stage": "lead"}}, NOW)


def test_not_a_member_is_the_exact_complement() -> None:
    assert rule({"!": [{"member_of": "customers"}]}).holds({"contact": {}}, NOW)


def test_a_segment_that_does_not_exist_is_named_at_its_place() -> None:
    found = problem({"and": [{"member_of": "custmers"}]})
    assert (found.pointer, found.code) == ("/and/0/member_of", "unknown_segment")
    assert "custmers" in found.message


def test_a_segment_made_of_itself_is_refused_with_the_round_trip() -> None:
    found = problem({"member_of": "snake"})
    assert (found.pointer, found.code) == ("/member_of", "circular_segment")
    assert "snake -> tail -> snake" in found.message


def test_a_mistake_inside_a_segment_is_reported_where_it_is_named() -> None:
    found = problem({"or": [{"member_of": ["broken"]}]})
    assert (found.pointer, found.code) == ("/or/0/member_of/0", "unknown_field")


def test_a_segment_of_another_dialect_is_refused() -> None:
    assert problem({"member_of": "from the future"}).code == "unknown_segment"


def test_items_of_a_list_are_no_members() -> None:
    found = problem({"some": [{"var": "orders"}, {"member_of": "customers"}]})
    assert found.code == "field_out_of_reach"
