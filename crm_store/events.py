"""Events and the queue of those to dispatch, and who their contacts are.

The order of locks is the same for every batch: names by hash, accounts by id, contacts by id. So two
batches about the same people wait for each other and never in a circle.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.bulk import as_json

# The first half of the advisory locks' key ("ames"); the second is the stripe.
_NAMES_LOCK: Final = 0x616D6573
# A lock per name would fill the server's lock table; names share this many.
_STRIPES: Final = 64

# What another transaction may do to us without anything being wrong: deadlock, serialisation,
# a unique key taken or a row removed in the meantime.
_OVERTAKEN: Final = frozenset({"40P01", "40001", "23505", "23503"})

CONTACT_COLUMNS: Final = (
    "external_id",
    "email",
    "email_key",
    "phone",
    "first_name",
    "last_name",
    "name_key",
    "job_title",
    "language",
    "country",
    "city",
    "time_zone",
    "birthday",
    "lifecycle_stage",
    "lead_status",
    "account_id",
    "custom",
    "last_seen_at",
    "updated_at",
)
ACCOUNT_COLUMNS: Final = (
    "name",
    "name_key",
    "domain",
    "industry",
    "employee_count",
    "country",
    "city",
    "updated_at",
)


class Overtaken(Exception):
    """Another transaction was first; doing the whole transaction again will see what it did."""


def was_overtaken(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _OVERTAKEN


async def contacts_named(
    session: AsyncSession, names: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Contact ids by name. Kinds: `user` (external id or alias), `email` (folded), `anonymous`."""
    values: dict[str, list[str]] = {"user": [], "email": [], "anonymous": []}
    for kind, value in names:
        values[kind].append(value)
    found = await session.execute(
        text(
            """
            SELECT 'user', external_id, id FROM contact
            WHERE external_id = ANY(CAST(:users AS text[]))
            UNION ALL
            SELECT 'email', email_key, id FROM contact
            WHERE email_key = ANY(CAST(:emails AS text[]))
            UNION ALL
            SELECT kind, value, contact_id FROM contact_alias
            WHERE kind = 'user' AND value = ANY(CAST(:users AS text[]))
            UNION ALL
            SELECT kind, value, contact_id FROM contact_alias
            WHERE kind = 'anonymous' AND value = ANY(CAST(:anonymous AS text[]))
            """
        ),
        {
            "users": values["user"],
            "emails": values["email"],
            "anonymous": values["anonymous"],
        },
    )
    known: dict[tuple[str, str], int] = {}
    for kind, value, contact_id in found:
        known.setdefault((kind, value), contact_id)
    return known


async def lock_names(session: AsyncSession, names: Collection[tuple[str, str]]) -> None:
    """Nobody else makes contacts or accounts of these names until this transaction ends."""
    await session.execute(
        text(
            """
            SELECT pg_advisory_xact_lock(:space, stripe) FROM (
                SELECT DISTINCT abs(hashtext(name) % :stripes) AS stripe
                FROM unnest(CAST(:names AS text[])) name ORDER BY stripe
            ) stripes
            """
        ),
        {
            "space": _NAMES_LOCK,
            "stripes": _STRIPES,
            "names": [f"{kind}:{value}" for kind, value in names],
        },
    )


async def lock_contacts(
    session: AsyncSession, contact_ids: Collection[int]
) -> dict[int, dict[str, Any]]:
    """Rows of contacts, held until the transaction ends; one that is gone is missing.

    Because the lock comes before the events get their ids, one contact's events become visible in
    the order of their ids.
    """
    columns = ", ".join(CONTACT_COLUMNS)
    found = await session.execute(
        text(
            f"SELECT id, {columns} FROM contact WHERE id = ANY(CAST(:ids AS bigint[])) "  # noqa: S608
            "ORDER BY id FOR NO KEY UPDATE"
        ),
        {"ids": list(contact_ids)},
    )
    return {row.id: dict(row._mapping) for row in found}


async def lock_accounts(
    session: AsyncSession, external_ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    columns = ", ".join(ACCOUNT_COLUMNS)
    found = await session.execute(
        text(
            f"SELECT id, external_id, {columns} FROM account "  # noqa: S608
            "WHERE external_id = ANY(CAST(:ids AS text[])) ORDER BY id FOR NO KEY UPDATE"
        ),
        {"ids": list(external_ids)},
    )
    return {row.external_id: dict(row._mapping) for row in found}


async def message_ids_seen(
    session: AsyncSession, source: str, message_ids: Collection[str]
) -> set[str]:
    found = await session.execute(
        text(
            "SELECT message_id FROM event "
            "WHERE source = :source AND message_id = ANY(CAST(:ids AS text[]))"
        ),
        {"source": source, "ids": list(message_ids)},
    )
    return {row[0] for row in found}


async def add_aliases(
    session: AsyncSession, aliases: Sequence[tuple[str, str, int]]
) -> None:
    """(kind, value, contact id). Raises IntegrityError when somebody else has the name."""
    await session.execute(
        text(
            """
            INSERT INTO contact_alias (kind, value, contact_id)
            SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:values AS text[]),
                                 CAST(:contacts AS bigint[])) a(kind, value, contact_id)
            ORDER BY kind, value
            """
        ),
        {
            "kinds": [kind for kind, _, _ in aliases],
            "values": [value for _, value, _ in aliases],
            "contacts": [contact_id for _, _, contact_id in aliases],
        },
    )


async def add_events(
    session: AsyncSession, rows: Sequence[Mapping[str, Any]], received_at: datetime
) -> dict[tuple[str, str], int]:
    """Write events and put them into the queue; ids by (source, message id).

    Rows carry source, message_id, kind, name, contact_id, properties, occurred_at and partition,
    with each pair of source and message id once. One that is there already is left out.
    """
    found = await session.execute(
        text(
            """
            WITH incoming AS (
                SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) WITH ORDINALITY AS r(
                    source text, message_id text, kind text, name text, contact_id bigint,
                    properties jsonb, occurred_at timestamptz, partition smallint, n)
            ), written AS (
                INSERT INTO event (source, message_id, kind, name, contact_id, properties,
                                   occurred_at, received_at)
                SELECT source, message_id, kind, name, contact_id, properties, occurred_at, :now
                FROM incoming ORDER BY n
                ON CONFLICT (source, message_id) DO NOTHING
                RETURNING id, source, message_id
            ), queued AS (
                INSERT INTO event_pending (event_id, partition)
                SELECT w.id, i.partition FROM written w
                JOIN incoming i ON i.source = w.source AND i.message_id = w.message_id
            )
            SELECT id, source, message_id FROM written
            """
        ),
        {"rows": as_json(rows), "now": received_at},
    )
    return {(source, message_id): event_id for event_id, source, message_id in found}


async def custom_field_types(session: AsyncSession, record: str) -> dict[str, str]:
    """The type of each field that users defined for a kind of record, by key."""
    found = await session.execute(
        text("SELECT key, type FROM custom_field WHERE record = :record"), {"record": record}
    )
    return {row[0]: row[1] for row in found}
