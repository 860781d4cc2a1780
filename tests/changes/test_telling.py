"""What a transaction's rows come to, who wants to hear of it, and what an event says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from crm_store.field_changes import ChangedField
from engine.rules import Catalogue, CustomField, Label, Type, parse
from engine.services.changes.causes import MOST_TIMES, chain_behind, goes_round, merged
from engine.services.changes.gathering import changed_records
from engine.services.changes.interest import Interest, fields_of_interest, records_of_interest
from engine.services.changes.said import changes_said

CATALOGUE = Catalogue.standard().with_custom_fields(
    [CustomField("contact", "plan", Type.TEXT, Label("plan", "套餐"))]
)
ADA, CLEO = 1, 2


def net(*rows: tuple[str, Any, Any]) -> dict[str, Any]:
    """The changes of one contact, from (field, old, new)."""
    made = [
        ChangedField(number, "contact", ADA, ADA, name, old, new)
        for number, (name, old, new) in enumerate(rows, start=1)
    ]
    (one,) = changed_records(made)
    assert one.last_id == len(rows)
    return one.changes


def test_several_changes_of_a_field_are_one() -> None:
    assert net(("city", "a", "b"), ("score", 1, 2), ("city", "b", "c")) == {
        "city": ["a", "c"],
        "score": [1, 2],
    }


def test_what_came_back_to_where_it_was_is_no_change() -> None:
    assert net(("city", "a", "b"), ("city", "b", "a")) == {}
    assert net(("tags", None, "vip"), ("tags", "vip", None)) == {}
    assert net(("tags", "vip", None), ("tags", None, "vip")) == {}


def test_tags_are_added_and_removed() -> None:
    assert net(("tags", None, "b"), ("tags", None, "a"), ("tags", "vip", None)) == {
        "tags": {"added": ["a", "b"], "removed": ["vip"]}
    }


def test_records_of_different_kinds_are_told_apart() -> None:
    rows = [
        ChangedField(1, "contact", 7, ADA, "city", "a", "b"),
        ChangedField(2, "deal", 7, CLEO, "name", "a", "b"),
    ]
    assert [(one.record, one.contact_id) for one in changed_records(rows)] == [
        ("contact", ADA),
        ("deal", CLEO),
    ]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ({"==": [{"var": "contact.country"}, "SG"]}, {("contact", "country")}),
        ({"==": [{"var": "contact.custom.plan"}, "pro"]}, {("contact", "custom.plan")}),
        ({"has": [{"var": "contact.tags"}, "vip"]}, {("contact", "tags")}),
        (
            {"some": [{"var": "deals"}, {">": [{"var": "amount"}, {"money": [1, "EUR"]}]}]},
            {("deal", "amount")},
        ),
        ({"was_ever": [{"var": "contact.city"}, "Ipoh"]}, {("contact", "city")}),
        ({">": [{"count": [{"var": "changes"}]}, 3]}, {("contact", "*")}),
        ({">": [{"var": "contact.order_count"}, 3]}, {("order", "*")}),
    ],
)
def test_a_rule_wants_to_hear_of_what_can_change_its_answer(
    rule: Any, wanted: set[tuple[str, str]]
) -> None:
    reads = parse(rule, CATALOGUE, event_rule=False).reads
    assert wanted <= fields_of_interest(reads)
    unread = {("contact", "job_title"), ("ticket", "subject")}
    assert not unread & fields_of_interest(reads)


def test_interest_is_by_name_or_by_field() -> None:
    by_name = Interest(names=frozenset({"Deal Updated", "Contact Created"}))
    assert by_name.wants_changed("deal", {"name"})
    assert not by_name.wants_changed("contact", {"country"})
    assert by_name.wants_created("contact")
    by_field = Interest(fields=frozenset({("contact", "country"), ("order", "*")}))
    assert by_field.wants_changed("contact", {"city", "country"})
    assert not by_field.wants_changed("contact", {"city"})
    assert by_field.wants_changed("order", {"status"})
    assert not by_field.wants_created("contact")


@dataclass(frozen=True)
class Told:
    kind: str = "record"
    properties: dict[str, Any] = field(default_factory=dict)


def test_an_event_says_what_changed_by_record_and_field() -> None:
    said = changes_said(
        Told(
            properties={
                "record": "contact",
                "changes": {"city": ["a", None], "tags": {"added": ["vip"], "removed": []}},
            }
        )
    )
    assert said == {
        "contact": {
            "city": {"old": "a", "new": None},
            "tags": {"added": ["vip"], "removed": []},
        }
    }


@pytest.mark.parametrize(
    "event",
    [
        Told("track", {"record": "contact", "changes": {"city": ["a", "b"]}}),
        Told("record", {"record": "contact"}),
        Told("record", {"record": ["contact"], "changes": {"city": ["a", "b"]}}),
        Told("record", {"record": "contact", "changes": [["a", "b"]]}),
    ],
)
def test_others_say_nothing(event: Told) -> None:
    assert changes_said(event) == {}


def test_a_chain_counts_how_often_each_flow_acted() -> None:
    behind = {"caused_by": {"flows": {"one": 1, "two": MOST_TIMES}}}
    assert chain_behind("cadenza", behind) == {"one": 1, "two": MOST_TIMES}
    assert goes_round("two", "cadenza", behind)
    assert not goes_round("one", "cadenza", behind)
    assert not goes_round("two", "website", behind)
    assert merged([{"one": 1, "two": 2}, {"one": 3}]) == {"one": 3, "two": 2}


@pytest.mark.parametrize("stored", [None, [], {"flows": []}, {"flows": {"one": "many"}}])
def test_a_chain_that_cannot_be_read_is_none(stored: Any) -> None:
    assert chain_behind("cadenza", {"caused_by": stored}) == {}


def test_a_new_record_matters_to_rules_that_read_its_kind() -> None:
    counting = parse({">": [{"count": [{"var": "deals"}]}, 1]}, CATALOGUE, event_rule=False).reads
    ordering = parse({">": [{"var": "contact.order_count"}, 3]}, CATALOGUE, event_rule=False).reads
    assert records_of_interest(counting) == {"deal"}
    assert records_of_interest(ordering) == {"order"}
    interest = Interest(records=frozenset({"deal"}), names=frozenset({"Ticket Created"}))
    kinds = ("contact", "deal", "ticket", "order")
    assert [kind for kind in kinds if interest.wants_created(kind)] == ["deal", "ticket"]
    assert Interest(newcomers=True).wants_created("contact")
