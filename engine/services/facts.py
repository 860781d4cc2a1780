"""Loading what rules read, for thousands of contacts at once: one query per table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, and_, any_, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.rules import EventNeed, Facts, Reads, RecordKind
from engine.rules.facts import LIST_KINDS
from engine.rules.ir import Path
from engine.rules.to_sql import SetSource
from engine.services.changes.said import changes_said
from engine.services.fact_columns import (
    ACCOUNT,
    CHANGE,
    CONTACT,
    EVENT,
    LISTS_BY_HAND,
    MESSAGE,
    RECORDS,
    TAGS,
    Columns,
    contact_rows,
)

_SETS = {"tags": TAGS, "segments": LISTS_BY_HAND}

Row = Sequence[Any]
Build = Callable[[Row], dict[str, Any]]


async def load_facts(
    session: AsyncSession, contact_ids: Collection[int], reads: Reads, now: datetime
) -> dict[int, Facts]:
    """The facts of each contact, as far as `reads` asks for them; contacts that do not exist are
    left out.

    The event at hand is not loaded: the caller puts it under "event" (see `event_record`).
    """
    # in order, neighbours share pages of the index
    ids = sorted(contact_ids)
    facts = await _contacts(session, ids, reads)
    for name, source in _SETS.items():
        if ("contact", name) in reads.fields:
            await _add_set(session, ids, facts, name, source)
    for name in sorted(reads.lists):
        await _add_list(session, ids, facts, name, reads, now)
    return facts


def event_record(event: Any) -> dict[str, Any]:
    """An event row as rules read it under "event"."""
    return {
        "name": event.name,
        "kind": event.kind,
        "source": event.source,
        "occurred_at": event.occurred_at,
        "properties": event.properties,
        "changes": changes_said(event),
    }


async def _contacts(session: AsyncSession, ids: list[int], reads: Reads) -> dict[int, Facts]:
    columns, build = record_shape("contact", reads.of("contact"))
    if "account" not in reads.records:
        rows = await session.execute(
            select(CONTACT.c.id, *columns)
            .select_from(contact_rows(reads))
            .where(_among(CONTACT.c.id, ids))
        )
        return {row[0]: {"contact": build(row[1:])} for row in rows.all()}
    account_columns, build_account = record_shape("account", reads.of("account"))
    query = (
        select(CONTACT.c.id, ACCOUNT.c.id, *columns, *account_columns)
        .select_from(contact_rows(reads))
        .where(_among(CONTACT.c.id, ids))
    )
    split = 2 + len(columns)
    found: dict[int, Facts] = {}
    for row in (await session.execute(query)).all():
        account = None if row[1] is None else build_account(row[split:])
        found[row[0]] = {"contact": build(row[2:split]), "account": account}
    return found


async def _add_set(
    session: AsyncSession, ids: list[int], facts: dict[int, Facts], name: str, source: SetSource
) -> None:
    for one in facts.values():
        one["contact"][name] = []
    query = select(source.owner, source.value).where(_among(source.owner, ids))
    for contact_id, value in await session.execute(query):
        if contact_id in facts:
            facts[contact_id]["contact"][name].append(value)


async def _add_list(
    session: AsyncSession,
    ids: list[int],
    facts: dict[int, Facts],
    name: str,
    reads: Reads,
    now: datetime,
) -> None:
    record = RECORDS[LIST_KINDS[name]]
    columns, build = record_shape(LIST_KINDS[name], reads.of(name))
    query: Select[Any] = (
        select(record.owner, *columns).select_from(record.rows).where(_among(record.owner, ids))
    )
    if name == "events":
        query = _narrowed(query, reads.events, EVENT.c.name, EVENT.c.occurred_at, now)
    if name == "changes":
        query = _narrowed(query, reads.changes, CHANGE.c.field, CHANGE.c.changed_at, now)
    if name == "messages" and reads.messages:
        at = MESSAGE.c.handed_over_at
        query = _narrowed(query, reads.messages, MESSAGE.c.template, at, now)
    for one in facts.values():
        one[name] = []
    for row in (await session.execute(query)).all():
        # a contact erased since the first query is simply gone
        if (owner := facts.get(row[0])) is not None:
            owner[name].append(build(row[1:]))


def _narrowed(
    query: Select[Any],
    needs: Collection[EventNeed],
    name: ColumnElement[str],
    at: ColumnElement[datetime],
    now: datetime,
) -> Select[Any]:
    """Only events of the names, and since the moments, that some rule can still count."""
    conditions = [_needed(need, name, at, now) for need in needs]
    if any(condition is None for condition in conditions):
        return query
    return query.where(or_(*(condition for condition in conditions if condition is not None)))


def _needed(
    need: EventNeed, name: ColumnElement[str], at: ColumnElement[datetime], now: datetime
) -> ColumnElement[bool] | None:
    earliest = need.earliest(now)
    parts = []
    if need.name is not None:
        parts.append(name == need.name)
    if earliest is not None:
        parts.append(at >= earliest)
    return and_(*parts) if parts else None


def _among(column: ColumnElement[int], ids: list[int]) -> ColumnElement[bool]:
    # one array parameter: the statement stays the same however many ids there are
    return column == any_(literal(ids, ARRAY(BigInteger())))


def record_shape(
    kind: RecordKind, paths: Collection[Path]
) -> tuple[list[ColumnElement[Any]], Build]:
    """The columns to select for these paths, and how a row of them becomes a record."""
    record = RECORDS[kind]
    plain: dict[str, ColumnElement[Any]] = {}
    parts: dict[str, dict[str, ColumnElement[Any]]] = {}
    for path in sorted(paths):
        if path in record.fields:
            column = record.fields[path]
            if len(path) == 1:
                plain[path[0]] = column
            else:
                parts.setdefault(path[0], {})[path[1]] = column
        elif path[:1] in record.documents:
            plain[path[0]] = record.documents[path[:1]]
    return _columns(plain, parts), _builder(
        list(plain), {name: list(of) for name, of in parts.items()}
    )


def _columns(
    plain: Mapping[str, ColumnElement[Any]], parts: Mapping[str, Columns | Mapping[str, Any]]
) -> list[ColumnElement[Any]]:
    return [*plain.values(), *(column for of in parts.values() for column in of.values())]


def _builder(names: list[str], parts: dict[str, list[str]]) -> Build:
    """Plain values first, then the parts of each amount of money."""
    if not parts:
        return lambda row: dict(zip(names, row, strict=True))
    slices: list[tuple[str, list[str], int]] = []
    start = len(names)
    for name, keys in parts.items():
        slices.append((name, keys, start))
        start += len(keys)

    def build(row: Row) -> dict[str, Any]:
        record = dict(zip(names, row, strict=False))
        for name, keys, at in slices:
            record[name] = dict(zip(keys, row[at : at + len(keys)], strict=True))
        return record

    return build
