"""The catalogue of facts: what a rule may read, under which name, and of which type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from engine.rules.fact import Fact, RecordKind
from engine.rules.standard_facts import STANDARD_FACTS
from engine.rules.types import Label, Type

Subject = Literal["contact", "deal", "ticket"]

LIST_KINDS: Mapping[str, RecordKind] = {
    "orders": "order",
    "events": "event",
    "deals": "deal",
    "tickets": "ticket",
}
LIST_LABELS: Mapping[str, Label] = {
    "orders": Label("orders", "订单"),
    "events": Label("events", "事件"),
    "deals": Label("deals", "商机"),
    "tickets": Label("tickets", "工单"),
}
RECORD_LABELS: Mapping[str, Label] = {
    "contact": Label("contact", "联系人"),
    "account": Label("account", "客户公司"),
    "deal": Label("deal", "商机"),
    "ticket": Label("ticket", "工单"),
    "order": Label("order", "订单"),
    "event": Label("event", "事件"),
}
# Which single records a rule may read, by what the rule is about.
_REACH: Mapping[Subject, tuple[RecordKind, ...]] = {
    "contact": ("contact", "account"),
    "deal": ("contact", "account", "deal"),
    "ticket": ("contact", "account", "ticket"),
}


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field a user has added to a kind of record; `key` follows "custom." in rules."""

    record: RecordKind
    key: str
    type: Type
    label: Label
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The facts of each kind of record, and where each kind can be reached from."""

    records: Mapping[RecordKind, Mapping[str, Fact]]

    @staticmethod
    def standard() -> Catalogue:
        """The built-in fields, without any custom field."""
        return Catalogue(STANDARD_FACTS)

    def with_custom_fields(self, fields: Iterable[CustomField]) -> Catalogue:
        """A catalogue that also knows these fields; a field of the same key is replaced."""
        records = {kind: dict(facts) for kind, facts in self.records.items()}
        for field in fields:
            name = f"custom.{field.key}"
            records[field.record][name] = Fact(
                name, field.type, field.label, field.values, dynamic=True
            )
        return replace(self, records=records)

    def fact(self, kind: RecordKind, name: str) -> Fact | None:
        """The field of this name; whatever is below "properties." of an event is of open type."""
        known = self.records[kind].get(name)
        if known is None and kind == "event" and _is_property(name):
            return Fact(name, Type.PROPERTY, Label(name, name), dynamic=True)
        return known

    def reachable(
        self, *, event_rule: bool, subject: Subject = "contact"
    ) -> tuple[RecordKind, ...]:
        """The single records that a rule about `subject` may read."""
        return (*_REACH[subject], "event") if event_rule else _REACH[subject]

    def readable(
        self, *, event_rule: bool, subject: Subject = "contact"
    ) -> Iterator[tuple[str, Fact]]:
        """Every full path ("contact.country") with its fact, for pickers and documentation."""
        for kind in self.reachable(event_rule=event_rule, subject=subject):
            for name, fact in self.records[kind].items():
                yield f"{kind}.{name}", fact


def _is_property(name: str) -> bool:
    head, *rest = name.split(".")
    return head == "properties" and 1 <= len(rest) <= 5 and all(rest)
