"""A rule means the same in memory and in the database: the two are compared over records made to
tell them apart.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from engine.rules import EventNeed, Facts, Reads, RuleRefused, parse
from engine.services.fact_columns import RECORDS
from engine.services.facts import load_facts
from engine.services.segments_query import ids_matching
from tests.rules.adversarial import CATALOGUE, NOW, ZONE, Records
from tests.rules.random_rules import rules
from tests.servers import Databases

CONTACTS = 160
# A push checks a few hundred rules, the nightly run several thousand.
RULES = int(os.environ.get("CADENZA_RANDOM_RULES", "300"))


@dataclass(frozen=True, repr=False)
class World:
    connection: Connection
    facts: dict[int, Facts]


def everything() -> Reads:
    """What a rule would read that looked at every fact there is."""
    lists = {"orders": "order", "events": "event", "deals": "deal", "tickets": "ticket"}
    heads = {"contact": "contact", "account": "account", **lists}
    fields = {
        (head, *path)
        for head, kind in heads.items()
        for path in (*RECORDS[kind].fields, *RECORDS[kind].documents)  # type: ignore[index]
    }
    return Reads(
        frozenset({*fields, ("contact", "tags")}),
        frozenset(lists),
        frozenset({EventNeed(None, None)}),
    )


async def load(url: str, ids: list[int]) -> dict[int, Facts]:
    engine = create_async_engine(url)
    try:
        async with AsyncSession(engine) as session:
            return await load_facts(session, ids, everything(), NOW)
    finally:
        await engine.dispose()


@pytest.fixture(scope="module")
def world(databases: Databases) -> Iterator[World]:
    name = databases.fresh()
    engine = create_engine(databases.url(name))
    try:
        with engine.begin() as connection:
            Records(seed=7).write(connection, CONTACTS)
        facts = asyncio.run(load(databases.url(name), list(range(1, CONTACTS + 1))))
        with engine.connect() as connection:
            connection.exec_driver_sql("set time zone 'America/New_York'")
            yield World(connection, facts)
    finally:
        engine.dispose()
        databases.drop(name)


def differences(world: World, document: Any) -> str:
    """What the two back ends do not agree on about a rule; empty when they agree."""
    rule = parse(document, CATALOGUE, event_rule=False)
    test = rule.at(NOW, ZONE)
    in_memory = {contact for contact, facts in world.facts.items() if test(facts)}
    in_sql = set(world.connection.execute(ids_matching(rule, NOW, ZONE)).scalars())
    if in_memory == in_sql:
        return ""
    return f"only in memory {sorted(in_memory - in_sql)}, only in SQL {sorted(in_sql - in_memory)}"


@given(rules)
@settings(
    max_examples=RULES,
    deadline=None,
    derandomize="CADENZA_RANDOM_RULES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_a_random_rule_finds_the_same_contacts_in_memory_and_in_sql(
    world: World, document: Any
) -> None:
    try:
        found = differences(world, document)
    except RuleRefused as refused:
        # products of many factors are refused; anything else would be a fault of the generator
        found = ", ".join({problem.code for problem in refused.problems} - {"too_steep"})
        assume(found)
    assert not found


SCORE, SEATS = {"var": "contact.score"}, {"var": "contact.custom.seats"}
ORDERS, EVENTS = {"var": "orders"}, {"var": "events"}
# Rules on which a compiler that looked right was once wrong.
FAULTS_ONCE_FOUND: dict[str, Any] = {
    "a literal that takes the type of its column": {"in": [SCORE, [1, 0.1]]},
    "a threshold with a fraction": {">=": [{"count": [ORDERS]}, 2.5]},
    "a threshold beyond 32 bits": {"<": [{"count": [ORDERS]}, 123_456_789_012]},
    "a divisor rounded to 15 digits": {"<": [{"/": [0.3, SEATS]}, 1]},
    "a whole division": {"==": [{"/": [SCORE, 2]}, 0.5]},
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
}


@pytest.mark.parametrize("fault", FAULTS_ONCE_FOUND)
def test_a_fault_once_found_stays_mended(world: World, fault: str) -> None:
    document = FAULTS_ONCE_FOUND[fault]
    rule = parse(document, CATALOGUE, event_rule=False)
    matching = sum(map(rule.at(NOW, ZONE), world.facts.values()))
    assert matching > 0, "the rule no longer meets a record that could show the fault"
    assert not differences(world, document)
    assert not differences(world, {"!": [document]})
