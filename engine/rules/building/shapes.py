"""What stands behind the first argument of each operator, and what the builder can draw there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

Shape = Literal["value", "values", "texts", "text", "count", "unit", "period", "days", "window"]

UNARY: Final = (
    *("is_set", "is_empty", "is_true", "is_false", "changed"),
    *("today", "this_week", "this_month", "this_quarter", "this_year"),
)
_SLIDING: Final[tuple[Shape, ...]] = ("count", "unit")
SHAPES: Final[Mapping[str, tuple[Shape, ...]]] = {
    **dict.fromkeys(UNARY, ()),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "before", "after", "on"), ("value",)),
    "between": ("value", "value"),
    **dict.fromkeys(("in", "not_in"), ("values",)),
    **dict.fromkeys(("has_any", "has_all", "has_none"), ("texts",)),
    **dict.fromkeys(
        (
            *("has", "contains", "starts_with", "ends_with"),
            *("not_contains", "not_starts_with", "not_ends_with"),
        ),
        ("text",),
    ),
    **dict.fromkeys(("in_last", "in_next", "more_than_ago", "more_than_ahead"), _SLIDING),
    "in_last_calendar": ("count", "period"),
    "anniversary_in_next": ("count", "days"),
    **dict.fromkeys(("changed_to", "changed_from", "increased_by"), ("value",)),
    "was_ever": ("value", "window"),
}
UNITS: Final = ("minutes", "hours", "days", "weeks", "months", "quarters", "years")
PERIODS: Final = UNITS[2:]
DAYS: Final = ("days", "weeks", "months")
_ANCHORS: Final = ("now", "day", "week", "month", "quarter", "year")


def fits(operator: str, arguments: Sequence[Any]) -> bool:
    """Whether the builder draws these arguments, chosen or not."""
    shapes = SHAPES.get(operator)
    if shapes is None or len(shapes) != len(arguments):
        return False
    return all(_FITS[shape](one) for shape, one in zip(shapes, arguments, strict=True))


def is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def is_money(value: Any) -> bool:
    match value:
        case {"money": [int(minor), str()]} if len(value) == 1:
            return not isinstance(minor, bool)
        case _:
            return False


def is_fact(value: Any) -> bool:
    match value:
        case {"var": str()} if len(value) == 1:
            return True
        case _:
            return False


def is_moment(value: Any) -> bool:
    """A time that slides with now: {"moment": ["month", "-P3D"]}."""
    match value:
        case {"moment": [str(anchor)]} | {"moment": [str(anchor), str()]} if len(value) == 1:
            return anchor in _ANCHORS
        case {"now": []} if len(value) == 1:
            return True
        case _:
            return False


def _is_value(value: Any) -> bool:
    return is_scalar(value) or is_money(value) or is_fact(value) or is_moment(value)


def _is_list(value: Any, kinds: type | tuple[type, ...]) -> bool:
    listed = isinstance(value, list | tuple)
    return listed and all(isinstance(one, kinds) and not isinstance(one, bool) for one in value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _one_of(units: Sequence[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and (value in units or f"{value}s" in units)


def _is_window(value: Any) -> bool:
    if value is None:
        return True
    return (
        isinstance(value, list | tuple)
        and len(value) > 0
        and isinstance(value[0], str)
        and fits(value[0], value[1:])
    )


_FITS: Final[Mapping[Shape, Callable[[Any], bool]]] = {
    "value": _is_value,
    "values": lambda value: _is_list(value, (str, int, float)),
    "texts": lambda value: _is_list(value, str),
    "text": lambda value: isinstance(value, str),
    "count": _is_count,
    "unit": _one_of(UNITS),
    "period": _one_of(PERIODS),
    "days": _one_of(DAYS),
    "window": _is_window,
}
