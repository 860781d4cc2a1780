"""Changes that steps make to records, set-wise, in the transaction that moves the runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import cast

from crm_store.bulk import update_rows
from crm_store.models import Contact
from crm_store.names import contact_name_key

# Columns a flow may write. Identity, consent and merging have doors of their own.
WRITABLE_FIELDS = frozenset(
    {
        "first_name",
        "last_name",
        "phone",
        "job_title",
        "language",
        "country",
        "city",
        "time_zone",
        "birthday",
        "birthday_calendar",
        "lifecycle_stage",
        "lead_status",
        "source",
        "score",
    }
)

# Numbers in rules are exact up to here.
HIGHEST_SCORE = 2**53


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task, or an activity of another kind. `owner_email_key` None: the contact's owner."""

    contact_id: int
    run_id: int
    subject: str
    body: str | None
    due_at: datetime | None
    owner_email_key: str | None
    kind: str = "task"


@dataclass(frozen=True, slots=True)
class NewTicket:
    """`owner_email_key` None: the contact's owner."""

    contact_id: int
    subject: str
    priority: str
    owner_email_key: str | None


async def hold_contacts(session: AsyncSession, contact_ids: Collection[int]) -> None:
    """Lock the contacts that will be changed, in the order of ids that everybody keeps who changes
    many: two flows, or a flow and the ingest, never wait for each other in a circle."""
    if contact_ids:
        await session.execute(
            text("SELECT 1 FROM contact WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"),
            {"ids": list(contact_ids)},
        )


async def make_tags(session: AsyncSession, tags: Collection[str]) -> None:
    """All tags of a transaction at once, in one order."""
    if tags:
        await session.execute(
            text(
                "INSERT INTO tag (name) SELECT unnest(CAST(:tags AS text[])) ON CONFLICT DO NOTHING"
            ),
            {"tags": sorted(tags)},
        )


async def set_fields(
    session: AsyncSession, contact_ids: Collection[int], values: Mapping[str, Any], now: datetime
) -> None:
    """Write the same values to many contacts. Keys are columns, or `custom.<key>`."""
    columns, custom = _columns(values)
    if custom:
        columns["custom"] = Contact.custom.concat(cast(custom, JSONB))
    await session.execute(
        update(Contact)
        .where(Contact.id.in_(contact_ids))
        .values(**columns, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    if columns.keys() & {"first_name", "last_name"}:
        await _write_name_keys(session, contact_ids)


async def set_own_fields(
    session: AsyncSession, values: Mapping[int, Mapping[str, Any]], now: datetime
) -> None:
    """Write to each contact its own values: one statement for all that change the same fields."""
    changes: dict[int, dict[str, Any]] = {}
    for contact_id, own in values.items():
        columns, custom = _columns(own)
        if custom:
            columns["custom"] = custom
        changes[contact_id] = {**columns, "updated_at": now}
    await update_rows(session, "contact", changes)
    named = [id_ for id_, own in values.items() if own.keys() & {"first_name", "last_name"}]
    if named:
        await _write_name_keys(session, named)


def _columns(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns, and custom fields by key. Raises ValueError for what a flow may not write."""
    columns: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for name, value in values.items():
        if name.startswith("custom."):
            custom[name.removeprefix("custom.")] = value
        elif name in WRITABLE_FIELDS:
            columns[name] = value
        else:
            raise ValueError(f"a flow may not write contact.{name}")
    return columns, custom


async def _write_name_keys(session: AsyncSession, contact_ids: Collection[int]) -> None:
    """What lists sort and search by follows the name."""
    named = select(Contact.id, Contact.first_name, Contact.last_name, Contact.email)
    found = await session.execute(named.where(Contact.id.in_(contact_ids)))
    keys = {row[0]: {"name_key": contact_name_key(row[1], row[2], row[3])} for row in found}
    await update_rows(session, "contact", keys)


async def add_tags(
    session: AsyncSession, contact_ids: Collection[int], tags: Sequence[str]
) -> None:
    """The tags themselves must be there: see `make_tags`."""
    await session.execute(
        text(
            """
            INSERT INTO contact_tag (contact_id, tag)
            SELECT c, t FROM unnest(CAST(:contacts AS bigint[])) c,
                 unnest(CAST(:tags AS text[])) t
            ON CONFLICT DO NOTHING
            """
        ),
        {"contacts": sorted(contact_ids), "tags": sorted(tags)},
    )


async def remove_tags(
    session: AsyncSession, contact_ids: Collection[int], tags: Sequence[str]
) -> None:
    await session.execute(
        text("DELETE FROM contact_tag WHERE contact_id = ANY(:contacts) AND tag = ANY(:tags)"),
        {"contacts": list(contact_ids), "tags": list(tags)},
    )


async def add_to_scores(session: AsyncSession, points: Mapping[int, int], now: datetime) -> None:
    """Points by contact. Added by the database to what it holds, so that nobody's are lost; cut to
    what a number in a rule can be."""
    if not points:
        return
    await session.execute(
        text(
            f"""
            UPDATE contact SET
                score = greatest(-{HIGHEST_SCORE}, least({HIGHEST_SCORE}, score + p.points)),
                updated_at = :now
            FROM unnest(CAST(:ids AS bigint[]), CAST(:points AS bigint[])) AS p(id, points)
            WHERE contact.id = p.id
            """  # noqa: S608 - a number of ours
        ),
        {"ids": list(points), "points": list(points.values()), "now": now},
    )


async def add_tasks(session: AsyncSession, tasks: Sequence[NewTask], now: datetime) -> None:
    """An unknown or inactive assignee leaves the task without owner, where managers see it."""
    if not tasks:
        return
    rows = [
        {
            "contact_id": task.contact_id,
            "run_id": task.run_id,
            "subject": task.subject,
            "body": task.body,
            "due_at": task.due_at.isoformat() if task.due_at else None,
            "owner_email_key": task.owner_email_key,
            "kind": task.kind,
        }
        for task in tasks
    ]
    await session.execute(
        text(
            """
            INSERT INTO activity (kind, subject, body, contact_id, account_id, owner_id, run_id,
                                  due_at, created_at)
            SELECT t.kind, t.subject, t.body, t.contact_id, c.account_id,
                   CASE WHEN t.owner_email_key IS NULL THEN c.owner_id ELSE u.id END,
                   t.run_id, t.due_at, :now
            FROM jsonb_to_recordset(CAST(:rows AS jsonb))
                 AS t(contact_id bigint, run_id bigint, subject text, body text,
                      due_at timestamptz, owner_email_key text, kind text)
            JOIN contact c ON c.id = t.contact_id
            LEFT JOIN "user" u ON u.email_key = t.owner_email_key AND u.active
            """
        ),
        {"rows": json.dumps(rows, ensure_ascii=False), "now": now},
    )


async def add_tickets(
    session: AsyncSession, tickets: Sequence[NewTicket], now: datetime
) -> list[tuple[int, int]]:
    """New tickets, with their contacts; an unknown or inactive assignee leaves one without owner,
    as with tasks. Each is to be looked at now: whoever keeps tickets starts its clocks then."""
    if not tickets:
        return []
    rows = json.dumps([asdict(ticket) for ticket in tickets], ensure_ascii=False)
    found = await session.execute(
        text(
            """
            WITH made AS (
                INSERT INTO ticket (subject, priority, status, contact_id, account_id, owner_id,
                                    opened_at, created_at)
                SELECT t.subject, t.priority, 'new', c.id, c.account_id,
                       CASE WHEN t.owner_email_key IS NULL THEN c.owner_id ELSE u.id END,
                       :now, :now
                FROM jsonb_to_recordset(CAST(:rows AS jsonb))
                     AS t(contact_id bigint, subject text, priority text, owner_email_key text)
                JOIN contact c ON c.id = t.contact_id
                LEFT JOIN "user" u ON u.email_key = t.owner_email_key AND u.active
                RETURNING id, contact_id
            ), clocks AS (
                INSERT INTO clock (kind, entity_id, due_at) SELECT 'ticket', id, :now FROM made
            )
            SELECT id, contact_id FROM made
            """
        ),
        {"rows": rows, "now": now},
    )
    return [(row[0], row[1]) for row in found]
