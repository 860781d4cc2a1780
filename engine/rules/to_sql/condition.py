"""A rule as a WHERE clause."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement

from engine.rules.rule import Rule
from engine.rules.to_sql.binding import Binding
from engine.rules.to_sql.per_record import PerRecord
from engine.rules.to_sql.set_wise import SetWise

# How many records the query is about: one or a few, a page of the matches by key, or all of them.
Reach = Literal["one", "page", "all"]


def condition(
    rule: Rule, binding: Binding, now: datetime, zone: str = "UTC", *, reach: Reach = "page"
) -> ColumnElement[bool]:
    """The rule as a WHERE clause over the table of `binding.key`; raises NotInSql for what no
    column holds.

    The rows it lets through are those whose facts `rule.holds` accepts at the same now and zone,
    whatever the `reach`, which only chooses the shape of the SQL.
    """
    if reach == "one":
        return PerRecord(binding, now, zone).holds(rule.root, binding.root)
    return SetWise(binding, now, zone, materialized=reach == "all").whole(rule.root)
