"""A condition over variables with finitely many values each: what the search works on."""

from __future__ import annotations

from dataclasses import dataclass

# A variable by its number, and the set of its values as bits.
Constraint = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A test of one record. Wherever it is true all of `yes` holds, and wherever it is false all of
    `no` does; the other way round need not be so.
    """

    yes: tuple[Constraint, ...]
    no: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    part: Formula


Formula = Leaf | AllOf | AnyOf | Opposite
