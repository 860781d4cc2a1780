"""From a rule to the tree that draws it. What cannot be drawn is kept as it is written.

Nothing here looks at the catalogue: whether a fact exists is the checker's to say, and a rule with
mistakes is drawn so that they can be mended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast, get_args

from engine.rules.building.shapes import SHAPES, UNARY, fits
from engine.rules.building.tree import (
    Comparison,
    EventTime,
    Fact,
    Function,
    Group,
    Happened,
    How,
    Join,
    Membership,
    Node,
    Operand,
    Quantifier,
    Quiet,
    Records,
    Total,
    Which,
    Written,
)
from engine.rules.facts import LIST_KINDS
from engine.rules.operators import find

_JOINS: Final[Mapping[str, Join]] = {"and": "all", "or": "any"}
_SAME: Final = {"===": "==", "!==": "!=", "!in": "not_in"}
_SAME_TOTAL: Final = {"sum_of": "sum", "min_of": "min", "max_of": "max"}
_FLIPPED: Final = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_SIGNS: Final = ("==", "!=", "<", "<=", ">", ">=")
_WINDOWS: Final = (
    *("in_last", "in_last_calendar", "today", "this_week", "this_month", "this_quarter"),
    *("this_year", "before", "after", "on", "in_next", "more_than_ago", "between"),
)


def read_tree(document: Any) -> Group:
    """The tree of a bare rule; None is a tree without conditions."""
    return Group() if document is None else _whole(document)


def read_node(document: Any) -> Node:
    """One condition or group."""
    found = _node(document)
    return Written(document) if found is None else found


def _whole(document: Any) -> Group:
    node = read_node(document)
    return node if isinstance(node, Group) else Group("all", (node,))


def _where(document: Any) -> Group:
    return Group() if document in (None, True) else _whole(document)


def _node(document: Any) -> Node | None:
    """None for what the builder does not draw."""
    if not isinstance(document, dict) or len(document) != 1:
        return None
    ((name, given),) = document.items()
    if not isinstance(name, str):
        return None
    arguments = given if isinstance(given, list) else [given]
    name = _SAME.get(name, name)
    if name in _JOINS:
        return Group(_JOINS[name], tuple(map(read_node, arguments)))
    reader = _READERS.get(name)
    if reader is not None:
        return reader(name, arguments)
    return _comparison(name, arguments)


def _negated(_: str, arguments: list[Any]) -> Node | None:
    if len(arguments) != 1 or not _is_condition(arguments[0]):
        return None
    inner = read_node(arguments[0])
    if isinstance(inner, Group) and inner.join == "any":
        return Group("none", inner.parts)
    return Group("none", (inner,))


def _affirmed(_: str, arguments: list[Any]) -> Node | None:
    if len(arguments) != 1 or not _is_condition(arguments[0]):
        return None
    return _node(arguments[0])


def _is_condition(document: Any) -> bool:
    """Of a value, "not" asks whether it is there, by rules of its own."""
    if not isinstance(document, dict) or len(document) != 1:
        return False
    (name,) = document
    entry = find(name) if isinstance(name, str) else None
    # an "if" below "not" can only answer with conditions
    return entry is not None and (entry.gives == "condition" or name == "if")


def _true(_: str, arguments: list[Any]) -> Node | None:
    """A fact alone is a condition only when it is a yes or no."""
    left = _operand({"var": arguments})
    return None if left is None else Comparison(left, "is_true")


def _happened(name: str, arguments: list[Any]) -> Node | None:
    if not 1 <= len(arguments) <= (3 if name == "not_done" else 5):
        return None
    event, *rest = arguments
    how: How = "not_done" if name == "not_done" else "done"
    sign: Any = ">="
    times: Any = 1
    if how == "done" and rest:
        sign = rest[0]
        times = rest[1] if len(rest) > 1 else 1
        rest = rest[2:]
    window = rest[0] if rest else None
    where = rest[1] if len(rest) > 1 else None
    if name == "performed" and where is not None:
        where = _filters(where)
        if where is None:
            return None
    if not isinstance(event, str) or sign not in _SIGNS or not _is_number(times):
        return None
    if window is not None and not _is_window(window):
        return None
    return Happened(event, how, sign, times, _window(window), _where(where))


def _filters(filters: Any) -> Any:
    """The condition that an object of properties is short for; None when it has no clear one."""
    if not isinstance(filters, dict) or not filters:
        return None
    found: list[Any] = []
    for name, wanted in filters.items():
        value = {"var": f"properties.{name}"}
        if isinstance(wanted, dict):
            parts = [_filter(value, operator, rest) for operator, rest in wanted.items()]
            if not parts or None in parts:
                return None
            found.extend(parts)
        else:
            found.append({"in" if isinstance(wanted, list) else "==": [value, wanted]})
    return {"and": found}


def _filter(value: Any, name: Any, rest: Any) -> Any:
    entry = find(name) if isinstance(name, str) else None
    if entry is None:
        return None
    if entry.most == 1:
        asked = {entry.name: [value]}
        return asked if rest is True else {"!": [asked]}
    if isinstance(rest, list) and entry.least > 2:
        return {entry.name: [value, *rest]}
    return {entry.name: [value, rest]}


def _is_window(window: Any) -> bool:
    if not isinstance(window, list) or not window or window[0] not in _WINDOWS:
        return False
    return fits(window[0], window[1:])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _quiet(_: str, arguments: list[Any]) -> Node | None:
    match arguments:
        case [str(event), int(times), str(unit)] if not isinstance(times, bool):
            return Quiet(event, times, _plural(unit))
        case _:
            return None


def _plural(unit: str) -> str:
    return unit if unit.endswith("s") else f"{unit}s"


def _records(name: str, arguments: list[Any]) -> Node | None:
    match arguments:
        case [items, where] if _list_of(items) is not None:
            if name == "all" and where is True:
                return None
            return Records(cast(Quantifier, name), str(_list_of(items)), _where(where))
        case _:
            return None


def _list_of(document: Any) -> str | None:
    path = _path(document)
    return path if path in LIST_KINDS else None


def _member(_: str, arguments: list[Any]) -> Node | None:
    match arguments:
        case [str(segment)]:
            return Membership(segment)
        case _:
            return None


def _comparison(name: str, arguments: list[Any]) -> Node | None:
    if not arguments or name not in SHAPES:
        return _between(name, arguments) if name == "window" else None
    if name in ("is_set", "is_empty") and (items := _list_of(arguments[0])) is not None:
        return Records("some" if name == "is_set" else "none", items)
    if name in ("<", "<=") and len(arguments) == 3:
        return _in_the_middle(name, arguments)
    if name == "in" and len(arguments) == 2 and isinstance(arguments[0], str):
        return _comparison("contains", [arguments[1], arguments[0]])
    left = _operand(arguments[0])
    if left is None and name in _FLIPPED and len(arguments) == 2:
        name, arguments = _FLIPPED[name], [arguments[1], arguments[0]]
        left = _operand(arguments[0])
    if left is None:
        return None
    return _said_of(left, name, arguments[1:])


def _said_of(left: Operand, name: str, rest: list[Any]) -> Node | None:
    if name in ("==", "!=") and rest == [None]:
        return Comparison(left, "is_empty" if name == "==" else "is_set")
    if name == "==" and len(rest) == 1 and isinstance(rest[0], bool):
        return Comparison(left, "is_true" if rest[0] else "is_false")
    if name == "was_ever" and len(rest) == 1:
        rest = [*rest, None]
    if not fits(name, rest):
        return None
    return Comparison(left, name, _chosen(name, rest))


def _chosen(name: str, rest: list[Any]) -> tuple[Any, ...]:
    """Arguments as the builder keeps them: units in the plural, a window like an operator's."""
    return tuple(
        _plural(one)
        if shape in ("unit", "period", "days")
        else _window(one)
        if shape == "window"
        else _frozen(one)
        for shape, one in zip(SHAPES[name], rest, strict=True)
    )


def _window(window: Any) -> tuple[Any, ...] | None:
    return None if window is None else (window[0], *_chosen(window[0], list(window[1:])))


def _frozen(value: Any) -> Any:
    """Lists of a rule become tuples, so that nobody changes them; objects stay."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _in_the_middle(name: str, arguments: list[Any]) -> Node | None:
    low, middle, high = arguments
    left = _operand(middle)
    if left is None:
        return None
    if name == "<=":
        return _said_of(left, "between", [low, high])
    parts = (_said_of(left, ">", [low]), _said_of(_operand(middle) or left, "<", [high]))
    if None in parts:
        return None
    return Group("all", cast(tuple[Node, ...], parts))


def _between(_: str, arguments: list[Any]) -> Node | None:
    match arguments:
        case [value, None, high]:
            return _comparison("<=", [value, high])
        case [value, low, None]:
            return _comparison(">=", [value, low])
        case [value, low, high]:
            return _comparison("between", [value, low, high])
        case _:
            return None


def _path(document: Any) -> str | None:
    match document:
        case {"var": str(path)} | {"var": [str(path)]} if len(document) == 1:
            return path
        case _:
            return None


def _operand(document: Any) -> Operand | None:
    path = _path(document)
    if path is not None:
        return None if path in LIST_KINDS else Fact(path)
    if not isinstance(document, dict) or len(document) != 1:
        return None
    ((name, given),) = document.items()
    arguments = given if isinstance(given, list) else [given]
    if name == "in_base" and len(arguments) == 1:
        inner = _path(arguments[0])
        return None if inner is None else Fact(inner, in_base=True)
    if not isinstance(name, str):
        return None
    if name in get_args(Which):
        return _event_time(name, arguments)
    return _total(_SAME_TOTAL.get(name, name), arguments)


def _event_time(name: str, arguments: list[Any]) -> Operand | None:
    match arguments:
        case [str(event)]:
            return EventTime(cast(Which, name), event)
        case [str(event), where]:
            return EventTime(cast(Which, name), event, _where(where))
        case _:
            return None


def _total(name: str, arguments: list[Any]) -> Operand | None:
    items = _list_of(arguments[0]) if arguments else None
    if name not in get_args(Function) or items is None:
        return None
    rest = iter(arguments[1:])
    of = currency = None
    if name != "count":
        of = _path(next(rest, None))
    if name == "money_sum":
        currency = next(rest, None)
    where = list(_rest(rest))
    lacks = (name != "count" and of is None) or (name == "money_sum" and not _is_code(currency))
    if lacks or len(where) > 1:
        return None
    return Total(cast(Function, name), items, of, currency, _where(where[0] if where else None))


def _rest(rest: Iterator[Any]) -> Iterator[Any]:
    yield from rest


def _is_code(currency: Any) -> bool:
    return isinstance(currency, str) and len(currency) == 3


_READERS: Final[Mapping[str, Callable[[str, list[Any]], Node | None]]] = {
    "!": _negated,
    "!!": _affirmed,
    "var": _true,
    **dict.fromkeys(("done", "performed", "not_done"), _happened),
    "inactive_for": _quiet,
    **dict.fromkeys(get_args(Quantifier), _records),
    "member_of": _member,
}
# Every operator without further arguments is written in one way.
assert set(UNARY) <= set(SHAPES)
