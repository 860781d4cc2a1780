"""What must be loaded before a rule can be asked: fields, lists, and which events since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import reduce

from engine.rules import ir
from engine.rules.moments import depends_on_zone, resolver
from engine.rules.types import Type

# A calendar moment lies at most this far from the same moment in UTC, whatever the zone.
_ZONE_MARGIN = timedelta(days=1, hours=2)


@dataclass(frozen=True, slots=True)
class EventNeed:
    """Events of this name, or of any when None, that happened at or after `since`, or ever when
    None. Changes of a field are needed in the same way.
    """

    name: str | None
    since: ir.Moment | None

    def earliest(self, now: datetime) -> datetime | None:
        """No needed event is older than this, in any zone; None when all of the past is needed."""
        if self.since is None:
            return None
        found = resolver(self.since)(now, "UTC")
        instant = found if isinstance(found, datetime) else datetime.combine(found, time.min, UTC)
        return instant - _ZONE_MARGIN if depends_on_zone(self.since) else instant


@dataclass(frozen=True, slots=True)
class Reads:
    """Everything one or several rules look at.

    `fields` are full paths, ("contact", "country"); inside lists they start with the list,
    ("orders", "total", "minor"). `lists` names every list that is looked into, even when none of
    its fields is. `changes` are the contact's fields whose history is asked, `messages` since when
    messages matter.
    """

    fields: frozenset[ir.Path] = frozenset()
    lists: frozenset[str] = frozenset()
    events: frozenset[EventNeed] = frozenset()
    changes: frozenset[EventNeed] = frozenset()
    messages: frozenset[EventNeed] = frozenset()

    @property
    def records(self) -> frozenset[str]:
        """The single records that are read: contact, account, deal, ticket, event."""
        return frozenset(path[0] for path in self.fields if path[0] not in self.lists)

    def of(self, head: str) -> frozenset[ir.Path]:
        """The paths read below a record or list, without its name."""
        return frozenset(path[1:] for path in self.fields if path[0] == head)

    def __or__(self, other: Reads) -> Reads:
        return Reads(
            self.fields | other.fields,
            self.lists | other.lists,
            self.events | other.events,
            self.changes | other.changes,
            self.messages | other.messages,
        )


def union(reads: Iterable[Reads]) -> Reads:
    """What several rules need together, for one load."""
    return reduce(Reads.__or__, reads, Reads())


def reads_of(rule: ir.Predicate) -> Reads:
    """What the evaluation of this condition looks at."""
    return _predicate(rule, ())


def _all(parts: Iterable[Reads]) -> Reads:
    return union(parts)


def _predicate(node: ir.Predicate, root: ir.Path) -> Reads:
    match node:
        case ir.Constant():
            return Reads()
        case ir.And(parts) | ir.Or(parts):
            return _all(_predicate(part, root) for part in parts)
        case ir.Not(part):
            return _predicate(part, root)
        case ir.Either(test, then, otherwise):
            return _all(_predicate(part, root) for part in (test, then, otherwise))
        case ir.Compare():
            return _value(node.left, root) | _value(node.right, root)
        case ir.Has():
            return _value(node.set, root)
        case ir.IsSet(value=ir.Items() as items):
            return _looked_into(items, None)
        case ir.IsSet(value=value):
            return _value(value, root)  # type: ignore[arg-type]  # lists were handled above
        case ir.Quantified():
            narrowed = None if node.quantifier == "every" else node.where
            return _looked_into(node.items, narrowed) | _predicate(node.where, (node.items.name,))
        case ir.IsTrue() | ir.Within() | ir.ComesRound() | ir.OneOf() | ir.TextTest():
            return _value(node.value, root)


def _value(node: ir.Value, root: ir.Path) -> Reads:
    match node:
        case ir.Literal() | ir.Moment():
            return Reads()
        case ir.Field():
            return Reads(fields=frozenset({root + node.path}))
        case ir.Arithmetic():
            return _value(node.left, root) | _value(node.right, root)
        case ir.Choice():
            return (
                _predicate(node.test, root) | _value(node.then, root) | _value(node.otherwise, root)
            )
        case ir.Count():
            inner = (node.items.name,)
            return _looked_into(node.items, node.where) | _predicate(node.where, inner)
        case ir.Aggregate():
            inner = (node.items.name,)
            return (
                _looked_into(node.items, node.where)
                | _value(node.value, inner)
                | _predicate(node.where, inner)
            )


def _looked_into(items: ir.Items, where: ir.Predicate | None) -> Reads:
    """The list, and of events and changes which can matter: those that `where` does not rule out at
    sight.
    """
    lists = frozenset({items.name})
    if items.name not in _NAMED:
        return Reads(lists=lists)
    name_field, time_field = _NAMED[items.name]
    parts = where.parts if isinstance(where, ir.And) else (where,) if where is not None else ()
    names = next(filter(None, (_names(part, name_field) for part in parts)), (None,))
    since = next(filter(None, (_since(part, time_field) for part in parts)), None)
    needs = frozenset(EventNeed(name, since) for name in names)
    match items.name:
        case "changes":
            return Reads(lists=lists, changes=needs)
        case "messages":
            return Reads(lists=lists, messages=needs)
    return Reads(lists=lists, events=needs)


# Lists that only grow, with the fields that say what an item is and when it came.
_NAMED = {
    "events": ("name", "occurred_at"),
    "changes": ("field", "changed_at"),
    # messages of every kind matter alike
    "messages": ("", "handed_over_at"),
}


def _names(part: ir.Predicate, field: str) -> tuple[str, ...]:
    match part:
        case ir.Compare("==", ir.Field(path=(name,)), ir.Literal(value=str(wanted))) if (
            name == field
        ):
            return (wanted,)
        case ir.OneOf(ir.Field(path=(name,)), options) if name == field:
            return tuple(map(str, options))
        case _:
            return ()


def _since(part: ir.Predicate, field: str) -> ir.Moment | None:
    match part:
        case ir.Within(ir.Field(path=(name,)), low) if name == field:
            return _as_moment(low)
        case ir.Compare(">" | ">=", ir.Field(path=(name,)), low) if name == field:
            return _as_moment(low)
        case _:
            return None


def _as_moment(low: ir.Value) -> ir.Moment | None:
    match low:
        case ir.Moment():
            return low
        case ir.Literal(type=Type.DATETIME, value=datetime() as instant):
            return ir.Moment(Type.DATETIME, instant.date())
        case _:
            return None
