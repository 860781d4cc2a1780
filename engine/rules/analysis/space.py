"""Some rules taken together: each as a formula over the variables of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.rules import ir
from engine.rules.analysis.formula import AllOf, AnyOf, Constraint, Formula, Leaf, Opposite
from engine.rules.analysis.ranges import Ranged, ranged
from engine.rules.analysis.variable import ABSENT, Variable
from engine.rules.analysis.variables import NO, YES, NeverHolds, ValuesOf, Variables
from engine.rules.types import Type

# How two values stand to each other: one is absent, less, equal, more.
_LESS, _EQUAL, _MORE = 2, 4, 8
_SIGNS: dict[ir.Comparison, int] = {
    "<": _LESS,
    "<=": _LESS | _EQUAL,
    "==": _EQUAL,
    ">=": _EQUAL | _MORE,
    ">": _MORE,
}


class Space(Variables):
    """Built once for rules that are weighed against each other."""

    def __init__(
        self,
        rules: Iterable[ir.Predicate],
        values_of: ValuesOf = lambda _: (),
        never_holds: NeverHolds = lambda _: False,
    ) -> None:
        super().__init__(rules, values_of, never_holds)
        self._memo: dict[ir.Predicate, Formula] = {}
        self.formulas = [self._formula(rule) for rule in self.simple]

    def _formula(self, node: ir.Predicate) -> Formula:
        known = self._memo.get(node)
        if known is None:
            known = self._memo[node] = self._new_formula(node)
        return known

    def _new_formula(self, node: ir.Predicate) -> Formula:
        match node:
            case ir.Constant(truth):
                return AllOf(()) if truth else AnyOf(())
            case ir.And(parts):
                return AllOf(tuple(map(self._formula, parts)))
            case ir.Or(parts):
                return AnyOf(tuple(map(self._formula, parts)))
            case ir.Not(part):
                return Opposite(self._formula(part))
            case ir.Has(held, (wanted,)):
                return self._member(held, wanted)
            case ir.IsSet(value=ir.Field(type=Type.SET) as held):
                return self._set(held)
            case ir.IsTrue(ir.Field() as flag):
                return self._flag(flag, truth=True)
            case ir.Compare("==", ir.Field(type=Type.BOOLEAN) as flag, ir.Literal(value=bool(yes))):
                return self._flag(flag, truth=yes)
        found = ranged(node)
        inside = None if found is None else self._in_row(found)
        if inside is not None:
            return inside
        if isinstance(node, ir.Compare):
            return self._relation(node)
        return self._opaque(node)

    def _in_row(self, found: Ranged) -> Leaf | None:
        """A leaf when all of its cuts stand in one row."""
        ends = {end for pair in found.ranges for end in pair if end is not None}
        for variable, places in self.rows[found.value]:
            if ends <= places.keys():
                yes = variable.mask(found.ranges, places) & variable.full
                return _exact(variable, yes)
        return None

    def _member(self, held: ir.Field, wanted: str) -> Leaf:
        member, whole = self.of(("has", held, wanted)), self.of(("set", held))
        assert member is not None
        assert whole is not None
        return Leaf(((member.number, YES), (whole.number, YES)), ((member.number, NO),))

    def _set(self, held: ir.Field) -> Leaf:
        whole = self.of(("set", held)) or self.new(("set", held), NO | YES)
        members = [
            variable
            for variable in self.variables
            if isinstance(variable.subject, tuple) and variable.subject[:2] == ("has", held)
        ]
        none = tuple((member.number, NO) for member in members)
        return Leaf(((whole.number, YES),), ((whole.number, NO), *none))

    def _flag(self, flag: ir.Field, *, truth: bool) -> Leaf:
        variable = self.of(("flag", flag)) or self.new(("flag", flag), ABSENT | 2 | 4)
        return _exact(variable, 4 if truth else 2)

    def _relation(self, node: ir.Compare) -> Leaf:
        turned = repr(node.left) > repr(node.right)
        first, second = (node.right, node.left) if turned else (node.left, node.right)
        subject = ("pair", first, second)
        variable = self.of(subject) or self.new(subject, ABSENT | _LESS | _EQUAL | _MORE)
        yes = _SIGNS[node.operator]
        if turned:
            swapped = (_LESS if yes & _MORE else 0) | (_MORE if yes & _LESS else 0)
            yes = swapped | (yes & _EQUAL)
        leaf = _exact(variable, yes)
        return Leaf((*leaf.yes, *self._present(first), *self._present(second)), leaf.no)

    def _opaque(self, node: ir.Predicate) -> Leaf:
        variable = self.of(node) or self.new(node, NO | YES)
        yes: tuple[Constraint, ...] = ((variable.number, YES),)
        no: tuple[Constraint, ...] = ((variable.number, NO),)
        match node:
            case ir.TextTest(value=value):
                fits, fails = self._tried(node)
                return Leaf((*yes, *fits), (*no, *fails))
            case ir.Within(value) | ir.OneOf(value):
                return Leaf((*yes, *self._present(value)), no)
        return Leaf(yes, no)

    def _present(self, value: ir.Value) -> Iterator[Constraint]:
        for variable, _ in self.rows.get(value, ()):
            yield variable.number, variable.present

    def _tried(self, node: ir.TextTest) -> tuple[list[Constraint], list[Constraint]]:
        """Pieces of one value can be tried on the text; all others may be either."""
        fits, fails = [], []
        for variable, _ in self.rows.get(node.value, ()):
            yes, no = variable.present, variable.full
            for at, piece in enumerate(variable.pieces, start=1):
                only = piece.only()
                if isinstance(only, str):
                    if _holds(node, only):
                        no &= ~(1 << at)
                    else:
                        yes &= ~(1 << at)
            fits.append((variable.number, yes))
            fails.append((variable.number, no))
        return fits, fails


def _holds(test: ir.TextTest, text: str) -> bool:
    match test.test:
        case "contains":
            return test.text in text
        case "starts_with":
            return text.startswith(test.text)
        case "ends_with":
            return text.endswith(test.text)


def _exact(variable: Variable, yes: int) -> Leaf:
    number = variable.number
    return Leaf(((number, yes),), ((number, variable.full & ~yes),))
