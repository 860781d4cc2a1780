"""Documents of other systems become events by what a mapping says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.errors import Refused
from engine.services.field_values import ValueRefused
from engine.services.sources import mapping_from, mapping_stored, plain_path
from engine.services.sources.converting import converted
from engine.services.sources.reading import Origin, read_document

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KNOWN = frozenset({"country", "first_name", "birthday"})
DOCUMENT: dict[str, Any] = {
    "type": "Subscription Renewed",
    "created": 1772442000,
    "data": {
        "customer": {"id": 77, "email": " Ada@Example.com ", "country": "SG"},
        "lines": [{"sku": "A1"}],
        "amount": "29.90",
        "currency": "SGD",
    },
}
WHOLE = {
    "event": {"path": "type"},
    "occurred_at": {"path": "created", "as": "unix_seconds"},
    "contact": {
        "email": {"path": "$.data.customer.email", "as": "text"},
        "user_id": {"path": "data.customer.id"},
    },
    "fields": {"country": {"path": "data.customer.country"}, "custom.plan": {"constant": "gold"}},
    "properties": {
        "total": {"path": "data.amount", "as": "money_major", "detail": "data.currency"},
        "sku": {"path": "data.lines[0].sku"},
        "channel": {"constant": "shop"},
    },
    "keep_document": False,
}


def mapped(given: Any) -> Any:
    return mapping_from(given, custom=frozenset({"plan"}), known=KNOWN)


def origin() -> Origin:
    return Origin("hook:billing", "msg_1", NOW)


def test_a_document_becomes_an_event_of_a_contact() -> None:
    item, problems = read_document(mapped(WHOLE), DOCUMENT, origin())

    assert problems == []
    assert item is not None
    assert (item.name, item.message_id, item.kind) == ("Subscription Renewed", "msg_1", "hook")
    assert item.occurred_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (item.user_id, item.address) == ("77", "Ada@Example.com")
    assert item.traits == {"country": "SG", "plan": "gold"}
    assert item.properties == {
        "total": {"amount": 2990, "currency": "SGD"},
        "sku": "A1",
        "channel": "shop",
    }


def test_a_mapping_is_the_same_after_it_was_stored() -> None:
    mapping = mapped(WHOLE | {"each": ".", "message_id": {"path": "id"}})
    assert mapping_stored(mapping.as_json()) == mapping


def test_the_whole_document_stays_beneath_the_named_properties() -> None:
    mapping = mapped({"contact": {"email": {"path": "email"}}, "properties": {"a": {"path": "b"}}})
    item, _ = read_document(mapping, {"email": "a@example.com", "a": 1, "b": 2}, origin())
    assert item is not None
    assert item.properties == {"email": "a@example.com", "a": 2, "b": 2}
    assert item.name == "Webhook Received"


def test_a_part_that_cannot_be_read_is_left_out_and_said() -> None:
    spoilt = {**DOCUMENT, "data": {**DOCUMENT["data"], "amount": "many"}}
    item, problems = read_document(mapped(WHOLE), spoilt, origin())
    assert item is not None
    assert "total" not in item.properties
    assert [(one.place, one.code) for one in problems] == [("/data/amount", "not_a_number")]


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"type": ""}, "/type", "no_name"),
        ({"created": "yesterday"}, "/created", "not_a_number"),
        ({"created": -9}, "/created", "bad_timestamp"),
        ({"data": {"customer": {"email": "no address"}}}, "/data/customer/email", "not_an_address"),
        ({"data": {"customer": {"id": True}}}, "/data/customer/id", "bad_id"),
        ({"data": {}}, "", "no_identity"),
        ({"odd": "a\0b"}, "", "not_storable"),
    ],
)
def test_what_keeps_a_document_from_being_an_event(change: Any, place: str, code: str) -> None:
    item, problems = read_document(mapped(WHOLE), {**DOCUMENT, **change}, origin())
    assert item is None
    found = [(one.place, one.code) for one in problems]
    assert place in [one for one, _ in found]
    assert code in [one for _, one in found] or code == "not_an_address"


def test_nothing_happens_after_it_arrived() -> None:
    item, _ = read_document(mapped(WHOLE), {**DOCUMENT, "created": 9999999999}, origin())
    assert item is not None
    assert item.occurred_at == NOW


def test_a_message_id_of_the_document_counts_before_that_of_the_request() -> None:
    mapping = mapped({**WHOLE, "message_id": {"path": "type"}})
    item, _ = read_document(mapping, DOCUMENT, origin())
    assert item is not None
    assert item.message_id == "Subscription Renewed"


def test_a_list_is_a_document_each() -> None:
    mapping = mapped({"contact": {"email": {"path": "email"}}, "each": "events"})
    assert mapping.documents({"events": [{"email": "a"}, 2]}) == [{"email": "a"}, 2]
    with pytest.raises(Refused):
        mapping.documents({"events": "none"})


@pytest.mark.parametrize(
    ("given", "place", "code"),
    [
        ([], "/mapping", "not_an_object"),
        ({}, "/mapping/contact", "missing"),
        ({"contact": {"phone": {"path": "a"}}}, "/mapping/contact/phone", "unknown"),
        ({"contact": {"email": "a"}}, "/mapping/contact/email", "not_an_object"),
        ({"contact": {"email": {"path": "a..b"}}}, "/mapping/contact/email", "bad_path"),
        ({"contact": {"email": {"path": 7}}}, "/mapping/contact/email", "bad_path"),
        ({"contact": {"email": {"constant": ""}}}, "/mapping/contact/email", "bad_constant"),
        (
            {"contact": {"email": {"path": "a", "as": "eval"}}},
            "/mapping/contact/email",
            "unknown_converter",
        ),
        ({"fields": {"score": {"path": "a"}}}, "/mapping/fields/score", "unknown"),
        ({"fields": {"custom.none": {"path": "a"}}}, "/mapping/fields/custom.none", "unknown"),
        ({"properties": {":bad": {"path": "a"}}}, "/mapping/properties/:bad", "bad_name"),
        (
            {"properties": {"total": {"path": "a", "as": "money_minor"}}},
            "/mapping/properties/total",
            "no_currency",
        ),
        ({"properties": dict.fromkeys(map(str, range(101)))}, "/mapping/properties", None),
    ],
)
def test_a_wrong_mapping_is_refused_at_its_place(given: Any, place: str, code: str | None) -> None:
    with pytest.raises(Refused) as refused:
        mapped(given)
    found = {(one.place, one.code) for one in refused.value.problems}
    assert (place, code or "not_an_object") in found


@pytest.mark.parametrize(
    ("value", "convert", "becomes"),
    [
        (" Ada ", "text", "Ada"),
        (7, "text", "7"),
        ("ADA@EXAMPLE.COM", "lower", "ada@example.com"),
        ("1,234.50", "number", 1234.5),
        ("1.234,50", "number_comma", 1234.5),
        ("12", "number", 12),
        ("12", "whole", 12),
        ("yes", "yes_no", True),
        ("2026-03-02T17:00:00+08:00", "time", "2026-03-02T09:00:00Z"),
        (1772442000, "unix_seconds", "2026-03-02T09:00:00Z"),
        ("1772442000123", "unix_millis", "2026-03-02T09:00:00.123000Z"),
        ("2026-03-31", "date", "2026-03-31"),
        ("31.03.2026", "date_dmy", "2026-03-31"),
        ("31/03/2026", "date_dmy", "2026-03-31"),
        ("03/31/2026", "date_mdy", "2026-03-31"),
        (20260331, "date_compact", "2026-03-31"),
        ("a, b;c", "split", ["a", "b", "c"]),
        (None, "number", None),
        ({"a": 1}, "as_is", {"a": 1}),
    ],
)
def test_conversions(value: Any, convert: Any, becomes: Any) -> None:
    assert converted(value, convert) == becomes


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [("12.50", "EUR", 1250), ("500", "JPY", 500), ("1.234", "KWD", 1234), (0, "SGD", 0)],
)
def test_money_is_exact_in_the_units_of_its_currency(value: Any, currency: str, minor: int) -> None:
    found = converted(value, "money_major", currency)
    assert found == {"amount": minor, "currency": currency}


@pytest.mark.parametrize(
    ("value", "convert"),
    [
        ("31.02.2026", "date_dmy"),
        ("03/04/26", "date"),
        (1e300, "unix_seconds"),
        ({}, "text"),
        (True, "number"),
        ("1.5", "whole"),
        ("perhaps", "yes_no"),
        ([[]], "split"),
    ],
)
def test_what_cannot_be_converted_is_refused(value: Any, convert: Any) -> None:
    with pytest.raises(ValueRefused):
        converted(value, convert)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("data.email", "data.email"),
        ("$.data.email", "data.email"),
        ("$['data']['email']", "data.email"),
        ("items[0].sku", "items.0.sku"),
        (" a ", "a"),
        ("$", "."),
    ],
)
def test_places_are_written_in_several_ways(written: str, means: str) -> None:
    assert plain_path(written) == means
