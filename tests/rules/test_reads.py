"""What a rule says it reads is what the loader fetches, so it must never be too little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.rules import EventNeed, Reads, Rule, parse, union
from tests.rules.adversarial import CATALOGUE, NOW


def rule(document: Any) -> Rule:
    return parse(document, CATALOGUE, event_rule=True)


def earliest(document: Any) -> dict[str | None, datetime | None]:
    return {need.name: need.earliest(NOW) for need in rule(document).reads.events}


def test_fields_and_records_are_named() -> None:
    reads = rule(
        {
            "and": [
                {"==": [{"var": "contact.country"}, "SG"]},
                {"starts_with": [{"var": "account.name"}, "A"]},
                {"is_set": [{"var": "contact.custom.plan"}]},
            ]
        }
    ).reads
    assert reads.records == {"contact", "account"}
    assert reads.of("contact") == {("country",), ("custom", "plan")}
    assert not reads.lists


def test_lists_are_named_with_the_fields_of_their_items() -> None:
    reads = rule(
        {"some": [{"var": "orders"}, {">": [{"var": "total"}, {"money": [1, "EUR"]}]}]}
    ).reads
    assert reads.lists == {"orders"}
    assert reads.of("orders") == {("total", "minor"), ("total", "currency")}
    assert reads.records == frozenset()


def test_a_list_whose_items_are_only_counted_is_still_read() -> None:
    assert rule({">": [{"count": [{"var": "tickets"}]}, 2]}).reads.lists == {"tickets"}
    assert rule({"is_set": [{"var": "deals"}]}).reads.lists == {"deals"}


def test_done_needs_one_kind_of_event_since_the_start_of_its_window() -> None:
    assert earliest({"done": ["Opened", ">=", 1, ["in_last", 3, "days"]]}) == {
        "Opened": NOW - timedelta(days=3)
    }


def test_done_ever_needs_all_of_the_past() -> None:
    assert earliest({"done": ["Opened", ">=", 1]}) == {"Opened": None}
    assert earliest({"more_than_ago": [{"last_done": ["Opened"]}, 3, "days"]}) == {"Opened": None}


def test_more_than_ago_needs_what_is_older() -> None:
    assert earliest({"done": ["Opened", ">=", 1, ["more_than_ago", 3, "days"]]}) == {"Opened": None}


def test_a_list_of_names_needs_each() -> None:
    names = {"in": [{"var": "name"}, ["Opened", "Clicked"]]}
    assert earliest({"some": [{"var": "events"}, names]}) == {"Opened": None, "Clicked": None}


@pytest.mark.parametrize(
    "document",
    [
        {"all": [{"var": "events"}, {"==": [{"var": "name"}, "Opened"]}]},
        {"is_set": [{"var": "events"}]},
        {"some": [{"var": "events"}, {"!": [{"==": [{"var": "name"}, "Opened"]}]}]},
        {
            "some": [
                {"var": "events"},
                {"or": [{"==": [{"var": "name"}, "Opened"]}, {"==": [{"var": "kind"}, "page"]}]},
            ]
        },
    ],
)
def test_where_the_name_cannot_be_told_every_event_is_needed(document: Any) -> None:
    assert rule(document).reads.events == {EventNeed(None, None)}


def test_calendar_windows_leave_room_for_every_zone() -> None:
    (start,) = earliest({"done": ["Opened", ">=", 1, ["this_month"]]}).values()
    assert start is not None
    # on Kiritimati the month starts 14 hours before it does in UTC
    assert start <= datetime(2026, 2, 28, 10, tzinfo=UTC)
    assert start > datetime(2026, 2, 27, 12, tzinfo=UTC)


def test_the_event_at_hand_is_a_record() -> None:
    reads = rule({"==": [{"var": "event.properties.plan"}, "pro"]}).reads
    assert reads.records == {"event"}
    assert not reads.events


def test_what_several_rules_read_can_be_loaded_together() -> None:
    first = rule({"done": ["Opened", ">=", 1, ["in_last", 3, "days"]]}).reads
    second = rule({"==": [{"var": "contact.country"}, "SG"]}).reads
    both = union([first, second])
    assert both.fields == first.fields | second.fields
    assert both.events == first.events
    assert union([]) == Reads()
