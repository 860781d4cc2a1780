"""How the two sides of a comparison come to one type: properties adopt, texts become dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from engine.rules import ir
from engine.rules.check import read_as
from engine.rules.checked import Checked, Money, described, type_of
from engine.rules.operators.entry import Call
from engine.rules.problems import shown
from engine.rules.text_folding import fold
from engine.rules.types import Type


def meet(
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


# Away from the ends of the calendar, so that a day has a day after it in every zone.
YEARS = range(1000, 9999)


def parse_when(text: str, *, times: bool) -> ir.Literal | None:
    """A date, or where `times` are allowed an instant with its offset; None when the text is
    neither.
    """
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return ir.Literal(Type.DATE, day) if day.year in YEARS else None
        instant = datetime.fromisoformat(text) if times else None
        if instant is None or instant.tzinfo is None or instant.year not in YEARS:
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
