"""Whether one condition can be true, and whether it can be false."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations

from engine.rules import ir
from engine.rules.analysis.findings import Verdict
from engine.rules.analysis.search import LIMIT, GivenUp, Search
from engine.rules.analysis.space import Space
from engine.rules.analysis.variable import Variable
from engine.rules.analysis.variables import ValuesOf

# Comparing every two counts of a rule costs their square.
_MOST_COUNTS = 16
# For conditions on the items of one list, which are small.
_SMALL = 5_000


def verdict(rule: ir.Predicate, limit: int = LIMIT) -> Verdict:
    """What holds of all facts at every instant. A rule is called impossible or constant only when
    that is certain.
    """
    space = space_of([rule])
    search = Search(space, limit)
    (formula,) = space.formulas
    try:
        if not search.any({}, (formula, True)):
            return Verdict.IMPOSSIBLE
        if not search.any({}, (formula, False)):
            return Verdict.ALWAYS
    except GivenUp:
        return Verdict.NOT_DECIDED
    return Verdict.POSSIBLE


def never_holds(rule: ir.Predicate) -> bool:
    """Whether a condition on one record is certain to be false of every record."""
    space = Space([rule])
    try:
        return not Search(space, _SMALL).any({}, (space.formulas[0], True))
    except GivenUp:
        return False


def never_together(rules: Sequence[ir.Predicate]) -> bool:
    """Whether no facts make all of the rules true."""
    space = space_of(rules)
    goals = [(formula, True) for formula in space.formulas]
    try:
        return not Search(space).any({}, *goals)
    except GivenUp:
        return False


def space_of(rules: Iterable[ir.Predicate], values_of: ValuesOf = lambda _: ()) -> Space:
    """The variables of rules about a subject, with what is known of the lists they count."""
    space = Space(rules, values_of, never_holds)
    counts: dict[str, list[tuple[Variable, ir.Count]]] = {}
    for value, rows in space.rows.items():
        if isinstance(value, ir.Count):
            counts.setdefault(value.items.name, []).append((rows[0][0], value))
    for group in counts.values():
        if len(group) <= _MOST_COUNTS:
            _order(group)
    return space


def _order(group: list[tuple[Variable, ir.Count]]) -> None:
    """Whatever fits a narrower condition fits a wider one, so there are at least as many."""
    for (few, narrow), (many, wide) in permutations(group, 2):
        if never_holds(ir.And((narrow.where, ir.Not(wide.where)))):
            many.smaller.append(few.number)
            few.larger.append(many.number)
