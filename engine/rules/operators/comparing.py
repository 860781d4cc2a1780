"""How two checked sides become one comparison: types meet, dates widen to days, money splits."""

from __future__ import annotations

from datetime import date
from typing import Literal

from engine.local_time import Span
from engine.rules import ir
from engine.rules.checked import Checked, Money, Null, described, type_of
from engine.rules.operators.entry import Call
from engine.rules.operators.logic import conjunction, negation
from engine.rules.operators.sides import meet
from engine.rules.types import ORDERED, Type

Sign = Literal["==", "!=", "<", "<=", ">", ">="]
_FLIPPED: dict[ir.Comparison, ir.Comparison] = {
    "==": "==",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_ONE_DAY = Span(days=1)


def compare(
    call: Call, sign: Sign, left: Checked, right: Checked, places: tuple[int, int]
) -> ir.Predicate | None:
    """The comparison of two sides that stand at these argument places, or None after a problem."""
    if sign == "!=":
        equal = compare(call, "==", left, right, places)
        return None if equal is None else negation(equal)
    if isinstance(left, Null) or isinstance(right, Null):
        return _with_null(call, sign, left, right, places)
    met = meet(call, left, right, places)
    if met is None:
        return None
    left, right = met
    if isinstance(left, Money) and isinstance(right, Money):
        return _money(sign, left, right)
    if type_of(left) is Type.BOOLEAN:
        return _boolean(call, sign, left, right, places)
    if type_of(left) not in ORDERED:
        call.problem("wrong_type", f'"{sign}" cannot compare {described(left)}.', places[0])
        return None
    return _values(sign, left, right)  # type: ignore[arg-type]  # ordered types are values


def between(
    call: Call, value: Checked, low: Checked, high: Checked, places: tuple[int, int, int]
) -> ir.Predicate | None:
    """low <= value <= high."""
    above = compare(call, ">=", value, low, (places[0], places[1]))
    below = compare(call, "<=", value, high, (places[0], places[2]))
    return None if above is None or below is None else join_window(above, below)


def join_window(above: ir.Predicate, below: ir.Predicate) -> ir.Predicate:
    """Two bounds on one value as a single window, so that the value is read once."""
    match above, below:
        case (
            ir.Compare(">=", value, ir.Literal() | ir.Moment() as low),
            ir.Compare("<" | "<=" as sign, other, ir.Literal() | ir.Moment() as high),
        ) if value == other:
            return ir.Within(value, low, high, closed=sign == "<=")
    return conjunction(above, below)


def _with_null(
    call: Call, sign: ir.Comparison, left: Checked, right: Checked, places: tuple[int, int]
) -> ir.Predicate | None:
    if sign != "==":
        call.problem(
            "null_not_allowed", f'"{sign}" cannot compare with null; use is_set.', places[1]
        )
        return None
    other, place = (right, places[1]) if isinstance(left, Null) else (left, places[0])
    present = presence(call, other, place)
    return None if present is None else negation(present)


def presence(call: Call, node: Checked, place: int) -> ir.Predicate | None:
    """Whether a value is there and not empty."""
    if isinstance(node, Money):
        return ir.IsSet(node.minor)
    if isinstance(node, (Null, *ir.PREDICATES)):
        call.problem(
            "wrong_type", f"Only a value can be set or empty, not {described(node)}.", place
        )
        return None
    return ir.IsSet(node)


def _money(sign: ir.Comparison, left: Money, right: Money) -> ir.Predicate:
    amounts = ir.Compare(sign, left.minor, right.minor)
    match left.currency, right.currency:
        case ir.Literal(value=ours), ir.Literal(value=theirs):
            return amounts if ours == theirs else ir.Constant(False)
        case _:
            return conjunction(ir.Compare("==", left.currency, right.currency), amounts)


def _boolean(
    call: Call, sign: ir.Comparison, left: Checked, right: Checked, places: tuple[int, int]
) -> ir.Predicate | None:
    if sign != "==":
        call.problem(
            "wrong_type", f'Yes and no have no order; "{sign}" cannot compare them.', places[0]
        )
        return None
    for condition, literal in ((left, right), (right, left)):
        match condition, literal:
            case ir.Field() | ir.Literal(), ir.Literal():
                return ir.Compare("==", condition, literal)
            case _, ir.Literal(value=bool(truth)):
                predicate = call.checker.as_predicate(condition, call.place(places[0]))
                if predicate is None:
                    return None
                return predicate if truth else negation(predicate)
    if isinstance(left, ir.Field) and isinstance(right, ir.Field):
        return ir.Compare("==", left, right)
    call.problem("wrong_type", "Two conditions cannot be compared; join them with and, or and !.")
    return None


def _values(sign: ir.Comparison, left: ir.Value, right: ir.Value) -> ir.Predicate:
    if _is_constant(left) and not _is_constant(right):
        left, right, sign = right, left, _FLIPPED[sign]
    kinds = ir.value_type(left), ir.value_type(right)
    if kinds == (Type.DATETIME, Type.DATE):
        return by_day(sign, left, right)
    if kinds == (Type.DATE, Type.DATETIME):
        return by_day(_FLIPPED[sign], right, left)
    return _counted(sign, left, right) or ir.Compare(sign, left, right)


def _is_constant(value: ir.Value) -> bool:
    return isinstance(value, ir.Literal | ir.Moment)


def by_day(sign: ir.Comparison, instant: ir.Value, day: ir.Value) -> ir.Predicate:
    """Compare the local date of an instant with a date that is known before any record is read."""
    assert isinstance(day, ir.Literal | ir.Moment)
    start, end = day_start(day), day_start(day, _ONE_DAY)
    match sign:
        case "<":
            return ir.Compare("<", instant, start)
        case "<=":
            return ir.Compare("<", instant, end)
        case ">":
            return ir.Compare(">=", instant, end)
        case ">=":
            return ir.Compare(">=", instant, start)
        case "==":
            return ir.Within(instant, start, end, closed=False)


def day_start(day: ir.Literal | ir.Moment, later: Span = ir.NO_SPAN) -> ir.Moment:
    """The instant at which a date, or one some days later, begins in the zone."""
    if isinstance(day, ir.Literal):
        assert isinstance(day.value, date)
        return ir.Moment(Type.DATETIME, day.value, later)
    offset = Span(day.offset.months, day.offset.days + later.days, 0)
    return ir.Moment(Type.DATETIME, day.anchor, offset)


def _counted(sign: ir.Comparison, left: ir.Value, right: ir.Value) -> ir.Predicate | None:
    """At least one and none at all need no counting."""
    if not isinstance(left, ir.Count) or not isinstance(right, ir.Literal):
        return None
    if (sign, right.value) in ((">=", 1), (">", 0)):
        return ir.Quantified("some", left.items, left.where)
    if (sign, right.value) in (("==", 0), ("<", 1), ("<=", 0)):
        return ir.Quantified("none", left.items, left.where)
    return None
