"""What may be asked of a fact: operators by its type, and what a new condition starts as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.rules.building.shapes import SHAPES
from engine.rules.building.tree import Comparison, EventTime, Operand, Total
from engine.rules.building.tree import Fact as Field
from engine.rules.fact import Fact, RecordKind
from engine.rules.facts import LIST_KINDS, RECORD_LABELS, Catalogue
from engine.rules.operators.changes import TOLD
from engine.rules.operators.kept_fields import is_kept
from engine.rules.types import Type

_THERE: Final = ("is_set", "is_empty")
_ORDER: Final = (">=", "<=", ">", "<", "==", "!=", "between")
_PIECES: Final = (
    *("contains", "not_contains", "starts_with", "not_starts_with"),
    *("ends_with", "not_ends_with"),
)
_TIMES: Final = (
    *("in_last", "more_than_ago", "in_next", "more_than_ahead", "before", "after", "on"),
    *("between", "in_last_calendar", "today", "this_week", "this_month", "this_quarter"),
    "this_year",
)
OFFERED: Final[Mapping[Type, Sequence[str]]] = {
    Type.TEXT: ("==", "!=", "in", "not_in", *_PIECES, *_THERE),
    Type.NUMBER: (*_ORDER, "in", "not_in", *_THERE),
    Type.MONEY: (*_ORDER, *_THERE),
    Type.BOOLEAN: ("is_true", "is_false", *_THERE),
    Type.DATE: (*_TIMES, "anniversary_in_next", *_THERE),
    Type.DATETIME: (*_TIMES, *_THERE),
    Type.SET: ("has", "has_any", "has_all", "has_none", *_THERE),
    Type.PROPERTY: (
        *("==", "!=", "in", "not_in", ">", ">=", "<", "<=", "between", *_PIECES),
        *("is_true", "is_false", *_THERE),
    ),
}
_CLOSED: Final = ("==", "!=", "in", "not_in", *_THERE)
_CHANGES: Final = ("changed", "changed_to", "changed_from")
# Nothing to count is no time, so whether it is known is a question only of what may be absent.
_ALWAYS_THERE: Final = ("count", "sum", "money_sum")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a condition stands: about `subject` itself, or about the items of `items`."""

    reach: tuple[RecordKind, ...]
    event_rule: bool = False
    items: str | None = None


def fact_at(path: str | None, place: Place, catalogue: Catalogue) -> Fact | None:
    """The catalogue's entry for a path as it is written in this place."""
    if not path:
        return None
    if place.items is not None:
        return catalogue.fact(LIST_KINDS[place.items], path)
    head, _, name = path.partition(".")
    if not name or head not in RECORD_LABELS:
        return None
    kind: RecordKind = head  # type: ignore[assignment]  # a key of RECORD_LABELS
    return catalogue.fact(kind, name)


def type_of(left: Operand, place: Place, catalogue: Catalogue) -> Type | None:
    """The type of what is compared; None when the fact is not known."""
    match left:
        case Field(in_base=True):
            return Type.NUMBER
        case Field(path=path):
            return _type_at(path, place, catalogue)
        case EventTime():
            return Type.DATETIME
        case Total(function="money_sum"):
            return Type.MONEY
        case Total(function="min" | "max", list=items, of=of):
            inner = Place(place.reach, items=items)
            return _type_at(of, inner, catalogue) or Type.NUMBER
        case Total():
            return Type.NUMBER


def _type_at(path: str | None, place: Place, catalogue: Catalogue) -> Type | None:
    fact = fact_at(path, place, catalogue)
    if fact is not None:
        return fact.type
    owner, _, part = (path or "").rpartition(".")
    money = fact_at(owner, place, catalogue)
    if money is not None and money.type is Type.MONEY:
        return {"minor": Type.NUMBER, "currency": Type.TEXT}.get(part)
    return None


def operators_for(left: Operand, place: Place, catalogue: Catalogue) -> tuple[str, ...]:
    """The names of the operators that make sense of this, the likeliest first."""
    kind = type_of(left, place, catalogue)
    if kind is None or kind not in OFFERED:
        return ()
    fact = fact_at(left.path, place, catalogue) if isinstance(left, Field) else None
    offered = tuple(OFFERED[kind])
    if fact is not None and fact.values and kind is Type.TEXT:
        offered = _CLOSED
    if isinstance(left, Total) and left.function in _ALWAYS_THERE:
        offered = tuple(one for one in offered if one not in _THERE)
    return (*offered, *_of_changes(left, fact, place))


def _of_changes(left: Operand, fact: Fact | None, place: Place) -> tuple[str, ...]:
    if fact is None or place.items is not None or not isinstance(left, Field) or left.in_base:
        return ()
    record: RecordKind = (left.path or "").partition(".")[0]  # type: ignore[assignment]
    if not is_kept(record, fact):
        return ()
    found: tuple[str, ...] = ()
    if record == "contact" and not fact.folded:
        found += ("was_ever",)
    if place.event_rule and record in TOLD:
        found += _CHANGES
        if fact.type in (Type.NUMBER, Type.MONEY):
            found += ("increased_by",)
    return found


def about(left: Operand, place: Place, catalogue: Catalogue) -> Comparison:
    """A new condition on this."""
    offered = operators_for(left, place, catalogue)
    operator = offered[0] if offered else "=="
    return Comparison(left, operator, first_arguments(operator))


def asked_otherwise(node: Comparison, operator: str) -> Comparison:
    """The same fact with another operator; what was chosen stays where it still fits."""
    fresh = first_arguments(operator)
    kept = _carried(node, operator, fresh)
    return Comparison(node.left, operator, kept, node.id)


def asked_of(node: Comparison, left: Operand, place: Place, catalogue: Catalogue) -> Comparison:
    """Another fact in the condition; the operator and its values stay where they still fit."""
    offered = operators_for(left, place, catalogue)
    before = type_of(node.left, place, catalogue)
    after = type_of(left, place, catalogue)
    fact = fact_at(left.path, place, catalogue) if isinstance(left, Field) else None
    if node.operator in offered and before == after and not (fact and fact.values):
        return Comparison(left, node.operator, node.arguments, node.id)
    operator = node.operator if node.operator in offered else offered[0] if offered else "=="
    return Comparison(left, operator, first_arguments(operator), node.id)


def first_arguments(operator: str) -> tuple[Any, ...]:
    """What a condition with this operator begins with; None and nothing are to be chosen."""
    return tuple(_FIRST[shape] for shape in SHAPES.get(operator, ()))


def _carried(node: Comparison, operator: str, fresh: tuple[Any, ...]) -> tuple[Any, ...]:
    old, shapes = SHAPES.get(node.operator, ()), SHAPES.get(operator, ())
    single = node.arguments[0] if node.arguments else None
    match old, shapes:
        case (("value" | "text"),), (("values" | "texts"),) if isinstance(
            single, str | int | float
        ):
            return ((single,),)
        case (("values" | "texts"),), (("value" | "text"),) if single:
            return (single[0],)
    return tuple(
        _kept(node, at, shape) if at < len(old) and old[at] == shape else new
        for at, (shape, new) in enumerate(zip(shapes, fresh, strict=True))
    )


def _kept(node: Comparison, at: int, shape: str) -> Any:
    found = node.arguments[at] if at < len(node.arguments) else None
    return _FIRST[shape] if found is None else found


_FIRST: Final[Mapping[str, Any]] = {
    "value": None,
    "values": (),
    "texts": (),
    "text": None,
    "count": 30,
    "unit": "days",
    "period": "days",
    "days": "days",
    "window": None,
}
