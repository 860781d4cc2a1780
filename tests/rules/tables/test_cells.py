"""The cell grammar, by what a cell means for the fact of its column."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.rules.tables.cells import condition
from engine.rules.tables.compiled import compile_table
from engine.rules.tables.problems import TableRefused
from engine.rules.tables.splitting import CellRefused
from engine.rules.tables.table import HitPolicy, Output, OutputType, Row, Table
from engine.rules.types import Type
from tests.rules.adversarial import CATALOGUE

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
X = {"var": "f"}
CELLS: list[tuple[Type, str, Any]] = [
    (Type.TEXT, "SG", {"==": [X, "SG"]}),
    (Type.TEXT, "SG, MY", {"in": [X, ["SG", "MY"]]}),
    (Type.TEXT, "SG，MY、ID", {"in": [X, ["SG", "MY", "ID"]]}),
    (Type.TEXT, '"a, b", c', {"in": [X, ["a, b", "c"]]}),
    (Type.TEXT, '"unknown"', {"==": [X, "unknown"]}),
    (Type.TEXT, "not SG, MY", {"!": [{"in": [X, ["SG", "MY"]]}]}),
    (Type.TEXT, "is not SG", {"!": [{"==": [X, "SG"]}]}),
    (Type.TEXT, "!= SG", {"!=": [X, "SG"]}),
    (Type.TEXT, "is SG", {"==": [X, "SG"]}),
    (Type.TEXT, "starts with Head", {"starts_with": [X, "Head"]}),
    (Type.TEXT, "not contains intern", {"!": [{"contains": [X, "intern"]}]}),
    (Type.TEXT, "is unknown", {"is_empty": [X]}),
    (Type.TEXT, "未知", {"is_empty": [X]}),
    (Type.TEXT, "not unknown", {"is_set": [X]}),
    (Type.NUMBER, "10000", {"==": [X, 10_000]}),
    (Type.NUMBER, ">= 10000", {">=": [X, 10_000]}),
    (Type.NUMBER, "≥10000", {">=": [X, 10_000]}),
    (Type.NUMBER, ">= 10 and < 20", {"and": [{">=": [X, 10]}, {"<": [X, 20]}]}),
    (Type.NUMBER, "-5 to 2.5", {"between": [X, -5, 2.5]}),
    (Type.NUMBER, "1, 2, > 10", {"or": [{"in": [X, [1, 2]]}, {">": [X, 10]}]}),
    (Type.NUMBER, "< 500, unknown", {"or": [{"<": [X, 500]}, {"is_empty": [X]}]}),
    (Type.MONEY, ">= 10000 USD", {">=": [X, {"money": [1_000_000, "USD"]}]}),
    (
        Type.MONEY,
        "100 to 200 JPY",
        {"between": [X, {"money": [100, "JPY"]}, {"money": [200, "JPY"]}]},
    ),
    (Type.DATE, "< 2026-03-01", {"<": [X, "2026-03-01"]}),
    (Type.DATETIME, "last 30 days", {"in_last": [X, 30, "days"]}),
    (Type.DATETIME, "more than 3 months ago", {"more_than_ago": [X, 3, "months"]}),
    (Type.DATETIME, "this month", {"this_month": [X]}),
    (
        Type.DATETIME,
        "2026-03-01, 2026-03-02",
        {"or": [{"==": [X, "2026-03-01"]}, {"==": [X, "2026-03-02"]}]},
    ),
    (Type.BOOLEAN, "yes", {"==": [X, True]}),
    (Type.BOOLEAN, "!= 是", {"!": [{"==": [X, True]}]}),
    (Type.SET, "vip, press", {"has_any": [X, ["vip", "press"]]}),
    (Type.SET, "all of vip, press", {"has_all": [X, ["vip", "press"]]}),
    (Type.SET, "none of vip", {"!": [{"has_any": [X, ["vip"]]}]}),
    (Type.PROPERTY, "> 5", {">": [X, 5]}),
    (Type.PROPERTY, '"5"', {"==": [X, "5"]}),
]
WRONG: list[tuple[Type, str, str]] = [
    (Type.NUMBER, "10,000", "10000"),
    (Type.NUMBER, "ten", "not a number"),
    (Type.NUMBER, ">=", "nothing behind"),
    (Type.NUMBER, "1e400", "not a number"),
    (Type.NUMBER, "99999999999999999999", "too large"),
    (Type.MONEY, ">= 100", "currency"),
    (Type.MONEY, "1.005 USD", "whole units"),
    (Type.MONEY, "5 XQQ", "no currency"),
    (Type.DATE, "01.03.2026", "not a date"),
    (Type.BOOLEAN, "maybe", "neither yes nor no"),
    (Type.BOOLEAN, "> yes", "order"),
    (Type.TEXT, 'a, "b', "never closed"),
    (Type.TEXT, "a,,b", "between two commas"),
]


@pytest.mark.parametrize(("kind", "cell", "rule"), CELLS, ids=lambda one: str(one)[:30])
def test_a_cell_is_a_rule_about_its_fact(kind: Type, cell: str, rule: Any) -> None:
    assert condition(cell, "f", kind) == rule


@pytest.mark.parametrize(("kind", "cell", "hint"), WRONG)
def test_a_cell_that_cannot_be_read_says_what_to_write(kind: Type, cell: str, hint: str) -> None:
    with pytest.raises(CellRefused, match=hint):
        condition(cell, "f", kind)


FIELDS = {
    Type.TEXT: "contact.city",
    Type.NUMBER: "contact.score",
    Type.MONEY: "contact.custom.budget",
    Type.DATE: "contact.birthday",
    Type.DATETIME: "contact.last_seen_at",
    Type.BOOLEAN: "contact.custom.gold",
    Type.SET: "contact.tags",
}


def table(column: str, cell: str) -> Table:
    out = (Output("answer", OutputType.TEXT),)
    return Table("t", "t", HitPolicy.FIRST, (column,), out, (Row((cell,), ("yes",)),))


@pytest.mark.parametrize(("kind", "cell", "rule"), CELLS, ids=lambda one: str(one)[:30])
def test_every_cell_of_the_grammar_compiles_against_the_catalogue(
    kind: Type, cell: str, rule: Any
) -> None:
    if kind is not Type.PROPERTY:
        compiled = compile_table(table(FIELDS[kind], cell), CATALOGUE)
        compiled.evaluate({"contact": {}}, NOW)


def test_a_value_outside_a_closed_set_is_a_problem_of_its_cell() -> None:
    with pytest.raises(TableRefused) as refused:
        compile_table(table("contact.lifecycle_stage", "costumer"), CATALOGUE)
    (problem,) = refused.value.problems
    assert (problem.row, problem.column) == (1, "contact.lifecycle_stage")
