"""The audit as it is searched: pages by key, the newest first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, String, Text, and_, cast, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Audit, AuditSeal


class AuditRow(NamedTuple):
    id: int
    at: datetime
    actor_kind: str
    actor_id: int | None
    actor_name: str
    verb: str
    subject_kind: str
    subject_id: str
    door: str | None
    request_id: str | None
    before: Any
    after: Any
    why: str | None
    cleared_at: datetime | None


_A = Audit
_COLUMNS: Final = tuple(getattr(_A, name) for name in AuditRow._fields)


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is searched for; everything that is given must hold. `words` stand anywhere in names,
    ids, reasons and values."""

    since: datetime
    until: datetime
    actor: str = ""
    actor_id: int | None = None
    verb: str = ""
    kind: str = ""
    subject: str = ""
    door: str = ""
    request_id: str = ""
    words: str = ""


# The place of a row in the list.
Key = tuple[datetime, int]


async def page_of_audit(
    session: AsyncSession,
    query: AuditQuery,
    *,
    before: Key | None = None,
    after: Key | None = None,
    limit: int,
) -> list[AuditRow]:
    """The newest first; with `after` those that are newer than it."""
    asked = _found(query)
    if before is not None:
        asked = asked.where(_place() < _key(before))
    if after is not None:
        asked = asked.where(_place() > _key(after)).order_by(_A.at, _A.id)
    else:
        asked = asked.order_by(_A.at.desc(), _A.id.desc())
    found = [AuditRow._make(row) for row in await session.execute(asked.limit(limit))]
    return found[::-1] if after is not None else found


async def all_of_audit(
    session: AsyncSession, query: AuditQuery, most: int
) -> AsyncIterator[AuditRow]:
    """The oldest first, read as it is asked for."""
    asked = _found(query).order_by(_A.at, _A.id).limit(most)
    stream = await session.stream(asked.execution_options(yield_per=500))
    async for row in stream:
        yield AuditRow._make(row)


async def audit_row(session: AsyncSession, audit_id: int) -> tuple[AuditRow, str | None] | None:
    """One row, and its seal when it has one."""
    found = await session.execute(
        select(*_COLUMNS, AuditSeal.seal)
        .outerjoin(AuditSeal, AuditSeal.audit_id == _A.id)
        .where(_A.id == audit_id)
    )
    row = found.one_or_none()
    return None if row is None else (AuditRow._make(row[:-1]), row[-1])


async def words_of_audit(session: AsyncSession) -> tuple[list[str], list[str]]:
    """The verbs and kinds that occur: each is found by a jump in its index."""
    return await _distinct(session, "verb"), await _distinct(session, "subject_kind")


async def _distinct(session: AsyncSession, column: str) -> list[str]:
    of = getattr(_A, column)
    first = select(func.min(of).label("word")).cte("words", recursive=True)
    words = first.union_all(
        select(select(func.min(of)).where(of > first.c.word).scalar_subquery()).where(
            first.c.word.is_not(None)
        )
    )
    found = await session.execute(
        select(words.c.word).where(words.c.word.is_not(None)).order_by(words.c.word).limit(200)
    )
    return [row[0] for row in found]


def _place() -> Any:
    return tuple_(_A.at, _A.id)


def _key(key: Key) -> Any:
    return tuple_(literal(key[0]), literal(key[1]))


def _found(query: AuditQuery) -> Select[Any]:
    conditions = [_A.at >= query.since, _A.at < query.until]
    if query.actor_id is not None:
        conditions += [_A.actor_kind == "user", _A.actor_id == query.actor_id]
    if query.actor:
        conditions.append(_contains(_A.actor_name, query.actor))
    for column, value in (
        (_A.verb, query.verb),
        (_A.subject_kind, query.kind),
        (_A.subject_id, query.subject),
        (_A.door, query.door),
        (_A.request_id, query.request_id),
    ):
        if value:
            conditions.append(column == value)
    if query.words:
        places = (_A.actor_name, _A.subject_id, _A.why, _A.before, _A.after)
        conditions.append(or_(*(_contains(one, query.words) for one in places)))
    return select(*_COLUMNS).where(and_(*conditions))


def _contains(column: Any, words: str) -> Any:
    return cast(column, Text if column.type.python_type is dict else String).icontains(
        words, autoescape=True
    )
