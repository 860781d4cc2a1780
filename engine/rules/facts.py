"""The catalogue of facts: what a rule may read, under which name, and of which type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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
    "messages": "message",
    "changes": "change",
}
LIST_LABELS: Mapping[str, Label] = {
    "orders": Label("orders", "订单"),
    "events": Label("events", "事件"),
    "deals": Label("deals", "商机"),
    "tickets": Label("tickets", "工单"),
    "messages": Label("messages", "消息"),
    "changes": Label("changes", "变更"),
}
RECORD_LABELS: Mapping[str, Label] = {
    "contact": Label("contact", "联系人"),
    "account": Label("account", "客户公司"),
    "deal": Label("deal", "商机"),
    "ticket": Label("ticket", "工单"),
    "order": Label("order", "订单"),
    "event": Label("event", "事件"),
    "message": Label("message", "消息"),
    "change": Label("change", "变更"),
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
    """The facts of each kind of record, and where each kind can be reached from.

    `segments` are the saved segments by name, as `parse` takes them for `member_of`.
    """

    records: Mapping[RecordKind, Mapping[str, Fact]]
    segments: Mapping[str, object] = field(default_factory=dict)

    @staticmethod
    def standard() -> Catalogue:
        """The built-in fields, without any custom field."""
        return Catalogue(STANDARD_FACTS)

    def with_custom_fields(self, fields: Iterable[CustomField]) -> Catalogue:
        """A catalogue that also knows these fields; a field of the same key is replaced."""
        records = {kind: dict(facts) for kind, facts in self.records.items()}
        for custom in fields:
            name = f"custom.{custom.key}"
            records[custom.record][name] = Fact(
                name, custom.type, custom.label, custom.values, dynamic=True
            )
        return replace(self, records=records)

    def with_segments(self, segments: Mapping[str, object]) -> Catalogue:
        """A catalogue whose rules may name these segments."""
        return replace(self, segments=segments)

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
        self, *, event_rule: bool, subject: Subject = "contact", derived: bool = True
    ) -> Iterator[tuple[str, Fact]]:
        """Every full path ("contact.country") with its fact, for pickers and documentation.

        Texts are rendered from the record alone, so they are offered no `derived` facts.
        """
        for kind in self.reachable(event_rule=event_rule, subject=subject):
            for name, fact in self.records[kind].items():
                if derived or not fact.is_derived:
                    yield f"{kind}.{name}", fact

    def following(self, kind: RecordKind) -> frozenset[tuple[str, str]]:
        """The facts of a contact, as ("contact", "order_count"), that change with its records of
        this kind.
        """
        facts = self.records["contact"].values()
        return frozenset(("contact", fact.name) for fact in facts if kind in fact.follows)


def _is_property(name: str) -> bool:
    head, *rest = name.split(".")
    return head == "properties" and 1 <= len(rest) <= 5 and all(rest)
