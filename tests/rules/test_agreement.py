"""A rule means the same in memory, in explanations and in every shape of SQL: they are compared
over records made to tell them apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engine.rules import RuleRefused
from engine.rules.operators import all_operators
from tests.rules.agreement import World, differences, parsed
from tests.rules.every_way import every_way
from tests.rules.random_rules import rules

# A push asks this many rules, the nightly run RULES=3000 or more, anew each time.
RULES = int(os.environ.get("RULES", "350"))
# Before chance has its turn each way of writing a rule is tried: of a push the simplest rule of it.
OF_EACH_WAY = max(1, RULES // 600)
# What only a rule about an event at hand may say, and other spellings of what is tried.
OF_EVENTS = {"changed", "changed_to", "changed_from", "increased_by"}
NOT_TRIED = OF_EVENTS | {"===", "!==", "!!", "not_in", "sum_of", "min_of", "max_of", "now"}


def operators(document: Any) -> Iterator[str]:
    """The keys of all objects; those that are no operators do no harm."""
    if isinstance(document, dict):
        yield from document
        document = list(document.values())
    if isinstance(document, list):
        for part in document:
            yield from [part] if isinstance(part, str) else operators(part)


def asked(times: int) -> settings:
    return settings(
        max_examples=times,
        deadline=None,
        derandomize="RULES" not in os.environ,
        suppress_health_check=list(HealthCheck),
        database=None,
    )


def test_a_random_rule_finds_the_same_contacts_in_memory_and_in_sql(world: World) -> None:
    tried: set[str] = set()

    def ask(document: Any) -> None:
        try:
            rule = parsed(document)
        except RuleRefused as refused:
            codes = {problem.code for problem in refused.problems}
            found = ", ".join(codes - {"too_steep"})
        else:
            found = differences(world, rule)
            tried.update(operators(document))
        # products of many factors are refused; anything else is a fault of the generator
        assert not found

    ways = every_way()
    for way in ways:
        asked(OF_EACH_WAY)(given(way)(ask))()
    never = set(all_operators()) - NOT_TRIED - tried
    assert not never, f"random_rules.py never writes {sorted(never)}"
    asked(RULES - OF_EACH_WAY * len(ways))(given(rules)(ask))()


@pytest.mark.parametrize("name", sorted(set(all_operators()) - OF_EVENTS))
def test_the_example_of_an_operator_finds_the_same_contacts(world: World, name: str) -> None:
    assert not differences(world, parsed(all_operators()[name].example))


SCORE, SEATS = {"var": "contact.score"}, {"var": "contact.custom.seats"}
ORDERS, EVENTS = {"var": "orders"}, {"var": "events"}
MANY = {">=": [{"count": [ORDERS]}, 2]}
PAID = {"==": [{"var": "status"}, "paid"]}
VIP = {"has": [{"var": "contact.tags"}, "vip"]}
# Rules on which a compiler that looked right was once wrong.
FAULTS_ONCE_FOUND: dict[str, Any] = {
    "a literal that takes the type of its column": {"in": [SCORE, [1, 0.1]]},
    "a threshold with a fraction": {">=": [{"count": [ORDERS]}, 2.5]},
    "a threshold beyond 32 bits": {"<": [{"count": [ORDERS]}, 123_456_789_012]},
    "a divisor rounded to 15 digits": {"<": [{"/": [0.3, SEATS]}, 1]},
    "a whole division": {"==": [{"/": [SCORE, 2]}, 0.5]},
    # "none", so that a record is met: none of these numbers is read from JSON
    "a number in JSON at the limit": {
        "none": [EVENTS, {"==": [{"var": "properties.total"}, 2**53]}]
    },
    "a list of numbers in JSON at the limit": {
        "none": [EVENTS, {"in": [{"var": "properties.total"}, [2**53, -(2**53)]]}]
    },
    "a sum of doubles": {"==": [{"sum": [EVENTS, {"var": "properties.price"}]}, 0.3]},
    "a sum that holds for nothing": {"<=": [{"sum": [ORDERS, {"var": "item_count"}]}, 0]},
    "all of nothing": {"all": [ORDERS, {"is_set": [{"var": "status"}]}]},
    "all of a set in JSON": {"has_all": [{"var": "contact.custom.labels"}, ["vip", "press"]]},
    "a complement over an absent account": {"!=": [{"var": "account.industry"}, "a"]},
    "a wildcard that is a letter": {"contains": [{"var": "contact.job_title"}, "%"]},
    "letters without case in ASCII only": {"contains": [{"var": "contact.job_title"}, "A"]},
    "an empty text that is not NULL": {"is_empty": [{"var": "contact.country"}]},
    "order beyond the basic plane": {">": [{"var": "contact.custom.plan"}, "\uffee"]},
    "the last second of a window": {"in_last": [{"var": "contact.last_seen_at"}, 3, "days"]},
    "a number in JSON that is not a text": {"<": [SEATS, 3]},
    "counts of two lists as alternatives": {"or": [MANY, {"==": [{"count": [EVENTS]}, 0]}]},
    "counts of one list with different conditions": {
        ">": [{"*": [{"count": [ORDERS, PAID]}, 2]}, {"count": [ORDERS]}]
    },
    "a complement of counts joined": {"!": [{"and": [MANY, {"<": [{"count": [ORDERS]}, 4]}, VIP]}]},
    "what holds for no orders beside what does not": {
        "and": [
            {"<": [{"count": [ORDERS]}, 3]},
            {"!=": [{"sum": [ORDERS, {"var": "item_count"}]}, 0]},
        ]
    },
}


@pytest.mark.parametrize("fault", FAULTS_ONCE_FOUND)
def test_a_fault_once_found_stays_mended(world: World, fault: str) -> None:
    rule = parsed(FAULTS_ONCE_FOUND[fault])
    assert world.in_memory(rule), "the rule no longer meets a record that could show the fault"
    assert not differences(world, rule)
    assert not differences(world, parsed({"!": [FAULTS_ONCE_FOUND[fault]]}))
