"""The check of an expression: every problem at once, and what must be known to work it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from engine.rules import ir
from engine.rules.check import Checker, Scope
from engine.rules.checked import Money
from engine.rules.expressions.operators import ARGUMENTS, WALKS
from engine.rules.expressions.reading import Readable
from engine.rules.facts import LIST_KINDS, Catalogue
from engine.rules.limits import number_problem, text_problem
from engine.rules.operators import find
from engine.rules.problems import Code, RuleProblem, shown, step_into

# Lists that are loaded whole. Events and changes go back for years: a rule narrows them, an
# expression cannot.
LISTS: Final = ("orders", "deals", "tickets")
_ITEM, _CURRENT, _ACCUMULATOR = "", "current", "accumulator"


@dataclass(frozen=True, slots=True)
class Here:
    """Where in an expression a `var` stands: at the root, or in what is worked out for each item.

    `items` is the list the items come from, None when they are values of the expression's own.
    """

    root: bool = True
    items: str | None = None
    summing: bool = False


@dataclass(slots=True)
class Walk:
    """One walk through a document. `values` and `lists` hold what was read, by path."""

    catalogue: Catalogue
    reach: Scope
    problems: list[RuleProblem] = field(default_factory=list)
    values: dict[str, Readable] = field(default_factory=dict)
    lists: dict[str, dict[str, Readable]] = field(default_factory=dict)

    def visit(self, document: object, pointer: str, here: Here) -> None:
        match document:
            case dict():
                self._operation(document, pointer, here)
            case list():
                for index, item in enumerate(document):
                    self.visit(item, step_into(pointer, index), here)
            case bool() | None:
                pass
            case int() | float():
                if trouble := number_problem(document):
                    self._problem(pointer, "bad_number", trouble)
            case str():
                if trouble := text_problem(document):
                    self._problem(pointer, "bad_text", trouble[0].upper() + trouble[1:])
            case _:
                self._problem(pointer, "not_a_rule", f"{shown(document)} is not JSON.")

    def _operation(self, document: dict[Any, Any], pointer: str, here: Here) -> None:
        if len(document) != 1:
            message = f"An object holds exactly one operator, this one holds {len(document)}."
            self._problem(pointer, "not_a_rule", message)
            return
        ((name, given),) = document.items()
        inside = step_into(pointer, str(name)[:100])
        if name not in ARGUMENTS:
            self._problem(inside, "unknown_operator", f"There is no operator {shown(name)} here.")
            return
        arguments = given if isinstance(given, list) else [given]
        if not self._are_as_many(name, len(arguments), inside):
            return
        if name == "var":
            self._var(arguments, inside, here)
            return
        below = self._inside(name, arguments, here)
        for index, argument in enumerate(arguments):
            place = step_into(inside, index) if isinstance(given, list) else inside
            self.visit(argument, place, below if index == 1 and name in WALKS else here)

    def _are_as_many(self, name: str, count: int, pointer: str) -> bool:
        least, most = ARGUMENTS[name]
        if least <= count and (most is None or count <= most):
            return True
        wanted = f"at least {least}" if most is None else f"{least} to {most}"
        wanted = f"{least}" if least == most else wanted
        message = f'"{name}" takes {wanted} arguments, not {count}.'
        self._problem(pointer, "wrong_argument_count", message)
        return False

    def _inside(self, name: str, arguments: list[Any], here: Here) -> Here:
        if name not in WALKS:
            return here
        return Here(False, _list_of(arguments[0]) if here.root else None, name == "reduce")

    def _var(self, arguments: list[Any], pointer: str, here: Here) -> None:
        path = arguments[0]
        if not isinstance(path, str):
            message = "Write the name of the fact: what is read must be known beforehand."
            self._problem(pointer, "needs_literal", message)
            return
        if len(arguments) > 1 and isinstance(arguments[1], list | dict):
            message = 'The value in place of an absent one is written out; for more use "??".'
            self._problem(step_into(pointer, 1), "needs_literal", message)
        if here.root:
            self._read(path, pointer)
        else:
            self._read_item(path, pointer, here)

    def _read(self, path: str, pointer: str) -> None:
        if path in LIST_KINDS:
            if path in LISTS:
                self.lists.setdefault(path, {})
                return
            message = f'"{path}" cannot be read here; ask about them in a rule of a branch.'
            self._problem(pointer, "field_out_of_reach", message)
            return
        node = self._checked(path, self.reach, pointer)
        if node is not None:
            self.values[path] = node

    def _read_item(self, path: str, pointer: str, here: Here) -> None:
        name = path
        if here.summing:
            head, _, name = path.partition(".")
            if head == _ACCUMULATOR and not name:
                return
            if head != _CURRENT:
                message = 'Inside "reduce" there are "current" and "accumulator".'
                self._problem(pointer, "unknown_field", message)
                return
        if here.items is None:
            if name != _ITEM:
                message = f"There is no fact {shown(path)} here; the item itself is read by an "
                self._problem(pointer, "unknown_field", message + "empty name.")
            return
        if name == _ITEM:
            message = f"Name a field of the {here.items} to read."
            self._problem(pointer, "unknown_field", message)
            return
        node = self._checked(name, Scope((), LIST_KINDS[here.items]), pointer)
        if node is not None:
            self.lists.setdefault(here.items, {})[name] = node

    def _checked(self, path: str, scope: Scope, pointer: str) -> Readable | None:
        checker = Checker(self.catalogue, find, {})
        node = checker.read(path, scope, pointer)
        self.problems += checker.problems
        if isinstance(node, Money):
            return node
        readable = node is not None and not isinstance(node, (ir.Items, *ir.PREDICATES))
        return node if readable else None  # type: ignore[return-value]  # a value, then

    def _problem(self, pointer: str, code: Code, message: str) -> None:
        self.problems.append(RuleProblem(pointer, code, message))


def _list_of(source: object) -> str | None:
    """The list of records that the items of this expression belong to."""
    match source:
        case {"var": str(name)} | {"var": [str(name)]} if name in LISTS:
            return name
        case {"filter": [inner, _]}:
            return _list_of(inner)
        case _:
            return None


def walked(document: object, pointer: str, catalogue: Catalogue, reach: Scope) -> Walk:
    walk = Walk(catalogue, reach)
    walk.visit(document, pointer, Here())
    return walk
