"""How two checked sides become one comparison: types meet, dates widen to days, money splits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Literal

from engine.local_time import Span
from engine.rules import ir
from engine.rules.check import read_as
from engine.rules.checked import Checked, Money, Null, described, type_of
from engine.rules.operators.entry import Call
from engine.rules.operators.logic import conjunction, negation
from engine.rules.problems import shown
from engine.rules.text_folding import fold
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
    met = _meet(call, left, right, places)
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


def _meet(
    call: Call, left: Checked, right: Checked, places: tuple[int, int]
) -> tuple[Checked, Checked] | None:
    """Both sides with one type between them; a property takes the other's, a text may be read as a
    date.
    """
    kinds = type_of(left), type_of(right)
    if kinds == (Type.PROPERTY, Type.PROPERTY):
        message = "Neither side says what type to read; compare with a written-out value or a fact."
        call.problem("type_unclear", message, places[0])
        return None
    left = _towards(left, right)
    right = _towards(right, left)
    new_right = _dated(call, right, type_of(left), places[1])
    new_left = _dated(call, left, type_of(right), places[0])
    if new_left is None or new_right is None:
        return None
    if not _comparable(new_left, new_right):
        hint = _hint(new_left, new_right)
        message = (
            f"{described(left).capitalize()} cannot be compared with {described(right)}{hint}."
        )
        call.problem("wrong_type", message, places[1])
        return None
    if not (
        _known(call, new_left, new_right, places[1])
        and _known(call, new_right, new_left, places[0])
    ):
        return None
    return _folded(new_left, new_right), _folded(new_right, new_left)


def _towards(node: Checked, other: Checked) -> Checked:
    if not (isinstance(node, ir.Field) and node.type is Type.PROPERTY):
        return node
    if isinstance(other, Money):
        path = node.path
        return Money(
            ir.Field(Type.NUMBER, (*path, "minor"), dynamic=True),
            ir.Field(Type.TEXT, (*path, "currency"), dynamic=True),
        )
    kind = type_of(other)
    return node if kind is None else read_as(node, kind)


def _dated(call: Call, node: Checked, other: Type | None, place: int) -> Checked | None:
    """A written-out text beside a date or time is one itself."""
    if not isinstance(node, ir.Literal) or node.type is not Type.TEXT:
        return node
    if other not in (Type.DATE, Type.DATETIME):
        return node
    parsed = parse_when(str(node.value), times=other is Type.DATETIME)
    if parsed is None:
        wanted = '"2026-03-01"' if other is Type.DATE else '"2026-03-01" or "2026-03-01T09:30:00Z"'
        message = f"{shown(node.value)} is not a date this can be compared with; write {wanted}."
        call.problem("bad_date", message, place)
    return parsed


def parse_when(text: str, *, times: bool) -> ir.Literal | None:
    """A date, or where `times` are allowed an instant with its offset; None when the text is
    neither.
    """
    try:
        if len(text) == 10:
            return ir.Literal(Type.DATE, date.fromisoformat(text))
        instant = datetime.fromisoformat(text) if times else None
        if instant is None or instant.tzinfo is None:
            return None
        return ir.Literal(Type.DATETIME, instant.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _is_constant_date(node: Checked) -> bool:
    return isinstance(node, ir.Literal | ir.Moment) and node.type is Type.DATE


def _comparable(left: Checked, right: Checked) -> bool:
    kinds = type_of(left), type_of(right)
    if kinds == (Type.DATETIME, Type.DATE):
        return _is_constant_date(right)
    if kinds == (Type.DATE, Type.DATETIME):
        return _is_constant_date(left)
    return kinds[0] is kinds[1] and kinds[0] is not None


def _hint(left: Checked, right: Checked) -> str:
    kinds = {type_of(left), type_of(right)}
    if kinds == {Type.MONEY, Type.NUMBER}:
        return '; write an amount as {"money": [1250, "EUR"]}, in the smallest unit'
    if Type.SET in kinds:
        return "; use has, has_any, has_all or has_none"
    if kinds == {Type.DATE, Type.DATETIME}:
        return "; a time can only be compared with a written-out date"
    return ""


def _known(call: Call, field: Checked, literal: Checked, place: int) -> bool:
    """Whether a written-out text is one of the field's values, where those are a closed set."""
    if not isinstance(field, ir.Field) or not isinstance(literal, ir.Literal):
        return True
    return known_value(call, field, literal.value, call.place(place))


def known_value(call: Call, field: ir.Field, value: object, pointer: str) -> bool:
    """Whether a text is one of the field's values; a problem at `pointer` when it is not."""
    fact = call.checker.fact_of(field, call.scope)
    if fact is None or not fact.values or value in fact.values:
        return True
    choices = ", ".join(fact.values[:12])
    message = f"{shown(value)} is not one of the values: {choices}."
    call.checker.problem(pointer, "unknown_value", message)
    return False


def _folded(node: Checked, other: Checked) -> Checked:
    if isinstance(node, ir.Literal) and isinstance(other, ir.Field) and other.folded:
        return replace(node, value=fold(str(node.value)))
    return node


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
