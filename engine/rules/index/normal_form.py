"""A rule as alternatives, each a row of conditions that must all hold. The truth stays the same."""

from __future__ import annotations

from collections.abc import Iterator

from engine.rules import ir
from engine.rules.index.limits import Limits, Measured, SetLimits
from engine.rules.index.reading import limited
from engine.rules.index.sharing import is_cheap

# Written out, an alternative costs as much as a rule; wider ones stay one condition.
MOST_ALTERNATIVES = 8

Row = tuple[ir.Predicate, ...]
Ways = tuple[tuple[Measured, Limits | SetLimits], ...]


def alternatives(rule: ir.Predicate) -> tuple[Row, ...]:
    """The rule holds exactly when all conditions of one of these rows hold; none for a rule that
    never does.
    """
    if ways_of(rule):
        return ((rule,),)
    rows = [row for row in map(_row, _branches(rule)) if row is not None]
    if len(rows) == 1 or (len(rows) <= MOST_ALTERNATIVES and all(map(_can_be_ruled_out, rows))):
        return tuple(rows)
    # an alternative that is asked every time costs no less than the whole rule
    return ((rule,),) if rows else ()


def ways_of(condition: ir.Predicate) -> Ways:
    """The limits of which one is enough, for an "or" of conditions on values that are cheap to
    read; empty for other conditions.
    """
    if not isinstance(condition, ir.Or | ir.Not):
        return ()
    found = [limited(branch) for branch in _branches(condition)]
    ways = tuple(one for one in found if one is not None and is_cheap(one[0]))
    return ways if 1 < len(ways) == len(found) else ()


def _row(branch: ir.Predicate) -> Row | None:
    row = []
    for part in _conditions(branch):
        if not isinstance(part, ir.Constant):
            row.append(part)
        elif not part.truth:
            return None
    return tuple(row)


def _can_be_ruled_out(row: Row) -> bool:
    return any(limited(part) is not None for part in row)


def _branches(node: ir.Predicate) -> Iterator[ir.Predicate]:
    match node:
        case ir.Or(parts) if limited(node) is None:
            for part in parts:
                yield from _branches(part)
        case ir.Not(ir.Not(part)):
            yield from _branches(part)
        case ir.Not(ir.And(parts)):
            for part in parts:
                yield from _branches(ir.Not(part))
        case ir.And((only,)):
            yield from _branches(only)
        case _:
            yield node


def _conditions(node: ir.Predicate) -> Iterator[ir.Predicate]:
    match node:
        case ir.And(parts):
            for part in parts:
                yield from _conditions(part)
        case ir.Not(ir.Not(part)):
            yield from _conditions(part)
        case ir.Not(ir.Or(parts)):
            for part in parts:
                yield from _conditions(ir.Not(part))
        case ir.Or((only,)):
            yield from _conditions(only)
        case ir.Not(ir.Constant(truth)):
            yield ir.Constant(not truth)
        case _:
            yield node
