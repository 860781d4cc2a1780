"""A checked expression: its document, what it reads, and its value for given facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from datalogic_py import Rule as Compiled

from engine.rules import ir
from engine.rules.check import Scope
from engine.rules.checked import Money
from engine.rules.expressions.check import Walk, walked
from engine.rules.expressions.operators import FAMILIES
from engine.rules.expressions.reading import Readable, Reader, reader
from engine.rules.expressions.working_out import compiled, new_engine, worked_out
from engine.rules.facts import Catalogue, Subject
from engine.rules.limits import size_problems
from engine.rules.problems import RuleRefused
from engine.rules.reads import Reads, reads_of, union
from engine.rules.rule import Facts

_ENGINE = new_engine(FAMILIES)


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """Made by `compile_expression`. May be asked as often as one likes, by several threads."""

    document: object
    reads: Reads
    _compiled: Compiled = field(repr=False)
    _reader: Reader = field(repr=False)

    def value(self, facts: Facts, now: datetime, zone: str = "UTC") -> Any:
        """A JSON value; times are ISO texts, money is {"minor", "currency"}, absent facts are null.

        Raises CannotCompute when these facts give no value, or one past the limits.
        """
        return worked_out(self._compiled, self._reader.data(facts, now, zone))


def compile_expression(
    document: object,
    catalogue: Catalogue,
    *,
    event_rule: bool = False,
    subject: Subject = "contact",
) -> Expression:
    """Check an expression and make it ready; `event_rule` and `subject` say what it may read, as
    for `parse`. Raises RuleRefused with every problem found.
    """
    if problems := size_problems(document, ""):
        raise RuleRefused(tuple(problems))
    reach = Scope(catalogue.reachable(event_rule=event_rule, subject=subject))
    walk = walked(document, "", catalogue, reach)
    if walk.problems:
        raise RuleRefused(tuple(walk.problems))
    return Expression(
        document, _reads(walk), compiled(_ENGINE, document), reader(walk.values, walk.lists)
    )


def _reads(walk: Walk) -> Reads:
    """What rules that look at the same values read."""
    found = [reads_of(test) for node in walk.values.values() for test in _tests(node)]
    for name, fields in walk.lists.items():
        items = ir.Items(name)
        found.append(reads_of(ir.IsSet(items)))
        found += [
            reads_of(ir.Quantified("some", items, test))
            for node in fields.values()
            for test in _tests(node)
        ]
    return union(found)


def _tests(node: Readable) -> list[ir.Predicate]:
    values = [node.minor, node.currency] if isinstance(node, Money) else [node]
    return [ir.IsSet(value) for value in values]
