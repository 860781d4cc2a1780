"""Which segments an event may change: by its name, by the fields it changed, by the lists it grew.

Everything here may name too many segments and never too few: one that is named for nothing costs a
microsecond, one that is missed keeps a wrong member until the next recount.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from engine.rules import Catalogue, Reads
from engine.rules.facts import LIST_KINDS
from engine.rules.ir import Path
from engine.services.segments.events import KIND as SEGMENT_KIND

Ids = frozenset[int]
NOBODY: Final[Ids] = frozenset()

# Calls that make contacts, write their fields or join two of them.
ABOUT_THE_PERSON: Final = frozenset({"identify", "alias", "group"})
RECORD_KIND: Final = "record"
# Written with any event, and with none of them told.
_TOUCHED: Final = frozenset({("contact", "last_seen_at"), ("contact", "updated_at")})
_ON_LISTS: Final = ("contact", "segments")
_CHANGES: Final = "changes"
_STANDARD: Final = Catalogue.standard()
_ACCOUNT_OF_CONTACT: Final = frozenset({"account_id", "account"})


class Happening(Protocol):
    """What of an event decides."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def properties(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Reach:
    """Segments by what they read: `any_event` events of every name, `following` a list of this kind
    of record, or facts that are worked out from it.
    """

    everybody: Ids = NOBODY
    by_event: Mapping[str, Ids] = field(default_factory=dict)
    any_event: Ids = NOBODY
    by_field: Mapping[tuple[str, str], Ids] = field(default_factory=dict)
    following: Mapping[str, Ids] = field(default_factory=dict)
    touched: Ids = NOBODY
    account: Ids = NOBODY
    lists_by_hand: Ids = NOBODY
    _by_name: dict[str, Ids] = field(default_factory=dict)

    def of(self, event: Happening) -> Ids:
        """The segments whose members this event may change."""
        if event.kind in ABOUT_THE_PERSON:
            return self.everybody
        named = self._named(event.name)
        if event.kind == RECORD_KIND:
            return named | self._of_record(event.properties)
        if event.kind == SEGMENT_KIND:
            return named | self.lists_by_hand
        return named

    def fields(self, record: str) -> frozenset[str]:
        """The fields of a kind of record that some segment reads, by the catalogue's names."""
        return frozenset(name for kind, name in self.by_field if kind == record)

    def _named(self, name: str) -> Ids:
        known = self._by_name.get(name)
        if known is None:
            always = self.any_event | self.touched
            known = self._by_name[name] = self.by_event.get(name, NOBODY) | always
        return known

    def _of_record(self, properties: Mapping[str, Any]) -> Ids:
        record, changes = properties.get("record"), properties.get("changes")
        if record == "contact":
            if not isinstance(changes, Mapping):
                return self.everybody
            return self._of_fields(changes)
        if record == "account":
            return self.account
        return self.following.get(str(record), NOBODY)

    def _of_fields(self, changes: Iterable[Any]) -> Ids:
        found = self.following.get(LIST_KINDS[_CHANGES], NOBODY)
        for name in changes:
            found |= self.by_field.get(("contact", str(name)), NOBODY)
            if name in _ACCOUNT_OF_CONTACT:
                found |= self.account
        return found


def reach_of(reads: Mapping[int, Reads]) -> Reach:
    """The reach of all segments, by id."""
    by_event: dict[str | None, set[int]] = defaultdict(set)
    by_field: dict[tuple[str, str], set[int]] = defaultdict(set)
    following: dict[str, set[int]] = defaultdict(set)
    for id_, read in reads.items():
        for need in read.events:
            by_event[need.name].add(id_)
        for path in read.fields:
            by_field[_kind_of(path[0]), _field_of(path)].add(id_)
            for kind in followed(path):
                following[kind].add(id_)
        for name in read.lists:
            following[LIST_KINDS[name]].add(id_)
    return Reach(
        everybody=frozenset(reads),
        by_event={name: frozenset(ids) for name, ids in by_event.items() if name is not None},
        any_event=frozenset(by_event.get(None, ())),
        by_field={key: frozenset(ids) for key, ids in by_field.items()},
        following={kind: frozenset(ids) for kind, ids in following.items()},
        touched=_reading(reads, lambda path: path in _TOUCHED),
        account=_reading(reads, lambda path: path[0] == "account"),
        lists_by_hand=_reading(reads, lambda path: path == _ON_LISTS),
    )


def _reading(reads: Mapping[int, Reads], wanted: Callable[[Path], bool]) -> Ids:
    return frozenset(id_ for id_, read in reads.items() if any(map(wanted, read.fields)))


def followed(path: Path) -> tuple[str, ...]:
    """The kinds of records whose change changes this fact of the contact."""
    fact = _STANDARD.records["contact"].get(path[1]) if path[0] == "contact" else None
    return () if fact is None else fact.follows


def _kind_of(head: str) -> str:
    return LIST_KINDS.get(head, head)


def _field_of(path: Path) -> str:
    """ "custom.plan" of ("contact", "custom", "plan"), "amount" of ("deals", "amount", "minor")."""
    return f"custom.{path[2]}" if path[1:2] == ("custom",) and len(path) > 2 else path[1]
