"""Looking for facts that make formulas true or false, with a limit on the work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.rules.analysis.formula import AllOf, AnyOf, Constraint, Formula, Leaf, Opposite
from engine.rules.analysis.space import Space
from engine.rules.analysis.variable import ABSENT, Variable

# What is still possible for each variable that has been narrowed down.
Box = Mapping[int, int]
Goal = tuple[Formula, bool]

# Steps of narrowing a box; some tenths of a second.
LIMIT = 100_000


class GivenUp(Exception):
    """The search went on for too long; nothing is known."""


class Search:
    """Finds boxes: sets of facts, as what each variable may still be.

    Boxes cover at least every fact that meets the goals, so no box means no facts. That a box is
    found does not mean that there are such facts: conditions that are not looked into are taken to
    be independent of each other.
    """

    def __init__(self, space: Space, limit: int = LIMIT) -> None:
        self._variables = space.variables
        self._left = limit

    def boxes(self, start: Box, *goals: Goal) -> Iterator[Box]:
        """Boxes inside `start` that meet all goals. Raises GivenUp at the limit."""
        waiting: list[tuple[Box, tuple[Goal, ...]]] = [(start, goals)]
        while waiting:
            box, open_goals = waiting.pop()
            narrowed, choices = self._settle(box, open_goals)
            if narrowed is None:
                continue
            if not choices:
                yield narrowed
                continue
            waiting.extend((narrowed, goals) for goals in reversed(_branches(choices)))

    def any(self, start: Box, *goals: Goal) -> bool:
        """Whether there may be facts in `start` that meet all goals."""
        return next(self.boxes(start, *goals), None) is not None

    def _settle(self, box: Box, goals: tuple[Goal, ...]) -> tuple[Box | None, list[Goal]]:
        """The box after everything that needs no choice, and the goals that do."""
        pending: list[Goal] = list(goals)
        choices: list[Goal] = []
        while pending:
            formula, wanted = pending.pop()
            while isinstance(formula, Opposite):
                formula, wanted = formula.part, not wanted
            if isinstance(formula, Leaf):
                narrowed = self.narrow(box, formula.yes if wanted else formula.no)
                if narrowed is None:
                    return None, []
                box = narrowed
            elif isinstance(formula, AllOf) == wanted:
                pending.extend((part, wanted) for part in formula.parts)
            elif not formula.parts:
                return None, []
            else:
                choices.append((formula, wanted))
        return box, choices

    def narrow(self, box: Box, constraints: tuple[Constraint, ...]) -> Box | None:
        """The box with these limits put on, or None when nothing is left in it."""
        self._left -= 1
        if self._left < 0:
            raise GivenUp
        new: dict[int, int] | None = None
        pending = list(constraints)
        while pending:
            number, mask = pending.pop()
            variable = self._variables[number]
            before = (box if new is None else new).get(number, variable.full)
            after = before & mask
            if after == before:
                continue
            if not after:
                return None
            if new is None:
                new = dict(box)
            new[number] = after
            pending.extend(self._consequences(variable, after))
        return box if new is None else new

    def _consequences(self, variable: Variable, mask: int) -> Iterator[Constraint]:
        for sibling in variable.siblings:
            if not mask & ABSENT:
                yield sibling, self._variables[sibling].present
            elif mask == ABSENT:
                yield sibling, ABSENT
        if variable.smaller or variable.larger:
            least, most = spread(variable, mask)
            for number in variable.larger:
                yield number, reaching(self._variables[number], least, float("inf"))
            for number in variable.smaller:
                yield number, reaching(self._variables[number], 0, most)


def _branches(choices: list[Goal]) -> list[tuple[Goal, ...]]:
    """One way on for each part of the first choice. Plain parts that were tried before are taken to
    fail, so that ways do not lead to the same facts twice.
    """
    formula, wanted = choices.pop()
    assert isinstance(formula, AllOf | AnyOf)
    ways = []
    failed: list[Goal] = []
    for part in formula.parts:
        ways.append((*choices, *failed, (part, wanted)))
        if isinstance(part, Leaf):
            failed.append((part, not wanted))
    return ways


def spread(variable: Variable, mask: int) -> tuple[float, float]:
    """The least and largest whole number of a count's pieces."""
    ends = [
        piece.whole_numbers() for at, piece in enumerate(variable.pieces, start=1) if mask >> at & 1
    ]
    return max(min(low for low, _ in ends), 0), max(high for _, high in ends)


def reaching(variable: Variable, least: float, most: float) -> int:
    """The pieces that hold a whole number from `least` to `most`."""
    found = 0
    for at, piece in enumerate(variable.pieces, start=1):
        low, high = piece.whole_numbers()
        if max(low, least) <= min(high, most):
            found |= 1 << at
    return found
