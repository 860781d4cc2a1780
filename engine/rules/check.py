"""The type checker: turns a JSON document into IR and collects every problem on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.rules import ir
from engine.rules.checked import Checked, Money, Null, is_predicate
from engine.rules.extent import Extents
from engine.rules.fact import Fact, RecordKind
from engine.rules.facts import LIST_KINDS, RECORD_LABELS, Catalogue
from engine.rules.limits import (
    MAX_CHECKED_DEPTH,
    MAX_CHECKED_NODES,
    MAX_CHECKING_DEPTH,
    MAX_EXPANDED_NODES,
    number_problem,
    text_problem,
)
from engine.rules.problems import Code, RuleProblem, key_text, shown, step_into
from engine.rules.types import Type

_TOO_LARGE = "The rule grows too large when it is written out; split it up."
_TOO_DEEP = (
    f"Written out, a rule may be {MAX_CHECKED_DEPTH} levels deep, where each further number of a"
    ' sum and each further condition of an "if" is a level; split this one up.'
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of the original document inside an expansion; problems in it point to where it came
    from.
    """

    document: object
    pointer: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What `var` can name: at the root the records in reach and the lists, inside a list one item's
    fields.
    """

    reach: tuple[RecordKind, ...]
    item: RecordKind | None = None


class Entry(Protocol):
    """An operator, as far as the checker needs to know it."""

    def check(
        self, checker: Checker, arguments: object, scope: Scope, pointer: str
    ) -> Checked | None: ...


@dataclass(slots=True)
class Checker:
    """One check of one document. Methods answer None after noting a problem."""

    catalogue: Catalogue
    find: Callable[[str], Entry | None]
    segments: Mapping[str, object]
    problems: list[RuleProblem] = field(default_factory=list)
    nodes_left: int = MAX_EXPANDED_NODES
    # The segments that are being written out at the moment, the outermost first.
    writing_out: list[str] = field(default_factory=list)
    level: int = 0
    extents: Extents = field(default_factory=Extents)

    def problem(self, pointer: str, code: Code, message: str) -> None:
        self.problems.append(RuleProblem(pointer, code, message))

    def predicate(self, document: object, scope: Scope, pointer: str) -> ir.Predicate | None:
        node = self.node(document, scope, pointer)
        if node is None:
            return None
        return self.as_predicate(node, placed_pointer(document, pointer))

    def as_predicate(self, node: Checked, pointer: str) -> ir.Predicate | None:
        """A node in a place where only yes or no makes sense."""
        match node:
            case ir.Literal(type=Type.BOOLEAN, value=bool(truth)):
                return ir.Constant(truth)
            case ir.Field(type=Type.BOOLEAN):
                return ir.IsTrue(node)
            case ir.Field(type=Type.PROPERTY):
                return ir.IsTrue(read_as(node, Type.BOOLEAN))
        if is_predicate(node):
            return node  # type: ignore[return-value]  # is_predicate has just said so
        self.problem(
            pointer,
            "wrong_type",
            "A condition is needed here, such as a comparison; use is_set to ask for a value.",
        )
        return None

    def node(self, document: object, scope: Scope, pointer: str) -> Checked | None:
        if isinstance(document, Placed):
            return self.node(document.document, scope, document.pointer)
        self.nodes_left -= 1
        if self.nodes_left <= 0:
            if self.nodes_left == 0:
                self.problem(pointer, "too_large", _TOO_LARGE)
            return None
        match document:
            case dict():
                return self._operation(document, scope, pointer)
            case list() | tuple():
                self.problem(pointer, "wrong_type", "A list can only stand inside an operator.")
                return None
            case _:
                return self._literal(document, pointer)

    def _literal(self, document: object, pointer: str) -> Checked | None:
        match document:
            case None:
                return Null()
            case bool():
                return ir.Literal(Type.BOOLEAN, document)
            case int() | float():
                if trouble := number_problem(document):
                    self.problem(pointer, "bad_number", trouble)
                    return None
                # 3.0 is 3, so that only numbers with a fraction are ever compared as doubles
                whole = isinstance(document, float) and document.is_integer()
                return ir.Literal(Type.NUMBER, int(document) if whole else document)
            case str():
                if trouble := text_problem(document):
                    self.problem(pointer, "bad_text", trouble[0].upper() + trouble[1:])
                    return None
                return ir.Literal(Type.TEXT, document)
            case _:
                self.problem(pointer, "not_a_rule", f"{shown(document)} is not JSON.")
                return None

    def _operation(
        self, document: dict[object, object], scope: Scope, pointer: str
    ) -> Checked | None:
        if len(document) != 1:
            message = f"An object holds exactly one operator, this one holds {len(document)}."
            self.problem(pointer, "not_a_rule", message)
            return None
        ((name, arguments),) = document.items()
        entry = self.find(name) if isinstance(name, str) else None
        if entry is None:
            message = f"There is no operator {shown(name)}."
            self.problem(step_into(pointer, key_text(name)), "unknown_operator", message)
            return None
        return self._followable(entry, arguments, scope, pointer)

    def _followable(
        self, entry: Entry, arguments: object, scope: Scope, pointer: str
    ) -> Checked | None:
        """What the operator makes, so far as every back end can follow it."""
        if self.level >= MAX_CHECKING_DEPTH:
            self.problem(pointer, "too_deep", _TOO_DEEP)
            return None
        self.level += 1
        found = entry.check(self, arguments, scope, pointer)
        self.level -= 1
        if found is None:
            return None
        extent = self.extents.of(found)
        if extent.levels > MAX_CHECKED_DEPTH:
            self.problem(pointer, "too_deep", _TOO_DEEP)
            return None
        if extent.nodes > MAX_CHECKED_NODES:
            self.problem(pointer, "too_large", _TOO_LARGE)
            return None
        return found

    def read(self, path: str, scope: Scope, pointer: str) -> Checked | None:
        """The field at a path, as `var` names it."""
        if trouble := text_problem(path):
            self.problem(pointer, "bad_text", trouble[0].upper() + trouble[1:])
            return None
        if scope.item is not None:
            return self._field(scope.item, path, (), pointer)
        head, _, rest = path.partition(".")
        if not rest and head in LIST_KINDS:
            return ir.Items(head)
        if head not in RECORD_LABELS or not rest:
            self._unknown_field(path, pointer)
            return None
        kind: RecordKind = head  # type: ignore[assignment]  # a key of RECORD_LABELS
        if kind not in scope.reach:
            message = f'"{head}" is not known where this rule is used: {_reach_hint(kind)}.'
            self.problem(pointer, "field_out_of_reach", message)
            return None
        return self._field(kind, rest, (kind,), pointer)

    def _field(self, kind: RecordKind, name: str, root: ir.Path, pointer: str) -> Checked | None:
        fact = self.catalogue.fact(kind, name)
        if fact is not None and fact.written is not None:
            return self.node(fact.written, Scope(()), pointer)
        if fact is not None:
            return _reading(fact, root)
        owner, _, part = name.rpartition(".")
        money = self.catalogue.fact(kind, owner) if owner else None
        if money is not None and money.type is Type.MONEY and part in ("minor", "currency"):
            whole = _money(money, root)
            return whole.minor if part == "minor" else whole.currency
        self._unknown_field(".".join((*root, name)), pointer)
        return None

    def _unknown_field(self, path: str, pointer: str) -> None:
        self.problem(pointer, "unknown_field", f"There is no fact {shown(path)} to read here.")

    def fact_of(self, node: ir.Field, scope: Scope) -> Fact | None:
        """The catalogue's entry for a field that was read in this scope."""
        if scope.item is not None:
            return self.catalogue.fact(scope.item, ".".join(node.path))
        kind: RecordKind = node.path[0]  # type: ignore[assignment]  # `read` built the path
        return self.catalogue.fact(kind, ".".join(node.path[1:]))


def placed_pointer(document: object, pointer: str) -> str:
    return document.pointer if isinstance(document, Placed) else pointer


def read_as(node: ir.Field, kind: Type) -> ir.Field:
    """A property, read as the type its neighbour demands."""
    return ir.Field(kind, node.path, node.dynamic, node.folded)


def _reading(fact: Fact, root: ir.Path) -> Checked:
    if fact.type is Type.MONEY:
        return _money(fact, root)
    path = (*root, *fact.name.split("."))
    return ir.Field(fact.type, path, fact.dynamic, fact.folded)


def _money(fact: Fact, root: ir.Path) -> Money:
    path = (*root, *fact.name.split("."))
    return Money(
        ir.Field(Type.NUMBER, (*path, "minor"), fact.dynamic),
        ir.Field(Type.TEXT, (*path, "currency"), fact.dynamic),
    )


def _reach_hint(kind: RecordKind) -> str:
    if kind == "event":
        return "the event at hand exists only in rules that an event sets off"
    if kind == "order":
        return 'use the list "orders"'
    return f'use the list "{kind}s", or use the rule for something about a {kind}'
