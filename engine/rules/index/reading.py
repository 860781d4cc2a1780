"""From a condition to the value it is about and the limits it sets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.rules import ir
from engine.rules.index.limits import Age, Limits, Measured, SetLimits, either
from engine.rules.types import Type

Limited = tuple[Measured, Limits] | tuple[ir.Field, SetLimits]

_FLIPPED: dict[ir.Comparison, ir.Comparison] = {
    "==": "==",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
# The complement of each comparison among values that are there.
_OPPOSITE: dict[ir.Comparison, ir.Comparison] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_EMPTY_IS_A_VALUE = frozenset({Type.NUMBER, Type.BOOLEAN, Type.DATE, Type.DATETIME})


def limited(node: ir.Predicate) -> Limited | None:
    """The limits that mean exactly the same as the condition, or None where there are none."""
    match node:
        case ir.Not(part):
            return _not(part)
        case ir.Compare(operator, left, right):
            return _compared(operator, left, right, absent=False)
        case ir.Within():
            return _within(node)
        case ir.OneOf(value, options):
            return value, Limits(frozenset(options))
        case ir.IsTrue(value):
            return value, Limits(frozenset({True}))
        case ir.IsSet(value):
            return _is_set(value, wanted=True)
        case ir.Has(held, wanted, every):
            return held, _holding(frozenset(wanted), every)
        case ir.Or(parts):
            return _any_of(parts)
        case _:
            return None


def _not(part: ir.Predicate) -> Limited | None:
    match part:
        case ir.Compare("==", left, right):
            found = _compared("==", left, right, absent=False)
            if found is None or not isinstance(found[1], Limits):
                return None
            return found[0], Limits(outside=found[1].among or frozenset(), absent=True)
        case ir.Compare(operator, left, right):
            return _compared(_OPPOSITE[operator], left, right, absent=True)
        case ir.OneOf(value, options):
            return value, Limits(outside=frozenset(options), absent=True)
        case ir.IsTrue(value):
            return value, Limits(outside=frozenset({True}), absent=True)
        case ir.IsSet(value):
            return _is_set(value, wanted=False)
        case ir.Has(held, wanted, every) if not every or len(wanted) == 1:
            return held, SetLimits(none_of=frozenset(wanted))
        case _:
            return None


def _compared(
    operator: ir.Comparison, left: ir.Value, right: ir.Value, *, absent: bool
) -> Limited | None:
    match left, right:
        case ir.Literal() | ir.Moment(), ir.Literal() | ir.Moment():
            return None
        case ir.Literal() | ir.Moment(), _:
            return _compared(_FLIPPED[operator], right, left, absent=absent)
        case value, ir.Literal(value=constant):
            return value, _beside(operator, constant, absent)
        case value, ir.Moment() as moment if (distance := _distance(moment)) is not None:
            return Age(value), _beside(_FLIPPED[operator], -distance, absent)
        case _:
            return None


def _beside(operator: ir.Comparison, constant: Any, absent: bool) -> Limits:
    match operator:
        case "==":
            return Limits(frozenset({constant}), absent=absent)
        case "<":
            return Limits(high=(constant, 0), absent=absent)
        case "<=":
            return Limits(high=(constant, 1), absent=absent)
        case ">":
            return Limits(low=(constant, 1), absent=absent)
        case ">=":
            return Limits(low=(constant, 0), absent=absent)


def _within(node: ir.Within) -> Limited | None:
    match node.low, node.high:
        case ir.Literal(value=low), ir.Literal(value=high):
            return node.value, Limits(low=(low, 0), high=(high, int(node.closed)))
        case ir.Moment() as earlier, ir.Moment() as later:
            most, least = _distance(earlier), _distance(later)
            if most is None or least is None:
                return None
            # the earlier a time the greater its age, so the ends change places
            return Age(node.value), Limits(low=(-least, int(not node.closed)), high=(-most, 1))
        case _:
            return None


def _distance(moment: ir.Moment) -> timedelta | None:
    """How far from now the moment is, when that never depends on a calendar."""
    if moment.type is Type.DATETIME and moment.anchor == "now" and moment.offset.is_absolute:
        return timedelta(seconds=moment.offset.seconds)
    return None


def _is_set(value: ir.Value | ir.Items, *, wanted: bool) -> Limited | None:
    if isinstance(value, ir.Items):
        return None
    kind = ir.value_type(value)
    if kind not in _EMPTY_IS_A_VALUE and kind is not Type.TEXT:
        return None
    empty: frozenset[Any] = frozenset({""} if kind is Type.TEXT else ())
    return value, Limits(outside=empty) if wanted else Limits(empty, absent=True)


def _holding(wanted: frozenset[str], every: bool) -> SetLimits:
    if every or len(wanted) == 1:
        return SetLimits(all_of=wanted)
    return SetLimits(any_of=(wanted,))


def _any_of(parts: tuple[ir.Predicate, ...]) -> Limited | None:
    """One value out of lists of several: `country is SG, or country is one of MY and ID`."""
    found = [limited(part) for part in parts]
    values = {one[0] for one in found if one is not None}
    kept = [one[1] for one in found if one is not None and isinstance(one[1], Limits)]
    if len(kept) < len(parts) or len(values) != 1:
        return None
    together = either(kept)
    return None if together is None else (values.pop(), together)
