"""Changing a decision table: each function answers with another one. Pure.

Rows, columns and outputs count from 0 here; orders for places that are not there change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar

from engine.rules.tables import HitPolicy, Output, OutputType, Row, Table
from engine.rules.tables.table import ANY, MAX_CELL, MAX_COLUMNS, MAX_ROWS, NAME, plain_any

Item = TypeVar("Item")
LONGEST_NOTE: Final = 500
LONGEST_LABEL: Final = 200
LARGEST_SCORE: Final = 1e9


def blank(name: str, label: str, column: str) -> Table:
    """A table to begin with: one condition, one output, one row for everybody."""
    row = Row((ANY,), ("",))
    return Table(
        name, label, HitPolicy.FIRST, (column,), (Output("answer", OutputType.TEXT),), (row,)
    )


def with_name(table: Table, name: str) -> Table:
    """Another short name; whether it is one is said when the table is checked."""
    return replace(table, name=name)


def with_label(table: Table, label: str) -> Table:
    return replace(table, label=label[:LONGEST_LABEL])


def with_condition(table: Table, row: int, column: int, cell: str) -> Table:
    if not (0 <= row < len(table.rows) and 0 <= column < len(table.columns)):
        return table
    old = table.rows[row]
    wanted = plain_any(cell[:MAX_CELL])
    return _with_row(table, row, replace(old, when=_put(old.when, column, wanted)))


def with_answer(table: Table, row: int, output: int, cell: str) -> Table:
    if not (0 <= row < len(table.rows) and 0 <= output < len(table.outputs)):
        return table
    old = table.rows[row]
    return _with_row(table, row, replace(old, then=_put(old.then, output, cell[:MAX_CELL])))


def with_note(table: Table, row: int, note: str) -> Table:
    if not 0 <= row < len(table.rows):
        return table
    return _with_row(table, row, replace(table.rows[row], note=note[:LONGEST_NOTE]))


def with_score(table: Table, row: int, score: float | None) -> Table:
    if not 0 <= row < len(table.rows) or (score is not None and abs(score) > LARGEST_SCORE):
        return table
    return _with_row(table, row, replace(table.rows[row], score=score))


def with_new_row(table: Table, at: int) -> Table:
    """An empty row in front of the one at `at`, or at the end."""
    if len(table.rows) >= MAX_ROWS:
        return table
    score = 0.0 if table.hit is HitPolicy.HIGHEST else None
    row = Row((ANY,) * len(table.columns), ("",) * len(table.outputs), score)
    return replace(table, rows=_inserted(table.rows, at, row))


def with_copied_row(table: Table, at: int) -> Table:
    if not 0 <= at < len(table.rows) or len(table.rows) >= MAX_ROWS:
        return table
    return replace(table, rows=_inserted(table.rows, at + 1, table.rows[at]))


def without_row(table: Table, at: int) -> Table:
    """A table keeps at least one row."""
    if not 0 <= at < len(table.rows) or len(table.rows) == 1:
        return table
    return replace(table, rows=_removed(table.rows, at))


def with_moved_row(table: Table, at: int, to: int) -> Table:
    return replace(table, rows=_moved(table.rows, at, to))


def with_new_column(table: Table, fact: str) -> Table:
    """A condition on another fact, last; a fact has one column."""
    if fact in table.columns or len(table.columns) >= MAX_COLUMNS:
        return table
    rows = tuple(replace(row, when=(*row.when, ANY)) for row in table.rows)
    return replace(table, columns=(*table.columns, fact), rows=rows)


def with_other_fact(table: Table, column: int, fact: str) -> Table:
    if not 0 <= column < len(table.columns) or fact in table.columns:
        return table
    return replace(table, columns=_put(table.columns, column, fact))


def without_column(table: Table, column: int) -> Table:
    if not 0 <= column < len(table.columns) or len(table.columns) == 1:
        return table
    rows = tuple(replace(row, when=_removed(row.when, column)) for row in table.rows)
    return replace(table, columns=_removed(table.columns, column), rows=rows)


def with_moved_column(table: Table, column: int, to: int) -> Table:
    rows = tuple(replace(row, when=_moved(row.when, column, to)) for row in table.rows)
    return replace(table, columns=_moved(table.columns, column, to), rows=rows)


def with_new_output(table: Table) -> Table:
    if len(table.outputs) >= MAX_COLUMNS:
        return table
    taken = {one.name for one in table.outputs}
    number = next(n for n in range(1, MAX_COLUMNS + 2) if f"output_{n}" not in taken)
    rows = tuple(replace(row, then=(*row.then, "")) for row in table.rows)
    output = Output(f"output_{number}", OutputType.TEXT)
    return replace(table, outputs=(*table.outputs, output), rows=rows)


def with_output(table: Table, at: int, name: str, kind: OutputType) -> Table:
    """Another name or type; a name that is no name, or is taken, changes nothing."""
    others = {one.name for here, one in enumerate(table.outputs) if here != at}
    if not 0 <= at < len(table.outputs) or name in others or not NAME.fullmatch(name):
        return table
    return replace(table, outputs=_put(table.outputs, at, Output(name, kind)))


def without_output(table: Table, at: int) -> Table:
    if not 0 <= at < len(table.outputs) or len(table.outputs) == 1:
        return table
    rows = tuple(replace(row, then=_removed(row.then, at)) for row in table.rows)
    return replace(table, outputs=_removed(table.outputs, at), rows=rows)


def with_moved_output(table: Table, at: int, to: int) -> Table:
    rows = tuple(replace(row, then=_moved(row.then, at, to)) for row in table.rows)
    return replace(table, outputs=_moved(table.outputs, at, to), rows=rows)


def with_policy(table: Table, hit: HitPolicy) -> Table:
    """Where the highest score wins, rows without one get 0."""
    rows = table.rows
    if hit is HitPolicy.HIGHEST:
        rows = tuple(replace(row, score=0.0) if row.score is None else row for row in table.rows)
    return replace(table, hit=hit, rows=rows)


def _with_row(table: Table, at: int, row: Row) -> Table:
    return table if table.rows[at] == row else replace(table, rows=_put(table.rows, at, row))


def _put(items: Sequence[Item], at: int, item: Item) -> tuple[Item, ...]:
    return (*items[:at], item, *items[at + 1 :])


def _inserted(items: Sequence[Item], at: int, item: Item) -> tuple[Item, ...]:
    here = max(0, min(at, len(items)))
    return (*items[:here], item, *items[here:])


def _removed(items: Sequence[Item], at: int) -> tuple[Item, ...]:
    return (*items[:at], *items[at + 1 :])


def _moved(items: tuple[Item, ...], at: int, to: int) -> tuple[Item, ...]:
    if not (0 <= at < len(items) and 0 <= to < len(items)):
        return items
    return _inserted(_removed(items, at), to, items[at])
