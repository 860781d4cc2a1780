"""Who may start or stop fulfilling a rule although nothing happens to them, because time passes.

A window compares a value with a moment that moves with now. Between two instants its truth can
change only where the value lies between the two moments, so those who may have changed are found by
a rule of their own. Moments of the calendar move at local midnight and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime

from engine.rules import ir
from engine.rules.moments import resolver


@dataclass(frozen=True, slots=True)
class Clock:
    """A value that is compared with a moment: of the contact, or of the items of a list that
    fulfil all of `beside`.
    """

    moment: ir.Moment
    value: ir.Value
    items: ir.Items | None = None
    beside: tuple[ir.Predicate, ...] = ()

    @property
    def is_daily(self) -> bool:
        """Whether its moment stands still until local midnight."""
        return self.moment.anchor != "now"


@dataclass(frozen=True, slots=True)
class Flips:
    """What of a rule time moves: clocks, and perhaps parts that change at local midnight (`daily`)
    or at moments that cannot be told (`unclear`).
    """

    clocks: tuple[Clock, ...] = ()
    daily: bool = False
    unclear: bool = False

    @property
    def never(self) -> bool:
        return not (self.clocks or self.daily or self.unclear)


def flips_of(rule: ir.Predicate) -> Flips:
    """The clocks of a rule, each once."""
    found = list(dict.fromkeys(_predicate(rule, _ROOT)))
    clocks = tuple(one for one in found if isinstance(one, Clock))
    moments = [one for one in found if isinstance(one, ir.Moment)]
    return Flips(
        clocks=clocks,
        daily=any(moment.anchor != "now" for moment in moments),
        unclear=any(moment.anchor == "now" for moment in moments),
    )


def crossed(clocks: tuple[Clock, ...], since: datetime, until: datetime, zone: str) -> ir.Predicate:
    """The condition of everybody for whom a clock's comparison may have changed in between."""
    parts = []
    for clock in clocks:
        resolve = resolver(clock.moment)
        low, high = sorted((resolve(since, zone), resolve(until, zone)))
        if clock.is_daily and low == high:
            continue
        passed = ir.Within(clock.value, _fixed(clock.moment, low), _fixed(clock.moment, high))
        parts.append(_some(clock, passed))
    return ir.Or(tuple(parts)) if parts else ir.Constant(False)


def _fixed(moment: ir.Moment, at: date | datetime) -> ir.Literal:
    return ir.Literal(moment.type, at)


def _some(clock: Clock, passed: ir.Predicate) -> ir.Predicate:
    if clock.items is None:
        return passed
    return ir.Quantified("some", clock.items, ir.And((*clock.beside, passed)))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a comparison stands: at the contact, or in the condition on a list's items."""

    items: ir.Items | None = None
    beside: tuple[ir.Predicate, ...] = ()


_ROOT = _Place()
# A clock that can be followed, or a moment of which only that it moves is known.
_Found = Iterator[Clock | ir.Moment]


def _predicate(node: ir.Predicate, place: _Place) -> _Found:
    match node:
        case ir.And(parts) | ir.Or(parts):
            for part in parts:
                yield from _predicate(part, place)
        case ir.Not(part):
            yield from _predicate(part, place)
        case ir.Either(test, then, otherwise):
            for part in (test, then, otherwise):
                yield from _predicate(part, place)
        case ir.Compare(left=left, right=right):
            yield from _compared(left, right, place)
        case ir.Within(value=value, low=low, high=high):
            yield from _compared(value, low, place)
            yield from _compared(value, high, place)
        case ir.Quantified(items=items, where=where):
            yield from _listed(items, where)
        case _:
            yield from _anything(node)


def _compared(left: ir.Value, right: ir.Value, place: _Place) -> _Found:
    for value, other in ((left, right), (right, left)):
        if isinstance(other, ir.Moment) and _moves(other):
            yield from _against(value, other, place)
        elif not isinstance(other, ir.Moment):
            yield from _value(other)


def _against(value: ir.Value, moment: ir.Moment, place: _Place) -> _Found:
    """A value against a moving moment."""
    match value:
        case ir.Field():
            yield Clock(moment, value, place.items, place.beside)
        case ir.Aggregate("min" | "max", items, of, where) if isinstance(of, ir.Field):
            yield Clock(moment, of, items, _still(where))
            yield from _listed(items, where)
        case _:
            yield moment


def _value(value: ir.Value) -> _Found:
    match value:
        case ir.Count(items, where):
            yield from _listed(items, where)
        case ir.Aggregate(items=items, value=of, where=where):
            yield from _listed(items, where)
            yield from _anything(of)
        case _:
            yield from _anything(value)


def _listed(items: ir.Items, where: ir.Predicate) -> _Found:
    yield from _predicate(where, _Place(items, _still(where)))


def _still(where: ir.Predicate) -> tuple[ir.Predicate, ...]:
    """The conditions on an item that time does not move, all of which must hold for it to count."""
    parts = where.parts if isinstance(where, ir.And) else (where,)
    return tuple(part for part in parts if next(_anything(part), None) is None)


def _anything(node: object) -> Iterator[ir.Moment]:
    """Moving moments anywhere below, in whatever node."""
    if isinstance(node, ir.Moment):
        if _moves(node):
            yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from _anything(part)
    elif is_dataclass(node):
        for field in fields(node):
            yield from _anything(getattr(node, field.name))


def _moves(moment: ir.Moment) -> bool:
    return not isinstance(moment.anchor, date)
