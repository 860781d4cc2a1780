"""Questions an import asks: who has these keys, what did earlier lines of the file describe."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import JSON, Table, bindparam, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from crm_store.bulk import as_json
from crm_store.fact_borders import share_fact_borders
from crm_store.models import Base, Pipeline, Stage
from crm_store.record_changes import hold_contacts

# What one import remembers of its file lives in the database session, so memory stays constant.
_NOTES = (
    "CREATE TEMPORARY TABLE import_seen (id bigint PRIMARY KEY, line bigint NOT NULL)",
    """
    CREATE TEMPORARY TABLE import_aside (
        line bigint NOT NULL, field text NOT NULL, id bigint NOT NULL, key text NOT NULL,
        cells json NOT NULL, PRIMARY KEY (line, field))
    """,
)


_SHARING = frozenset({"order", "deal"})


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that names another of the same kind, which no line had described yet."""

    line: int
    field: str
    id: int
    key: str
    cells: list[str]


async def open_notes(session: AsyncSession) -> None:
    """Make the temporary tables; they end with the database session."""
    for statement in _NOTES:
        await session.execute(text(statement))


async def one_import_at_a_time(session: AsyncSession, table: str) -> None:
    """Until the transaction ends no other import writes this table, so names stay unique."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('import'), hashtext(:table))"), {"table": table}
    )


async def hold_contacts_behind(
    session: AsyncSession, table: str, contact_ids: Collection[int]
) -> None:
    """Hold the contacts that writing to the table will lock, all at once and in the order of ids
    that everybody keeps: one statement after the other would lock them in orders of their own."""
    if table in _SHARING:
        # The trigger of these tables takes it, and whoever waits for it must not hold contacts.
        await share_fact_borders(session)
    await hold_contacts(session, contact_ids)


async def keys_of_former(
    session: AsyncSession, column: str, values: Collection[str]
) -> dict[str, dict[str, Any]]:
    """For values that a merged contact had in this column and nobody has now: the keys of the
    contact it is today."""
    if not values:
        return {}
    found = await session.execute(
        text(
            """
            SELECT a.value, c.external_id, c.email_key FROM contact_alias a
            JOIN contact c ON c.id = a.contact_id
            WHERE a.kind = :kind AND a.value = ANY(:names) AND NOT EXISTS (
                SELECT 1 FROM contact o
                WHERE (:kind = 'external_id' AND o.external_id = a.value)
                   OR (:kind = 'email_key' AND o.email_key = a.value))
            """
        ),
        {"kind": column, "names": list(values)},
    )
    return {row[0]: {"external_id": row[1], "email_key": row[2]} for row in found}


async def records_by(
    session: AsyncSession, table: str, column: str, values: Collection[str]
) -> list[dict[str, Any]]:
    """Whole rows whose column has one of the values."""
    if not values:
        return []
    rows = _table(table)
    found = await session.execute(select(rows).where(rows.c[column] == _any(values)))
    return [dict(row._mapping) for row in found]


async def ids_by(
    session: AsyncSession, table: str, column: str, values: Collection[str]
) -> dict[str, list[int]]:
    """The ids of the rows that have each value; more than one where the column is not unique."""
    if not values:
        return {}
    rows = _table(table)
    found = await session.execute(
        select(rows.c[column], rows.c.id).where(rows.c[column] == _any(values)).order_by(rows.c.id)
    )
    ids: dict[str, list[int]] = {}
    for value, row_id in found:
        ids.setdefault(value, []).append(row_id)
    return ids


async def some_names(session: AsyncSession, table: str, column: str, limit: int) -> list[str]:
    """Names to suggest from when one is unknown."""
    rows = _table(table)
    found = await session.scalars(
        select(rows.c[column]).where(rows.c[column].is_not(None)).limit(limit)
    )
    return list(found)


async def seen_lines(session: AsyncSession, ids: Collection[int]) -> dict[int, int]:
    """For records described earlier in this file: by which line."""
    found = await session.execute(
        text("SELECT id, line FROM import_seen WHERE id = ANY(CAST(:ids AS bigint[]))"),
        {"ids": list(ids)},
    )
    return {row[0]: row[1] for row in found}


async def mark_seen(session: AsyncSession, line_of: Mapping[int, int]) -> None:
    await session.execute(
        text(
            "INSERT INTO import_seen SELECT CAST(pair ->> 0 AS bigint), CAST(pair ->> 1 AS bigint)"
            " FROM json_array_elements(CAST(:pairs AS json)) AS pair ON CONFLICT DO NOTHING"
        ),
        {"pairs": orjson.dumps(list(line_of.items())).decode()},
    )


async def put_aside(session: AsyncSession, asides: Sequence[Aside]) -> None:
    if not asides:
        return
    rows = [
        {"line": a.line, "field": a.field, "id": a.id, "key": a.key, "cells": a.cells}
        for a in asides
    ]
    await session.execute(
        text(
            "INSERT INTO import_aside SELECT * FROM json_populate_recordset("
            "NULL::import_aside, CAST(:rows AS json))"
        ),
        {"rows": as_json(rows)},
    )


async def put_aside_after(session: AsyncSession, line: int, limit: int) -> list[Aside]:
    """The next page of what was put aside, by line."""
    found = await session.execute(
        text(
            "SELECT line, field, id, key, cells FROM import_aside WHERE line > :line"
            " ORDER BY line, field LIMIT :limit"
        ),
        {"line": line, "limit": limit},
    )
    return [Aside(*row) for row in found]


async def tag_contacts(session: AsyncSession, tags_of: Mapping[int, Collection[str]]) -> set[int]:
    """Add tags; returns the contacts that had not all of them."""
    pairs = [(contact, tag) for contact, tags in tags_of.items() for tag in tags]
    if not pairs:
        return set()
    await session.execute(
        text("INSERT INTO tag (name) SELECT unnest(CAST(:tags AS text[])) ON CONFLICT DO NOTHING"),
        {"tags": sorted({tag for _, tag in pairs})},
    )
    found = await session.scalars(
        text(
            "INSERT INTO contact_tag (contact_id, tag)"
            " SELECT * FROM unnest(CAST(:contacts AS bigint[]), CAST(:tags AS text[]))"
            " ON CONFLICT DO NOTHING RETURNING contact_id"
        ),
        {"contacts": [contact for contact, _ in pairs], "tags": [tag for _, tag in pairs]},
    )
    return set(found)


async def add_consents(
    session: AsyncSession, contact_ids: Collection[int], consent: Mapping[str, Any]
) -> set[int]:
    """Record the same answer for all who have none for its channel and purpose; returns those.

    An answer that is there stays: a file must not undo what somebody decided themselves.
    """
    if not contact_ids:
        return set()
    found = await session.scalars(
        text(
            "INSERT INTO consent (contact_id, channel, purpose, granted, lawful_basis, source)"
            " SELECT unnest(CAST(:ids AS bigint[])), :channel, :purpose, :granted, :lawful_basis,"
            " :source ON CONFLICT DO NOTHING RETURNING contact_id"
        ),
        {"ids": sorted(contact_ids), **consent},
    )
    return set(found)


async def stages_of(session: AsyncSession, pipeline: str | None) -> Sequence[Stage]:
    """The stages of a pipeline by key, or of all pipelines."""
    wanted = select(Stage).join(Pipeline).order_by(Pipeline.id, Stage.position)
    wanted = wanted.where(Stage.retired_at.is_(None))
    if pipeline is not None:
        wanted = wanted.where(Pipeline.key == pipeline)
    return (await session.scalars(wanted)).all()


async def pipeline_keys(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(Pipeline.key).order_by(Pipeline.id)))


async def make_pipeline(
    session: AsyncSession, key: str, label: str, stages: Sequence[Mapping[str, Any]]
) -> None:
    pipeline = Pipeline(key=key, label=label)
    session.add(pipeline)
    await session.flush()
    session.add_all(
        Stage(pipeline_id=pipeline.id, position=position, **stage)
        for position, stage in enumerate(stages)
    )
    await session.flush()


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _any(values: Collection[str]) -> Any:
    """Sent as JSON, which is several times faster to write than an array of thousands of texts."""
    listed = bindparam(None, orjson.dumps(list(values)).decode(), type_=Text)
    elements = func.json_array_elements_text(cast(listed, JSON), type_=Text).column_valued("value")
    return func.any(func.array(select(elements).scalar_subquery()))
