"""Example facts for a box of the search. They are a proposal: who uses them asks the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from engine.rules import ir
from engine.rules.analysis.candidates import Clock, candidates, holds
from engine.rules.analysis.search import Box, GivenUp, Search, spread
from engine.rules.analysis.space import Space
from engine.rules.analysis.variable import ABSENT, Variable, bits
from engine.rules.analysis.variables import YES, ValuesOf
from engine.rules.evaluate import Predicates
from engine.rules.moments import resolver
from engine.rules.types import Type

Record = dict[str, Any]

# An example with more items helps nobody.
_MOST_ITEMS = 50
_SMALL = 5_000


def example(space: Space, box: Box, clock: Clock, values_of: ValuesOf) -> Record:
    """A record from inside the box, as far as its parts can be made."""
    made = _Maker(space, box, clock, values_of)
    made.sets()
    made.flags()
    made.values()
    made.pairs()
    made.lists()
    return made.record


@dataclass(slots=True)
class _Maker:
    space: Space
    box: Box
    clock: Clock
    values_of: ValuesOf
    record: Record = field(default_factory=dict)

    def _limited(self) -> Iterator[tuple[Variable, int]]:
        for number, mask in self.box.items():
            yield self.space.variables[number], mask

    def _put(self, target: ir.Field, value: Any) -> None:
        inner = self.record
        for name in target.path[:-1]:
            inner = inner.setdefault(name, {})
        inner[target.path[-1]] = _as_json(value) if target.dynamic else value

    def sets(self) -> None:
        held: dict[ir.Field, list[str]] = {}
        for variable, mask in self._limited():
            match variable.subject:
                case ("has", ir.Field() as owner, str(text)) if mask == YES:
                    held.setdefault(owner, []).append(text)
                case ("set", ir.Field() as owner) if mask == YES:
                    held.setdefault(owner, [])
        for owner, texts in held.items():
            self._put(owner, texts or ["other"])

    def flags(self) -> None:
        for variable, mask in self._limited():
            match variable.subject:
                case ("flag", ir.Field() as flag) if mask != ABSENT:
                    self._put(flag, bool(mask & 4))

    def values(self) -> None:
        for value, rows in self.space.rows.items():
            if isinstance(value, ir.Field):
                found = self._value(value, rows[0][0], [variable for variable, _ in rows])
                if found is not None:
                    self._put(value, found)

    def _value(self, value: ir.Value, first: Variable, rows: Sequence[Variable]) -> Any:
        """A value in the pieces that are left of every row; None when it has to be absent."""
        masks = [self.box.get(variable.number, variable.full) for variable in rows]
        for one in self._ideas(value, first, masks[0]):
            if all(map(self._inside, rows, masks, [one] * len(rows))):
                return one
        return None

    def _ideas(self, value: ir.Value, first: Variable, mask: int) -> Iterator[Any]:
        """Ordinary values first, whatever piece they lie in."""
        kind = ir.value_type(value)
        if kind is Type.TEXT:
            yield from self.values_of(value) if isinstance(value, ir.Field) else ()
            yield from self._texts_asked_for(value)
            yield "other"
        for at in bits(mask & ~ABSENT):
            yield from candidates(first.pieces[at - 1], kind, self.clock)

    def _inside(self, variable: Variable, mask: int, value: Any) -> bool:
        return any(holds(variable.pieces[at - 1], value, self.clock) for at in bits(mask & ~ABSENT))

    def _texts_asked_for(self, value: ir.Value) -> list[str]:
        begin, middle, end = "", "", ""
        for variable, mask in self._limited():
            match variable.subject:
                case ir.TextTest("contains", about, text) if about == value and mask == YES:
                    middle += text
                case ir.TextTest("ends_with", about, text) if about == value and mask == YES:
                    end = max(end, text, key=len)
        for variable, _ in self.space.rows.get(value, ()):
            for piece in variable.pieces:
                if piece.low is not None and isinstance(piece.low.at, str):
                    begin = piece.low.at
        return [middle + end, begin + middle + end] if middle or end else []

    def pairs(self) -> None:
        """Two facts that are compared with each other and with nothing else."""
        for variable, mask in self._limited():
            match variable.subject:
                case ("pair", ir.Field() as first, ir.Field() as second):
                    free = first not in self.space.rows and second not in self.space.rows
                    if free and first.type is Type.NUMBER and mask != ABSENT:
                        self._put(first, 2)
                        self._put(second, 1 if mask & 8 else 2 if mask & 4 else 3)

    def lists(self) -> None:
        counts: dict[str, list[tuple[ir.Count, int]]] = {}
        for value, rows in self.space.rows.items():
            if isinstance(value, ir.Count):
                variable = rows[0][0]
                mask = self.box.get(variable.number, variable.full)
                least, _ = spread(variable, mask & -mask)
                counts.setdefault(value.items.name, []).append((value, int(least)))
        for name, wanted in counts.items():
            items = _Items(wanted, self.clock, self.values_of).made()
            if items:
                self.record[name] = items


@dataclass(slots=True)
class _Items:
    """Items of one list, so that each condition fits as many as it should."""

    wanted: Sequence[tuple[ir.Count, int]]
    clock: Clock
    values_of: ValuesOf

    def made(self) -> list[Record]:
        items: list[Record] = []
        space = Space([count.where for count, _ in self.wanted], self.values_of)
        # the most particular conditions first: their items count for the wider ones too
        order = sorted(range(len(self.wanted)), key=lambda at: -len(repr(self.wanted[at][0])))
        for at in order:
            count, number = self.wanted[at]
            missing = number - self._fitting(count, items)
            if 0 < missing <= _MOST_ITEMS:
                item = self._item(space, at)
                items.extend(dict(item) for _ in range(missing))
        return items

    def _fitting(self, count: ir.Count, items: list[Record]) -> int:
        compiler = Predicates()
        test = compiler.predicate(count.where)
        instants = [
            resolver(moment)(self.clock.now, self.clock.zone) for moment in compiler.moments
        ]
        return sum(test(item, instants) for item in items)

    def _item(self, space: Space, at: int) -> Record:
        """An item that fits this condition, and if it can no other."""
        search = Search(space, _SMALL)
        likely = {variable.number: variable.likely for variable in space.variables}
        goals = [(space.formulas[at], True)]
        try:
            box = next(search.boxes(likely, *goals), None)
            for other, formula in enumerate(space.formulas):
                if other == at or self.wanted[other][1] > self.wanted[at][1]:
                    continue
                alone = next(search.boxes(likely, *goals, (formula, False)), None)
                if alone is not None:
                    goals.append((formula, False))
                    box = alone
        except GivenUp:
            return {}
        return {} if box is None else example(space, box, self.clock, self.values_of)


def _as_json(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            return value


def proved(
    boxes: Iterator[Box],
    space: Space,
    clock: Clock,
    values_of: ValuesOf,
    shows: Callable[[Record], bool],
    tries: int = 12,
) -> Record | None:
    """The first example that `shows` accepts, out of a few boxes; None when there is none."""
    for _, box in zip(range(tries), boxes, strict=False):
        made = example(space, box, clock, values_of)
        if shows(made):
            return made
    return None
