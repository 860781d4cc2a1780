"""A rule as a person builds it: groups of conditions, each with a number to be pointed at.

Numbers do not count when two trees are compared. What a person has not chosen yet is None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal, TypeAlias

Join = Literal["all", "any", "none"]
How = Literal["done", "not_done"]
Which = Literal["first_done", "last_done"]
Quantifier = Literal["some", "none", "all"]
Function = Literal["count", "sum", "min", "max", "avg_of", "money_sum"]

_numbers = count(1)


def fresh() -> int:
    """A number that no other node of this process has."""
    return next(_numbers)


@dataclass(frozen=True, slots=True)
class Group:
    join: Join = "all"
    parts: tuple[Node, ...] = ()
    id: int = field(default_factory=fresh, compare=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """A field, by the path a rule reads it under; `in_base`: its amount in the base currency."""

    path: str | None = None
    in_base: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """A number worked out over a list; `of` is a field of its items, None when items are counted.
    `currency` is that of a sum of money.
    """

    function: Function
    list: str
    of: str | None = None
    currency: str | None = None
    where: Group = field(default_factory=Group)


@dataclass(frozen=True, slots=True)
class EventTime:
    """When an event happened for the first or the last time."""

    which: Which
    event: str | None = None
    where: Group = field(default_factory=Group)


Operand: TypeAlias = Fact | Total | EventTime


@dataclass(frozen=True, slots=True)
class Comparison:
    """`arguments` are those of the operator after the first, as the rule has them."""

    left: Operand
    operator: str
    arguments: tuple[Any, ...] = ()
    id: int = field(default_factory=fresh, compare=False)


@dataclass(frozen=True, slots=True)
class Happened:
    """How often an event of a name happened in a window; `not_done` asks for never."""

    event: str | None = None
    how: How = "done"
    sign: str = ">="
    times: float | None = 1
    window: tuple[Any, ...] | None = None
    where: Group = field(default_factory=Group)
    id: int = field(default_factory=fresh, compare=False)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Has not done it for so long, and has been known for longer."""

    event: str | None = None
    times: int | None = 30
    unit: str = "days"
    id: int = field(default_factory=fresh, compare=False)


@dataclass(frozen=True, slots=True)
class Records:
    """Whether some, none or all records of a list are so; without a condition whether there are
    any.
    """

    quantifier: Quantifier
    list: str
    where: Group = field(default_factory=Group)
    id: int = field(default_factory=fresh, compare=False)


@dataclass(frozen=True, slots=True)
class Membership:
    segment: str | None = None
    id: int = field(default_factory=fresh, compare=False)


@dataclass(frozen=True, slots=True)
class Written:
    """What the builder does not draw, kept as it was written."""

    document: Any
    id: int = field(default_factory=fresh, compare=False)


Condition: TypeAlias = Comparison | Happened | Quiet | Records | Membership | Written
Node: TypeAlias = Group | Condition


def where_of(node: Node) -> Group | None:
    """The conditions on the records or events that a condition looks at, where it has such."""
    match node:
        case Happened() | Records():
            return node.where
        case Comparison(left=Total() | EventTime() as left):
            return left.where
        case _:
            return None


def with_where(node: Node, where: Group) -> Node:
    match node:
        case Happened() | Records():
            return replace(node, where=where)
        case Comparison(left=Total() | EventTime() as left):
            return replace(node, left=replace(left, where=where))
        case _:
            return node


def item_list(node: Node) -> str | None:
    """The list whose items the conditions of `where_of` are about."""
    match node:
        case Records():
            return node.list
        case Comparison(left=Total() as left):
            return left.list
        case Happened() | Comparison(left=EventTime()):
            return "events"
        case _:
            return None


def inside(node: Node) -> tuple[Node, ...]:
    """What stands directly below a node: parts of a group, or its where."""
    if isinstance(node, Group):
        return node.parts
    where = where_of(node)
    return () if where is None else (where,)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order they are read."""
    ahead: list[Node] = [node]
    while ahead:
        here = ahead.pop()
        yield here
        ahead.extend(reversed(inside(here)))
