"""One rule, three shapes of SQL: what each may and may not hold."""

from __future__ import annotations

from typing import Any

import pytest

from engine.rules.to_sql import Reach
from engine.services.segments_query import ids_matching_among
from tests.rules.adversarial import NOW, ZONE
from tests.rules.agreement import World, ids, parsed

ORDERS, EVENTS = {"var": "orders"}, {"var": "events"}
PAID = {"==": [{"var": "status"}, "paid"]}
MANY = {">=": [{"count": [ORDERS, PAID]}, 2]}
FULL = {">": [{"sum": [ORDERS, {"var": "item_count"}]}, 10]}
VIP = {"has": [{"var": "contact.tags"}, "vip"]}


def sql(document: Any, reach: Reach) -> str:
    return str(ids(parsed(document), reach)).upper()


def test_conditions_on_one_list_are_one_pass_over_it() -> None:
    for together in ("and", "or"):
        assert sql({together: [MANY, VIP, FULL]}, "all").count("GROUP BY") == 1
    assert sql({"!": [{"and": [MANY, VIP, FULL]}]}, "all").count("GROUP BY") == 1
    assert sql({"all": [ORDERS, PAID]}, "all").count("GROUP BY") == 1


def test_conditions_on_events_of_two_names_are_two_passes() -> None:
    both = {"and": [{"done": ["Signed Up", ">=", 2]}, {"done": ["Message Opened", ">=", 2]}]}
    assert sql(both, "all").count("GROUP BY") == 2
    twice = {"and": [{"done": ["Signed Up", ">=", 2]}, {"done": ["Signed Up", "<", 9]}]}
    assert sql(twice, "all").count("GROUP BY") == 1


def test_finding_an_item_needs_no_groups() -> None:
    assert "GROUP BY" not in sql({"and": [{"some": [ORDERS, PAID]}, VIP]}, "all")


def test_groups_are_materialized_only_where_all_are_read() -> None:
    assert "MATERIALIZED" in sql(MANY, "all")
    assert "MATERIALIZED" not in sql(MANY, "page")
    assert "MATERIALIZED" not in sql({"or": [MANY, VIP]}, "all")


def test_a_complement_is_never_not_in() -> None:
    for document in ({"!": [MANY]}, {"<": [{"count": [ORDERS]}, 2]}, {"none": [EVENTS, True]}):
        for reach in ("one", "page", "all"):
            assert "NOT IN" not in sql(document, reach)
            assert "NOT (EXISTS" in sql(document, reach) or reach == "one"


def test_for_one_contact_nothing_is_grouped() -> None:
    for document in (MANY, {"or": [FULL, VIP]}, {"all": [ORDERS, PAID]}):
        assert "GROUP BY" not in sql(document, "one")


@pytest.mark.parametrize("document", [MANY, {"!": [MANY]}, {"or": [FULL, VIP]}])
def test_a_few_contacts_are_asked_about_alone(world: World, document: Any) -> None:
    rule, few = parsed(document), {3, 5, 8, 13, 21, 999_999}
    found = world.connection.execute(ids_matching_among(rule, few, NOW, ZONE)).scalars()
    assert set(found) == world.in_memory(rule) & few
