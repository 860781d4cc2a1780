"""What happened in a stretch of the past, page by page, for backtests. Nothing here writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Contact, Deal, Order, Ticket


class PastEvent(NamedTuple):
    """An event with the moment at which it counts."""

    id: int
    source: str
    kind: str
    name: str
    contact_id: int
    properties: dict[str, Any]
    occurred_at: datetime
    at: datetime


class PastChange(NamedTuple):
    """One field of one record; of a tag, `new` was added or `old` was removed."""

    id: int
    record_id: int
    contact_id: int
    field: str
    old: Any
    new: Any
    at: datetime
    transaction_id: int


class PastRun(NamedTuple):
    """A run that really was, with the event that let it in."""

    contact_id: int
    entry_key: str
    entered_at: datetime
    ended_at: datetime | None
    event_id: int | None


async def events_between(
    session: AsyncSession,
    name: str,
    clock: Literal["occurred", "received"],
    since: datetime,
    until: datetime,
    page: int,
) -> AsyncIterator[list[PastEvent]]:
    """Events of one name in the order of the clock, so many at a time."""
    column = {"occurred": "occurred_at", "received": "received_at"}[clock]
    found = await session.stream(
        text(
            f"""
            SELECT id, source, kind, name, contact_id, properties, occurred_at, {column}
            FROM event WHERE name = :name AND {column} >= :since AND {column} < :until
            ORDER BY {column}, id
            """  # noqa: S608 - one of two columns
        ),
        {"name": name, "since": since, "until": until},
        execution_options={"yield_per": page},
    )
    async for rows in found.partitions():
        yield [PastEvent._make(row) for row in rows]


async def changes_between(
    session: AsyncSession,
    record: str,
    fields: Collection[str],
    since: datetime,
    until: datetime,
    page: int,
) -> AsyncIterator[list[PastChange]]:
    """What was changed in records of a kind that a contact stands behind, record by record of each
    transaction; without `fields` in any field. A page may end in the midst of a record."""
    found = await session.stream(
        text(
            """
            SELECT id, record_id, contact_id, field, old, new, changed_at, transaction_id
            FROM field_change
            WHERE record = :record AND changed_at >= :since AND changed_at < :until
                AND contact_id IS NOT NULL AND (:all OR field = ANY(:fields))
            ORDER BY transaction_id, record_id, id
            """
        ),
        {
            "record": record,
            "since": since,
            "until": until,
            "fields": list(fields),
            "all": not fields,
        },
        execution_options={"yield_per": page},
    )
    async for rows in found.partitions():
        yield [PastChange._make(row) for row in rows]


async def audiences_between(
    session: AsyncSession, flow: str, since: datetime, until: datetime
) -> list[datetime]:
    """When a flow was published or an audience began to enter it, in order."""
    found = await session.execute(
        text(
            """
            SELECT at FROM (
                SELECT v.published_at AS at FROM flow_version v JOIN flow f ON f.id = v.flow_id
                WHERE f.name = :flow
                UNION
                SELECT e.as_of FROM enrolment e JOIN flow f ON f.id = e.flow_id
                WHERE f.name = :flow
            ) looks WHERE at >= :since AND at < :until ORDER BY at
            """
        ),
        {"flow": flow, "since": since, "until": until},
    )
    return list(found.scalars())


async def was_published(session: AsyncSession, flow: str, until: datetime) -> bool:
    """Whether a flow of this name had a version before `until`."""
    found = await session.execute(
        text(
            "SELECT EXISTS (SELECT FROM flow_version v JOIN flow f ON f.id = v.flow_id"
            " WHERE f.name = :flow AND v.published_at < :until)"
        ),
        {"flow": flow, "until": until},
    )
    return bool(found.scalar_one())


# By kind: the record's number, when it was made, and the contact behind it.
_MADE: Final = {
    "contact": (Contact.id, Contact.created_at, Contact.id),
    "deal": (Deal.id, Deal.created_at, Deal.contact_id),
    "ticket": (Ticket.id, Ticket.created_at, Ticket.contact_id),
    "order": (Order.id, Order.created_at, Order.contact_id),
}


async def made_between(
    session: AsyncSession, record: str, since: datetime, until: datetime, page: int
) -> AsyncIterator[list[tuple[int, datetime, int]]]:
    """Records of a kind (contact, deal, ticket, order) with when they were made and whose they are,
    in this order; those of nobody are left out."""
    id_, made_at, contact_id = _MADE[record]
    found = await session.stream(
        select(id_, made_at, contact_id)
        .where(made_at >= since, made_at < until, contact_id.is_not(None))
        .order_by(made_at, id_),
        execution_options={"yield_per": page},
    )
    async for rows in found.partitions():
        yield [(one, at, contact) for one, at, contact in rows if contact is not None]


async def contacts_after(
    session: AsyncSession, after: int, until: datetime, limit: int
) -> list[int]:
    """The next contacts, by number, of those that were there before `until`."""
    found = await session.execute(
        text(
            "SELECT id FROM contact WHERE id > :after AND created_at < :until ORDER BY id"
            " LIMIT :limit"
        ),
        {"after": after, "until": until, "limit": limit},
    )
    return list(found.scalars())


async def count_contacts(session: AsyncSession, until: datetime) -> int:
    found = await session.execute(
        text("SELECT count(*) FROM contact WHERE created_at < :until"), {"until": until}
    )
    return int(found.scalar_one())


async def earlier_values(
    session: AsyncSession, contact_ids: Collection[int], field: str, since: datetime
) -> dict[int, list[Any]]:
    """What a field of contacts was before each of its changes since then."""
    found = await session.execute(
        text(
            """
            SELECT contact_id, old FROM field_change
            WHERE record = 'contact' AND contact_id = ANY(:contacts) AND field = :field
                AND changed_at > :since AND old IS NOT NULL
            """
        ),
        {"contacts": list(contact_ids), "field": field, "since": since},
    )
    values: dict[int, list[Any]] = {}
    for contact_id, old in found:
        values.setdefault(contact_id, []).append(old)
    return values


class RunsBefore(NamedTuple):
    """What a contact has done in a flow; `keys` are used up, but for those of single events."""

    runs: int
    unfinished: int
    last_entered_at: datetime
    keys: list[str]


async def runs_before(
    session: AsyncSession, flow: str, contact_ids: Collection[int], until: datetime
) -> dict[int, RunsBefore]:
    """By contact, the runs of a flow that were entered before `until`, whatever their version."""
    found = await session.execute(
        text(
            """
            SELECT r.subject_id, count(*), count(*) FILTER (WHERE r.state <> 'ended'),
                   max(r.entered_at),
                   coalesce(array_agg(r.entry_key) FILTER (
                       WHERE r.entry_key NOT LIKE 'always:%' OR r.entry_key LIKE 'always:date:%'
                   ), '{}')
            FROM run r JOIN flow f ON f.id = r.flow_id
            WHERE f.name = :flow AND r.entered_at < :until AND r.subject_kind = 'contact'
                AND r.subject_id = ANY(:contacts)
            GROUP BY r.subject_id
            """
        ),
        {"flow": flow, "until": until, "contacts": list(contact_ids)},
    )
    return {row[0]: RunsBefore._make(row[1:]) for row in found}


async def runs_until(session: AsyncSession, flow: str, until: datetime) -> list[PastRun]:
    """All runs of a flow that were entered before `until`, in order, whatever their version."""
    found = await session.execute(
        text(
            """
            SELECT r.subject_id, r.entry_key, r.entered_at, r.ended_at, r.entry_event_id
            FROM run r JOIN flow f ON f.id = r.flow_id
            WHERE f.name = :flow AND r.entered_at < :until AND r.subject_kind = 'contact'
            ORDER BY r.entered_at, r.id
            """
        ),
        {"flow": flow, "until": until},
    )
    return [PastRun._make(row) for row in found]


async def history_began(session: AsyncSession) -> datetime | None:
    """When the oldest change that is kept was made; None when none is."""
    found = await session.execute(text("SELECT min(changed_at) FROM field_change"))
    began: datetime | None = found.scalar_one()
    return began


async def late_events(
    session: AsyncSession, name: str, since: datetime, until: datetime
) -> tuple[int, int]:
    """Events of a name received in this stretch: all, and those that had happened more than a day
    before."""
    found = await session.execute(
        text(
            """
            SELECT count(*), count(*) FILTER (WHERE received_at - occurred_at > interval '1 day')
            FROM event WHERE name = :name AND received_at >= :since AND received_at < :until
            """
        ),
        {"name": name, "since": since, "until": until},
    )
    row = found.one()
    return int(row[0]), int(row[1])


async def only_read(session: AsyncSession) -> None:
    """Refuse every write for the rest of this transaction, which must have just begun; what it
    reads is one and the same state of the database throughout."""
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
