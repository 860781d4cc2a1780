"""Cases that are tried in order: which are never reached, which overlap, and what none takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine.rules import ir
from engine.rules.analysis.candidates import Clock
from engine.rules.analysis.crossings import crossings
from engine.rules.analysis.example import proved
from engine.rules.analysis.findings import Facts, Finding, Kind
from engine.rules.analysis.formula import Formula
from engine.rules.analysis.one_rule import space_of
from engine.rules.analysis.search import LIMIT, Box, GivenUp, Search
from engine.rules.analysis.space import Space
from engine.rules.fact import RecordKind
from engine.rules.facts import Catalogue
from engine.rules.rule import Rule

# Examples need some instant; which one matters only to rules about dates.
SOME_TIME = datetime(2026, 1, 5, 12, tzinfo=UTC)
# What is left over by the cases so far is kept in this many boxes at most.
_MOST_BOXES = 4_000
_MOST_OVERLAPS = 200


@dataclass(frozen=True, slots=True)
class CaseReport:
    """`undecided` names what the search gave up on; nothing is claimed about that."""

    findings: tuple[Finding, ...]
    undecided: frozenset[Kind] = frozenset()

    def of(self, kind: Kind) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.kind is kind)


def check_cases(
    rules: Sequence[Rule],
    *,
    catalogue: Catalogue | None = None,
    now: datetime = SOME_TIME,
    zone: str = "UTC",
    overlaps: bool = True,
    limit: int = LIMIT,
) -> CaseReport:
    """What can be said of cases whose first true one counts.

    Impossible and shadowed cases are certain. Overlaps and gaps come with facts that show them at
    `now`, tried out on the rules; one without such facts is not reported. With a catalogue, facts
    of a closed set are taken to hold one of its values, or none.
    """
    return _Cases(rules, catalogue, Clock(now, zone), limit).report(overlaps=overlaps)


@dataclass(slots=True)
class _Cases:
    rules: Sequence[Rule]
    catalogue: Catalogue | None
    clock: Clock
    limit: int
    undecided: set[Kind] = field(default_factory=set)
    space: Space = field(init=False)
    formulas: Sequence[Formula] = field(init=False)
    # Only the values that people would expect.
    likely: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.space = space_of([rule.root for rule in self.rules], self._values_of)
        self.formulas = self.space.formulas
        self.likely = {
            variable.number: variable.likely
            for variable in self.space.variables
            if variable.likely != variable.full
        }

    def report(self, *, overlaps: bool) -> CaseReport:
        found = list(self._in_order())
        if overlaps:
            dead = {finding.pointer for finding in found}
            found.extend(self._overlaps(dead))
        return CaseReport(tuple(found), frozenset(self.undecided))

    def _values_of(self, node: ir.Field) -> Sequence[str]:
        if self.catalogue is None or node.path[0] not in self.catalogue.records:
            return ()
        kind: RecordKind = node.path[0]  # type: ignore[assignment]  # just looked up
        fact = self.catalogue.fact(kind, ".".join(node.path[1:]))
        return () if fact is None else fact.values

    def _search(self) -> Search:
        return Search(self.space, self.limit)

    def _in_order(self) -> Iterator[Finding]:
        """Impossible and shadowed cases, and then what is left over."""
        rest: list[Box] | None = [{}]
        search = self._search()
        for at, formula in enumerate(self.formulas):
            try:
                possible = self._search().any({}, (formula, True))
            except GivenUp:
                possible = True
            if not possible:
                yield Finding(Kind.IMPOSSIBLE, f"/{at}")
                continue
            if rest is not None:
                try:
                    reached, rest = self._take(search, rest, formula)
                except GivenUp:
                    self.undecided |= {Kind.SHADOWED, Kind.GAP}
                    reached, rest = [], None
                if rest is not None and not reached:
                    yield Finding(Kind.SHADOWED, f"/{at}", self._hidden_by(at))
                    continue
            if rest is None and (above := self._hidden_by(at)):
                yield Finding(Kind.SHADOWED, f"/{at}", above)
        if rest:
            yield from self._gap(rest)

    def _take(
        self, search: Search, rest: list[Box], formula: Formula
    ) -> tuple[list[Box], list[Box]]:
        """The boxes that may reach a case, and what it leaves of all boxes."""
        reached: list[Box] = []
        left: list[Box] = []
        for box in rest:
            if not search.any(box, (formula, True)):
                left.append(box)
                continue
            reached.append(box)
            left.extend(search.boxes(box, (formula, False)))
            if len(left) > _MOST_BOXES:
                raise GivenUp
        return reached, left

    def _hidden_by(self, at: int) -> tuple[str, ...]:
        """The one earlier case that takes everything this one would, if a single one does."""
        for other in range(at):
            if self._inside(at, other):
                return (f"/{other}",)
        return ()

    def _inside(self, inner: int, outer: int) -> bool:
        """Whether the facts of one case are certainly facts of the other."""
        goals = (self.formulas[outer], False), (self.formulas[inner], True)
        try:
            return not self._search().any({}, *goals)
        except GivenUp:
            return False

    def _gap(self, rest: list[Box]) -> Iterator[Finding]:
        def untaken(facts: Facts) -> bool:
            now, zone = self.clock.now, self.clock.zone
            return not any(rule.holds(facts, now, zone) for rule in self.rules)

        search = self._search()

        def likely() -> Iterator[Box]:
            for box in rest:
                narrowed = search.narrow(box, tuple(self.likely.items()))
                if narrowed is not None:
                    yield narrowed

        facts = proved(likely(), self.space, self.clock, self._values_of, untaken)
        if facts is not None:
            yield Finding(Kind.GAP, "", example=facts)

    def _overlaps(self, dead: set[str]) -> Iterator[Finding]:
        found = 0
        for first, second in crossings(self.space, self.formulas):
            if found == _MOST_OVERLAPS:
                self.undecided.add(Kind.OVERLAP)
                return
            if f"/{first}" in dead or f"/{second}" in dead:
                continue
            facts = self._both(first, second)
            if facts is not None:
                found += 1
                nested = self._inside(first, second) or self._inside(second, first)
                yield Finding(Kind.OVERLAP, f"/{second}", (f"/{first}",), facts, nested)

    def _both(self, first: int, second: int) -> Facts | None:
        def holds(facts: Facts) -> bool:
            now, zone = self.clock.now, self.clock.zone
            return all(self.rules[at].holds(facts, now, zone) for at in (first, second))

        goals = (self.formulas[first], True), (self.formulas[second], True)
        try:
            boxes = self._search().boxes(self.likely, *goals)
            return proved(boxes, self.space, self.clock, self._values_of, holds)
        except GivenUp:
            self.undecided.add(Kind.OVERLAP)
            return None
