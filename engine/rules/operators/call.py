"""One use of an operator in a rule, as its check sees it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.rules import ir
from engine.rules.check import Checker, Placed, Scope, placed_pointer, read_as
from engine.rules.checked import Checked, described, type_of
from engine.rules.problems import Code, step_into
from engine.rules.types import Type


@dataclass(frozen=True, slots=True)
class Call:
    """One use of an operator: its arguments and the place of each."""

    checker: Checker
    name: str
    arguments: tuple[object, ...]
    scope: Scope
    pointer: str
    spread: bool

    def place(self, index: int) -> str:
        """The pointer to an argument; a lone argument may be written without a list."""
        inside = step_into(self.pointer, self.name)
        return placed_pointer(
            self.arguments[index], step_into(inside, index) if self.spread else inside
        )

    def raw(self, index: int) -> object:
        """An argument as it was written, or None when there is none."""
        if index >= len(self.arguments):
            return None
        argument = self.arguments[index]
        while isinstance(argument, Placed):
            argument = argument.document
        return argument

    def placed(self) -> list[Placed]:
        """The arguments, each remembering its place, to build an expansion from."""
        return [Placed(argument, self.place(at)) for at, argument in enumerate(self.arguments)]

    def problem(self, code: Code, message: str, index: int | None = None) -> None:
        place = step_into(self.pointer, self.name) if index is None else self.place(index)
        self.checker.problem(place, code, message)

    def node(self, index: int, scope: Scope | None = None) -> Checked | None:
        return self.checker.node(self.arguments[index], scope or self.scope, self.place(index))

    def predicate(self, index: int, scope: Scope | None = None) -> ir.Predicate | None:
        return self.checker.predicate(self.arguments[index], scope or self.scope, self.place(index))

    def value(self, index: int, *types: Type, scope: Scope | None = None) -> ir.Value | None:
        """An argument of one of these types; a property is read as the first of them."""
        node = self.node(index, scope)
        return None if node is None else self.typed(node, index, *types)

    def typed(self, node: Checked, index: int, *types: Type) -> ir.Value | None:
        """`node` as a value of one of these types, or a problem at the argument."""
        if isinstance(node, ir.Field) and node.type is Type.PROPERTY:
            return read_as(node, types[0])
        if type_of(node) in types and not isinstance(node, ir.PREDICATES):
            return node  # type: ignore[return-value]  # neither null nor money has these types
        wanted = " or ".join(types)
        self.problem(
            "wrong_type", f'"{self.name}" needs a {wanted} here, not {described(node)}.', index
        )
        return None

    def items(self, index: int) -> ir.Items | None:
        node = self.node(index)
        if node is None or isinstance(node, ir.Items):
            return node
        message = f'"{self.name}" needs a list such as {{"var": "orders"}}, not {described(node)}.'
        self.problem("wrong_type", message, index)
        return None

    def text(self, index: int) -> str | None:
        """An argument that must be written out as a text."""
        node = self.node(index)
        if isinstance(node, ir.Literal) and isinstance(node.value, str):
            return node.value
        if node is not None:
            self.problem("needs_literal", f'"{self.name}" needs a written-out text here.', index)
        return None
