"""Many rows in one statement: ids ahead of time, insert what is missing, update what changed.

Rows travel as one JSON parameter that PostgreSQL turns into the table's own row type, so a batch is
one round trip whatever its size and needs no temporary table. Table and column names come from our
models, never from a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from psycopg import AsyncConnection as DriverConnection
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.round_trips import Ask


async def allocate_ids(session: AsyncSession, table: str, count: int) -> list[int]:
    """Take `count` new ids. Those that stay unused leave gaps, which is harmless."""
    if not count:
        return []
    sequence = f"pg_get_serial_sequence('{_quoted(table)}', 'id')"
    found = await session.execute(
        text(f"SELECT nextval({sequence}) FROM generate_series(1, :count)"),  # noqa: S608
        {"count": count},
    )
    return [row[0] for row in found]


async def insert_rows(
    session: AsyncSession, table: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> set[int]:
    """Insert rows that carry their `id`; returns the ids that went in.

    A row that clashes with a unique key of another transaction's row is left out, so the caller can
    look again and update instead. Columns not named get the table's defaults; a named one that
    a row lacks is NULL.
    """
    if not rows:
        return set()
    found = await session.execute(
        text(_insert(table, columns, rows=":rows")), {"rows": as_json(rows)}
    )
    return {row[0] for row in found}


def inserting(table: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Ask:
    """As `insert_rows`, to go with others in one round trip."""
    sql = _insert(table, columns, rows="%(rows)s")
    return Ask(sql, {"rows": as_json(rows)}, prepared=False)


async def update_rows(
    session: AsyncSession, table: str, changes: Mapping[int, Mapping[str, Any]]
) -> None:
    """Write each row's changed columns and no others, so that two writers of different columns do
    not undo each other. One statement for all rows that change the same columns.

    `custom` is merged key by key: what a change does not name stays.
    """
    for columns, rows in _alike(changes):
        await session.execute(text(_update(table, columns, rows=":rows")), {"rows": as_json(rows)})


def updating(table: str, changes: Mapping[int, Mapping[str, Any]]) -> list[Ask]:
    """As `update_rows`, to go with others in one round trip."""
    return [
        Ask(_update(table, columns, rows="%(rows)s"), {"rows": as_json(rows)}, prepared=False)
        for columns, rows in _alike(changes)
    ]


async def copy_rows(
    session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Stream rows in by COPY: the fastest way, and any clash fails the whole copy."""
    connection = await (await session.connection()).get_raw_connection()
    driver = connection.driver_connection
    if not isinstance(driver, DriverConnection):
        raise TypeError(f"COPY needs psycopg, not {type(driver)}")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    async with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Dates and instants become ISO text, which PostgreSQL reads exactly."""
    return orjson.dumps(rows, option=orjson.OPT_NON_STR_KEYS).decode()


def _alike(
    changes: Mapping[int, Mapping[str, Any]],
) -> list[tuple[tuple[str, ...], list[dict[str, Any]]]]:
    """The rows that change the same columns, by these columns."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row_id, values in changes.items():
        alike.setdefault(tuple(sorted(values)), []).append({"id": row_id, **values})
    return sorted(alike.items())


def _insert(table: str, columns: Sequence[str], *, rows: str) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {_quoted(table)} ({names}) OVERRIDING SYSTEM VALUE "  # noqa: S608
        f"SELECT {names} FROM json_populate_recordset(NULL::{_quoted(table)}, "
        f"CAST({rows} AS json)) ON CONFLICT DO NOTHING RETURNING id"
    )


def _update(table: str, columns: Sequence[str], *, rows: str) -> str:
    changes = ", ".join(
        f'"{column}" = ' + ("old.custom || " if column == "custom" else "") + f'new."{column}"'
        for column in columns
    )
    return (
        f"UPDATE {_quoted(table)} AS old SET {changes} "  # noqa: S608
        f"FROM json_populate_recordset(NULL::{_quoted(table)}, CAST({rows} AS json)) AS new "
        "WHERE old.id = new.id"
    )


def _quoted(table: str) -> str:
    return f'"{table}"'
