"""Pairs of cases that may hold together, found column by column instead of pair by pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.rules.analysis.formula import AllOf, Formula, Leaf
from engine.rules.analysis.space import Space
from engine.rules.analysis.variable import bits


def crossings(space: Space, formulas: Sequence[Formula]) -> Iterator[tuple[int, int]]:
    """Every two cases (first, second), the earlier one first, that no single value keeps apart.

    A thousand cases are half a million pairs; most of them differ in one column.
    """
    everyone = (1 << len(formulas)) - 1
    limits = [_limits(formula) for formula in formulas]
    by_piece = _cases_by_piece(space, limits)
    for second, own in enumerate(limits):
        together = everyone & ((1 << second) - 1)
        for number, mask in own.items():
            if not together:
                break
            fitting = 0
            for bit in bits(mask):
                fitting |= by_piece[number][bit]
            together &= fitting
        for first in bits(together):
            yield first, second


def _limits(formula: Formula) -> dict[int, int]:
    """What a case certainly asks of single values; parts with a choice in them say nothing."""
    found: dict[int, int] = {}
    pending = [formula]
    while pending:
        part = pending.pop()
        if isinstance(part, AllOf):
            pending.extend(part.parts)
        elif isinstance(part, Leaf):
            for number, mask in part.yes:
                found[number] = found.get(number, mask) & mask
    return found


def _cases_by_piece(space: Space, limits: Sequence[dict[int, int]]) -> dict[int, dict[int, int]]:
    """For each variable and piece, the cases that do not shut it out."""
    used = {number for own in limits for number in own}
    found: dict[int, dict[int, int]] = {}
    for number in used:
        unlimited = sum(1 << case for case, own in enumerate(limits) if number not in own)
        pieces = dict.fromkeys(bits(space.variables[number].full), unlimited)
        for case, own in enumerate(limits):
            if number in own:
                for bit in bits(own[number]):
                    pieces[bit] |= 1 << case
        found[number] = pieces
    return found
