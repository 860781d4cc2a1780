"""One alternative of a rule as a shelf keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.rules import ir
from engine.rules.evaluate import Test
from engine.rules.index.limits import Limits, Measured, SetLimits
from engine.rules.index.normal_form import Ways, ways_of
from engine.rules.index.reading import Limited, limited

# A row's "or"s are looked at side by side, up to so many; more are asked one by one.
MOST_CHOICES = 6
# Who may have settled a condition before it is asked: a value's probe, or those of the n-th "or".
Speaker = Measured | int


@dataclass(slots=True, eq=False)
class Condition:
    """One condition, however many rows hold it. `test` is compiled when first needed.

    `users` is the set of rows that hold it, kept only where no probe speaks for it.
    """

    node: ir.Predicate
    limited: Limited | None
    ways: Ways
    count: int = 0
    users: int = 0
    test: Test | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Conditions that must all hold. Those that limit a value are put together by value, and each
    remembers who speaks for it, so that it need not be asked where that one has spoken.
    """

    limits: dict[Measured, Limits]
    set_limits: dict[ir.Field, SetLimits]
    choices: tuple[Ways, ...]
    conditions: tuple[tuple[Condition, Speaker | None], ...]


def row_of(nodes: Iterable[ir.Predicate], known: dict[ir.Predicate, Condition]) -> Row:
    """The row of these conditions; equal conditions of all rows are one and the same."""
    limits: dict[Measured, Limits] = {}
    set_limits: dict[ir.Field, SetLimits] = {}
    choices: list[Ways] = []
    conditions: list[tuple[Condition, Speaker | None]] = []
    for condition in dict.fromkeys(_condition(node, known) for node in nodes):
        speaker: Speaker | None = None
        match condition.limited:
            case (value, Limits() as asked):
                limits[value] = limits[value] & asked if value in limits else asked
                speaker = value
            case (ir.Field() as held, SetLimits() as asked):
                together = set_limits.get(held, SetLimits()) & asked
                # a probe can hold one "any of" a row; a second one is asked as it is
                if len(together.any_of) < 2:
                    set_limits[held] = together
                    speaker = held
            case _ if condition.ways and len(choices) < MOST_CHOICES:
                speaker = len(choices)
                choices.append(condition.ways)
        conditions.append((condition, speaker))
    settled = {value: asked.settled() for value, asked in limits.items()}
    return Row(settled, set_limits, tuple(choices), tuple(conditions))


def _condition(node: ir.Predicate, known: dict[ir.Predicate, Condition]) -> Condition:
    condition = known.get(node)
    if condition is None:
        limits = limited(node)
        ways = ways_of(node) if limits is None else ()
        condition = known[node] = Condition(node, limits, ways)
    return condition
