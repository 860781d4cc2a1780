"""Which segments an event concerns: never too few, and not everybody for everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.rules import STATIC_LIST, Catalogue, parse
from engine.services.segments.reach import reach_of

CATALOGUE = Catalogue.standard().with_segments({"guests": STATIC_LIST})
RULES: dict[int, Any] = {
    1: {"==": [{"var": "contact.country"}, "SG"]},
    2: {"done": ["Visited Pricing"]},
    3: {"in_last": [{"var": "contact.last_seen_at"}, 3, "days"]},
    4: {">=": [{"count": [{"var": "orders"}, True]}, 2]},
    5: {">=": [{"var": "contact.order_count"}, 2]},
    6: {"member_of": ["guests"]},
    7: {"==": [{"var": "account.industry"}, "retail"]},
    8: {"has": [{"var": "contact.tags"}, "vip"]},
    9: {">=": [{"count": [{"var": "events"}, True]}, 2]},
}
REACH = reach_of(
    {id_: parse(rule, CATALOGUE, event_rule=False).reads for id_, rule in RULES.items()}
)
ALWAYS = {3, 9}


@dataclass(frozen=True)
class Event:
    kind: str
    name: str = "Anything"
    properties: dict[str, Any] = field(default_factory=dict)


def record(kind: str, **changes: Any) -> Event:
    told = {"record": kind, "record_id": 1, "changes": changes}
    return Event("record", properties=told)


@pytest.mark.parametrize(
    ("event", "concerned"),
    [
        (Event("track"), set()),
        (Event("track", "Visited Pricing"), {2}),
        (record("contact", country=["SG", "MY"]), {1}),
        (record("contact", tags={"added": ["vip"], "removed": []}), {8}),
        (record("contact", account_id=[1, 2]), {7}),
        (record("contact", score=[1, 2]), set()),
        (record("order", total=[1, 2]), {4, 5}),
        (Event("record", properties={"record": "order", "record_id": 1}), {4, 5}),
        (record("deal", amount=[1, 2]), set()),
        (record("account", industry=["retail", "bank"]), {7}),
        (Event("segment", "Segment Entered", {"segment": "guests"}), {6}),
    ],
)
def test_an_event_concerns_those_who_read_what_it_changes(
    event: Event, concerned: set[int]
) -> None:
    assert REACH.of(event) == concerned | ALWAYS


@pytest.mark.parametrize(
    "event",
    [
        Event("identify"),
        Event("alias"),
        Event("record", "Contact Created", {"record": "contact", "record_id": 1}),
    ],
)
def test_who_is_new_or_joined_concerns_everybody(event: Event) -> None:
    assert REACH.of(event) == set(RULES)
