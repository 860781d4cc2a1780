"""What an operator is, and the register of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.rules.check import Checker, Placed, Scope
from engine.rules.checked import Checked
from engine.rules.operators.arguments import ANY_COUNT, Argument, Kind, Takes, counted
from engine.rules.operators.call import Call
from engine.rules.problems import Code
from engine.rules.types import Label

__all__ = ["ANY_COUNT", "Call", "Operator", "all_operators", "find", "macro", "operator"]

Check = Callable[[Call], Checked | None]
# From the arguments, each placed where it was written, to the document that means the same.
Expand = Callable[[list[Placed]], object]


@dataclass(frozen=True, slots=True)
class Operator:
    """One word of the language, with all that its users need to know of it.

    `when_absent` says what it answers about a missing value. Either `sql` shows what it becomes in
    PostgreSQL, or `expand` gives the rule it is short for. `group` is the module it stands in.
    """

    name: str
    label: Label
    arguments: tuple[Argument, ...]
    least: int
    most: int
    gives: Kind
    means: Label
    when_absent: str
    example: object
    sql: str
    group: str
    run: Check | None = None
    expand: Expand | None = None

    def check(
        self, checker: Checker, arguments: object, scope: Scope, pointer: str
    ) -> Checked | None:
        while isinstance(arguments, Placed):
            arguments = arguments.document
        spread = isinstance(arguments, list | tuple)
        given = tuple(arguments) if isinstance(arguments, list | tuple) else (arguments,)
        call = Call(checker, self.name, given, scope, pointer, spread)
        if not self.least <= len(given) <= self.most:
            empty_group = not given and self.most >= ANY_COUNT
            code: Code = "empty_group" if empty_group else "wrong_argument_count"
            call.problem(code, self._count_message(len(given)))
            return None
        if self.expand is not None:
            return checker.node(self.expand(call.placed()), scope, pointer)
        assert self.run is not None  # an operator without a check has an expansion
        return self.run(call)

    def _count_message(self, given: int) -> str:
        if given == 0 and self.most >= ANY_COUNT:
            return f'"{self.name}" is empty; give it something to look at or remove it.'
        counts = f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"
        if self.most >= ANY_COUNT:
            counts = f"at least {self.least}"
        return f'"{self.name}" takes {counts} arguments, not {given}.'


@dataclass(frozen=True, slots=True)
class _Told:
    """What both kinds of entries say of themselves."""

    name: str
    label: Label
    takes: Takes
    gives: Kind
    means: Label
    absent: str
    example: object

    def entry(
        self, module: str, *, sql: str = "", run: Check | None = None, expand: Expand | None = None
    ) -> Operator:
        arguments, least, most = counted(self.takes)
        return Operator(
            name=self.name,
            label=self.label,
            arguments=arguments,
            least=least,
            most=most,
            gives=self.gives,
            means=self.means,
            when_absent=self.absent,
            example=self.example,
            sql=sql,
            group=module.rpartition(".")[2],
            run=run,
            expand=expand,
        )


_OPERATORS: dict[str, Operator] = {}


def operator(
    name: str,
    en: str,
    zh: str,
    *,
    takes: Takes,
    absent: str,
    example: object,
    gives: Kind = "condition",
    means: tuple[str, str] = ("", ""),
    sql: str = "",
) -> Callable[[Check], Check]:
    """Register a check as the meaning of an operator; `means` is said in English and Chinese."""

    def register(check: Check) -> Check:
        told = _Told(name, Label(en, zh), takes, gives, Label(*means), absent, example)
        _add(told.entry(check.__module__, sql=sql, run=check))
        return check

    return register


def macro(
    name: str,
    en: str,
    zh: str,
    *,
    takes: Takes,
    absent: str,
    example: object,
    gives: Kind = "condition",
    means: tuple[str, str] = ("", ""),
) -> Callable[[Expand], Expand]:
    """Register an expansion, which needs no meaning of its own."""

    def register(expand: Expand) -> Expand:
        told = _Told(name, Label(en, zh), takes, gives, Label(*means), absent, example)
        _add(told.entry(expand.__module__, expand=expand))
        return expand

    return register


def _add(entry: Operator) -> None:
    assert entry.name not in _OPERATORS, f"two operators are named {entry.name}"
    _OPERATORS[entry.name] = entry


def find(name: str) -> Operator | None:
    return _OPERATORS.get(name)


def all_operators() -> Mapping[str, Operator]:
    return MappingProxyType(_OPERATORS)
