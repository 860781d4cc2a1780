"""The values that some rules look at, as variables with finitely many cases each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from engine.rules import ir
from engine.rules.analysis.cuts import Cut, chains
from engine.rules.analysis.ranges import ranged
from engine.rules.analysis.simplify import simplify
from engine.rules.analysis.variable import ABSENT, Variable, pieces
from engine.rules.types import Type

# The values of a fact whose values are a closed set; empty for any other.
ValuesOf = Callable[[ir.Field], Sequence[str]]
# Where a condition on the items of a list can never hold, nothing is counted.
NeverHolds = Callable[[ir.Predicate], bool]

# Two cases of a condition that is not looked into: it is false, or it is true.
NO, YES = 1, 2


class Variables:
    """The variables of some rules, and of no others."""

    def __init__(
        self,
        rules: Iterable[ir.Predicate],
        values_of: ValuesOf = lambda _: (),
        never_holds: NeverHolds = lambda _: False,
    ) -> None:
        self.variables: list[Variable] = []
        self._by_subject: dict[Hashable, Variable] = {}
        # Rows of cuts by value: the variable of each row, and where in it each cut stands.
        self.rows: dict[ir.Value, list[tuple[Variable, dict[Cut, int]]]] = {}
        self._values_of = values_of
        self._never_holds = never_holds
        self.simple = [simplify(rule) for rule in rules]
        leaves = [leaf for rule in self.simple for leaf in _leaves(rule)]
        self._add_rows(leaves)
        self._add_members(leaves)

    def of(self, subject: Hashable) -> Variable | None:
        return self._by_subject.get(subject)

    def new(self, subject: Hashable, full: int) -> Variable:
        found = Variable(len(self.variables), subject, full=full, likely=full, present=full)
        self.variables.append(found)
        self._by_subject.setdefault(subject, found)
        return found

    def _add_rows(self, leaves: Sequence[ir.Predicate]) -> None:
        cuts: dict[ir.Value, set[Cut]] = {}
        for leaf in leaves:
            found = ranged(leaf)
            if found is not None:
                ends = (end for pair in found.ranges for end in pair if end is not None)
                cuts.setdefault(found.value, set()).update(ends)
        for value, places in cuts.items():
            self._add_value(value, places)

    def _add_value(self, value: ir.Value, cuts: set[Cut]) -> None:
        listed = self._values_of(value) if isinstance(value, ir.Field) else ()
        for one in listed:
            cuts |= {Cut(one), Cut(one, after=True)}
        rows = self.rows.setdefault(value, [])
        for row in chains(cuts) or [[]]:
            variable = self.new(value, 0)
            variable.pieces = pieces(row)
            self._limit(variable, value, listed)
            rows.append((variable, {one: place for place, one in enumerate(row)}))
        numbers = [variable.number for variable, _ in rows]
        for variable, _ in rows:
            variable.siblings = [number for number in numbers if number != variable.number]

    def _limit(self, variable: Variable, value: ir.Value, listed: Sequence[str]) -> None:
        """Which pieces facts can lie in, and which are to be expected."""
        always = isinstance(value, ir.Count) or (
            isinstance(value, ir.Aggregate) and value.function == "sum"
        )
        present = likely = 0
        for at, piece in enumerate(variable.pieces, start=1):
            bit = 1 << at
            if ir.value_type(value) is Type.NUMBER:
                first, last = piece.whole_numbers()
                if isinstance(value, ir.Count):
                    if last < max(first, 0):
                        continue
                    if first > 0 and self._never_holds(value.where):
                        continue
                if first <= last or not _is_whole(value):
                    likely |= bit
            elif not listed or piece.only() in listed:
                likely |= bit
            present |= bit
        variable.present = present
        variable.full = present | (0 if always else ABSENT)
        variable.likely = likely | (0 if always else ABSENT)

    def _add_members(self, leaves: Sequence[ir.Predicate]) -> None:
        """Sets: whether they hold anything, and each text that is asked for."""
        for leaf in leaves:
            match leaf:
                case ir.Has(held):
                    self.of(("set", held)) or self.new(("set", held), NO | YES)
                    member = ("has", held, leaf.wanted[0])
                    self.of(member) or self.new(member, NO | YES)


def _is_whole(value: ir.Value) -> bool:
    """Built-in numbers and amounts are whole; custom fields and properties may have a fraction."""
    match value:
        case ir.Field():
            return not value.dynamic or value.path[-1] == "minor"
        case ir.Count():
            return True
        case ir.Aggregate(function="sum" | "min" | "max"):
            return _is_whole(value.value)
        case _:
            return False


def _leaves(node: ir.Predicate) -> Iterator[ir.Predicate]:
    match node:
        case ir.And(parts) | ir.Or(parts):
            for part in parts:
                yield from _leaves(part)
        case ir.Not(part):
            yield from _leaves(part)
        case _:
            yield node
