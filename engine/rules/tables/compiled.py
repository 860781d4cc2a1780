"""A table that can be asked: every row is a rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from engine.rules.explain import Explained
from engine.rules.facts import Catalogue
from engine.rules.parse import parse
from engine.rules.problems import RuleRefused
from engine.rules.reads import Reads, union
from engine.rules.rule import Facts, Rule
from engine.rules.tables.cells import condition
from engine.rules.tables.outputs import output
from engine.rules.tables.problems import Code, TableProblem, TableRefused
from engine.rules.tables.splitting import CellRefused
from engine.rules.tables.table import ANY, RULE_COLUMN, HitPolicy, Row, Table
from engine.rules.types import Type

_READABLE = {
    *(Type.TEXT, Type.NUMBER, Type.MONEY, Type.BOOLEAN, Type.DATE, Type.DATETIME, Type.SET),
    Type.PROPERTY,
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that holds; `row` counts from 1."""

    row: int
    outputs: Mapping[str, Any]
    score: float | None = None
    why: Explained | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`hits` has the rows that give the answer, in the order of the table; with hit policy "all"
    there may be many, else there is at most one.
    """

    hits: tuple[Hit, ...]

    @property
    def outputs(self) -> Mapping[str, Any] | None:
        """The answer of the first row; None when no row holds."""
        return self.hits[0].outputs if self.hits else None


@dataclass(frozen=True)
class CompiledTable:
    """Made by `compile_table`. `rules` and `answers` are by row, in the order of the table."""

    table: Table
    rules: tuple[Rule, ...]
    answers: tuple[Mapping[str, Any], ...]

    @cached_property
    def reads(self) -> Reads:
        """What all rows together look at, for one load of facts."""
        return union(rule.reads for rule in self.rules)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Rows, from 0, in the order in which they are tried."""
        numbers = range(len(self.rules))
        if self.table.hit is not HitPolicy.HIGHEST:
            return tuple(numbers)
        scores = [row.score or 0 for row in self.table.rows]
        return tuple(sorted(numbers, key=lambda at: (-scores[at], at)))

    def evaluate(
        self, facts: Facts, now: datetime, zone: str = "UTC", *, explain: bool = True
    ) -> Decision:
        """The rows that hold of these facts and give the answer; without `explain` no reasons."""
        found = []
        for at in self.order:
            rule = self.rules[at]
            if rule.holds(facts, now, zone):
                why = rule.explain(facts, now, zone) if explain else None
                found.append(Hit(at + 1, self.answers[at], self.table.rows[at].score, why))
                if self.table.hit is not HitPolicy.ALL:
                    break
        return Decision(tuple(found))


def compile_table(table: Table, catalogue: Catalogue) -> CompiledTable:
    """Every row as a rule of dialect 1. Raises TableRefused with every wrong cell."""
    compiler = _Compiler(table, catalogue)
    rules = [compiler.rule(number, row) for number, row in enumerate(table.rows, start=1)]
    answers = [compiler.answer(number, row) for number, row in enumerate(table.rows, start=1)]
    if compiler.problems:
        raise TableRefused(compiler.problems)
    return CompiledTable(table, tuple(rule for rule in rules if rule is not None), tuple(answers))


class _Compiler:
    def __init__(self, table: Table, catalogue: Catalogue) -> None:
        self.table = table
        self.catalogue = catalogue
        self.problems: list[TableProblem] = []
        known = dict(catalogue.readable(event_rule=table.reads_event, subject=table.subject))
        self.types = [self._type(column, known) for column in table.columns]
        self._memo: dict[tuple[int, str], Any] = {}

    def _type(self, column: str, known: Mapping[str, Any]) -> Type | None:
        if column == RULE_COLUMN:
            return None
        fact = known.get(column)
        if fact is None and self.table.reads_event and column.startswith("event."):
            fact = self.catalogue.fact("event", column.removeprefix("event."))
        if fact is None or fact.type not in _READABLE:
            message = (
                f'There is no fact "{column}" that a table about a {self.table.subject} can read.'
            )
            self.problems.append(TableProblem(Code.UNKNOWN_FIELD, message, column=column))
            return None
        kind: Type = fact.type
        return kind

    def rule(self, number: int, row: Row) -> Rule | None:
        """The row as a rule, or None after noting what is wrong."""
        parts, columns = [], []
        before = len(self.problems)
        for at, cell in enumerate(row.when):
            if cell != ANY:
                part = self._condition(number, at, cell)
                if part is not None:
                    parts.append(part)
                    columns.append(self.table.columns[at])
        if len(self.problems) > before or any(
            kind is None and name != RULE_COLUMN
            for kind, name in zip(self.types, self.table.columns, strict=True)
        ):
            return None
        document = {"dialect": 1, "rule": {"and": parts} if parts else True}
        try:
            return parse(
                document,
                self.catalogue,
                event_rule=self.table.reads_event,
                subject=self.table.subject,
            )
        except RuleRefused as refused:
            for problem in refused.problems:
                column = _column_of(problem.pointer, columns)
                message = problem.message
                self.problems.append(TableProblem(Code.BAD_RULE, message, number, column))
            return None

    def _condition(self, number: int, at: int, cell: str) -> Any:
        if (at, cell) in self._memo:
            return self._memo[at, cell]
        column, kind = self.table.columns[at], self.types[at]
        try:
            if column == RULE_COLUMN:
                part = _whole_rule(cell)
            elif kind is None:
                return None
            else:
                part = condition(cell, column, kind)
        except CellRefused as refused:
            message = str(refused)
            message = message[0].upper() + message[1:]
            self.problems.append(TableProblem(Code.BAD_CELL, message, number, column))
            return None
        self._memo[at, cell] = part
        return part

    def answer(self, number: int, row: Row) -> Mapping[str, Any]:
        given = {}
        for declared, cell in zip(self.table.outputs, row.then, strict=True):
            try:
                given[declared.name] = output(cell, declared.type)
            except CellRefused as refused:
                message = str(refused)
                message = message[0].upper() + message[1:]
                self.problems.append(TableProblem(Code.BAD_OUTPUT, message, number, declared.name))
        return given


def _whole_rule(cell: str) -> Any:
    try:
        rule = json.loads(cell)
    except (ValueError, RecursionError) as error:
        hint = 'write a rule such as {"==": [{"var": "contact.country"}, "SG"]}.'
        raise CellRefused(f"this is not JSON; {hint}") from error
    if isinstance(rule, dict) and "dialect" in rule:
        return rule.get("rule")
    return rule


def _column_of(pointer: str, columns: list[str]) -> str | None:
    """The column of a problem at "/rule/and/2/..."."""
    parts = pointer.split("/")
    if len(parts) > 3 and parts[3].isdecimal() and int(parts[3]) < len(columns):
        return columns[int(parts[3])]
    return None
