"""Facts that a person writes beside a rule, as the values a rule reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.rules import Catalogue, Fact, Facts, RecordKind, Type
from engine.rules.facts import LIST_KINDS, RECORD_LABELS
from engine.rules.problems import RuleProblem, shown, step_into
from engine.services.field_values import ValueRefused, day, instant

_SINGLE: Final = frozenset(RECORD_LABELS) - frozenset(LIST_KINDS.values()) | {
    "deal",
    "ticket",
    "event",
}
_MONEY: Final = ("minor", "currency")


class _Wrong(ValueError):
    """What a value should have been."""


@dataclass(slots=True)
class FactReader:
    """Collects what is wrong. A fact that no catalogue knows is a mistake: it would read as absent,
    and the case would prove nothing.
    """

    catalogue: Catalogue
    problems: list[RuleProblem] = field(default_factory=list)

    def facts(self, given: Any, pointer: str) -> Facts:
        if not isinstance(given, dict):
            self._wrong(pointer, "wrong_type", "Facts are a mapping of records.")
            return {}
        found: Facts = {}
        for name, value in given.items():
            place = step_into(pointer, name)
            if name in LIST_KINDS:
                found[name] = self._list(LIST_KINDS[name], value, place)
            elif name in _SINGLE:
                found[name] = None if value is None else self._record(name, value, place)
            else:
                known = ", ".join([*sorted(_SINGLE), *LIST_KINDS])
                self._wrong(place, "unknown_record", f"{shown(name)} is none of {known}.")
        return found

    def _list(self, kind: RecordKind, given: Any, pointer: str) -> list[dict[str, Any]]:
        if not isinstance(given, list):
            self._wrong(pointer, "wrong_type", "This is a list of records.")
            return []
        return [
            self._record(kind, one, step_into(pointer, index)) for index, one in enumerate(given)
        ]

    def _record(self, kind: RecordKind, given: Any, pointer: str) -> dict[str, Any]:
        if not isinstance(given, dict):
            self._wrong(pointer, "wrong_type", "A record is a mapping of facts.")
            return {}
        return {
            name: self._value(kind, name, value, step_into(pointer, name))
            for name, value in given.items()
        }

    def _value(self, kind: RecordKind, name: str, value: Any, pointer: str) -> Any:
        if kind == "event" and name == "changes":
            return self._changes(value, pointer)
        if isinstance(value, dict) and self._is_document(kind, name):
            for key in value:
                if self.catalogue.fact(kind, f"{name}.{key}") is None:
                    self._unknown(kind, f"{name}.{key}", step_into(pointer, key))
            return value
        fact = self.catalogue.fact(kind, name)
        if fact is None:
            self._unknown(kind, name, pointer)
            return None
        if fact.written is not None:
            message = f'"{kind}.{name}" is worked out by itself; write the records it counts.'
            self._wrong(pointer, "derived", message)
            return None
        try:
            return None if value is None else _read(fact, value)
        except ValueRefused as refusal:
            self._wrong(pointer, refusal.code, refusal.message)
        except _Wrong as wrong:
            self._wrong(pointer, "wrong_type", f"{shown(value)} is not {wrong}.")
        return None

    def _changes(self, given: Any, pointer: str) -> Any:
        """What an event tells of: by record and field, the old value and the new one, as JSON."""
        if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
            self._wrong(pointer, "wrong_type", "Changes are mappings by record and field.")
            return {}
        for record, fields in given.items():
            place = step_into(pointer, record)
            if record not in RECORD_LABELS:
                self._wrong(place, "unknown_record", f"{shown(record)} is no record.")
                continue
            for name in fields:
                if self.catalogue.fact(record, name) is None:
                    self._unknown(record, name, step_into(place, name))
        return given

    def _is_document(self, kind: RecordKind, name: str) -> bool:
        """Whether facts have names below this one, such as "custom.plan"."""
        if kind == "event":
            return name == "properties"
        known = self.catalogue.records[kind]
        return name == "custom" or any(one.startswith(f"{name}.") for one in known)

    def _unknown(self, kind: RecordKind, name: str, pointer: str) -> None:
        self._wrong(pointer, "unknown_field", f'There is no fact "{kind}.{name[:80]}".')

    def _wrong(self, pointer: str, code: Any, message: str) -> None:
        self.problems.append(RuleProblem(pointer, code, message))


def _read(fact: Fact, value: Any) -> Any:
    return _READERS[fact.type](value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("a text; quote it")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong("a number")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


def _set(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _Wrong("a list of texts")
    return value


def _money(value: Any) -> dict[str, Any]:
    """`{minor: 2000, currency: EUR}` or `[2000, EUR]`."""
    parts = dict(zip(_MONEY, value, strict=False)) if isinstance(value, list) else value
    if (
        not isinstance(parts, dict)
        or not set(_MONEY) <= set(parts)
        or not isinstance(parts["minor"], int | None)
        or not isinstance(parts["currency"], str | None)
    ):
        raise _Wrong("money; write [2000, EUR] with the amount in cents")
    return parts


_READERS: Final[Mapping[Type, Callable[[Any], Any]]] = {
    Type.TEXT: _text,
    Type.NUMBER: _number,
    Type.BOOLEAN: _boolean,
    Type.SET: _set,
    Type.MONEY: _money,
    Type.DATE: day,
    Type.DATETIME: instant,
    Type.PROPERTY: lambda value: value,
}
