"""Tests of one value against written values and moments, as ranges between cuts."""

from __future__ import annotations

from dataclasses import dataclass

from engine.rules import ir
from engine.rules.analysis.cuts import Cut, cut
from engine.rules.types import ORDERED, Type

# None is an open end.
Range = tuple[Cut | None, Cut | None]


@dataclass(frozen=True, slots=True)
class Ranged:
    """True exactly when `value` is present and lies in one of the ranges."""

    value: ir.Value
    ranges: tuple[Range, ...]


def ranged(node: ir.Predicate) -> Ranged | None:
    """A simplified test as ranges, or None when it is of another kind."""
    match node:
        case ir.Compare(sign, left, right) if left == right:
            return Ranged(left, () if sign in ("<", ">") else ((None, None),))
        case ir.Compare(sign, left, ir.Literal() | ir.Moment() as right) if _ordered(left):
            return _compared(sign, left, right)
        case ir.Within(value, low, high, closed) if _ordered(value):
            return _known(value, [(cut(low), cut(high, after=closed))])
        case ir.OneOf(value, options) if _ordered(value):
            kind = ir.value_type(value)
            points = [ir.Literal(kind, option) for option in options]
            return _known(value, [(cut(point), cut(point, after=True)) for point in points])
        case ir.TextTest("starts_with", value, text) if _ordered(value):
            return Ranged(value, (_starting_with(text),))
        case ir.IsSet(value=value) if not isinstance(value, ir.Items) and _ordered(value):
            empty = Cut("", after=True) if ir.value_type(value) is Type.TEXT else None
            return Ranged(value, ((empty, None),))
        case _:
            return None


def _ordered(value: ir.Value) -> bool:
    constant = isinstance(value, ir.Literal | ir.Moment)
    return not constant and ir.value_type(value) in ORDERED


def _compared(sign: ir.Comparison, left: ir.Value, right: ir.Literal | ir.Moment) -> Ranged | None:
    before, after = cut(right), cut(right, after=True)
    match sign:
        case "<":
            return None if before is None else Ranged(left, ((None, before),))
        case ">=":
            return None if before is None else Ranged(left, ((before, None),))
        case "<=":
            return None if after is None else Ranged(left, ((None, after),))
        case ">":
            return None if after is None else Ranged(left, ((after, None),))
        case "==":
            return _known(left, [(before, after)])


def _known(value: ir.Value, ranges: list[tuple[Cut | None, Cut | None]]) -> Ranged | None:
    if any(low is None or high is None for low, high in ranges):
        return None
    return Ranged(value, tuple(ranges))


def _starting_with(text: str) -> Range:
    """Texts are in order of their code points, so those with one beginning lie side by side."""
    end = text
    while end:
        last = ord(end[-1])
        if last < 0x10FFFF:
            following = 0xE000 if last == 0xD7FF else last + 1
            return Cut(text), Cut(end[:-1] + chr(following))
        end = end[:-1]
    return Cut(text), None
