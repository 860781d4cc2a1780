"""The locks under which a batch of events is written.

Their order is the same for every batch: names by hash, contacts by id, accounts by id. So two
batches about the same people wait for each other and never in a circle.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.contacts import ANONYMOUS
from crm_store.giving_way import AGAIN

# Kind and value: `user` (external id), `email` (folded), `anonymous`; `account` (external id).
Name = tuple[str, str]

# The first half of the advisory locks' key ("ames"); the second is the stripe.
_NAMES_LOCK: Final = 0x616D6573
# A lock per name would fill the server's lock table; names share this many.
_STRIPES: Final = 64

# What another transaction may do to us without anything being wrong: be in our way, take a unique
# key, remove a row.
_OVERTAKEN: Final = AGAIN | {"23505", "23503"}

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


async def contacts_named(session: AsyncSession, names: Collection[Name]) -> dict[Name, int]:
    """Contact ids by name, for the names that are known: what a contact is called comes before what
    one was called that was merged into it."""
    values: dict[str, list[str]] = {"user": [], "email": [], "anonymous": []}
    for kind, value in names:
        values[kind].append(value)
    found = await session.execute(
        text(
            """
            SELECT 'user', external_id, id, 1 FROM contact WHERE external_id = ANY(
                ARRAY(SELECT jsonb_array_elements_text(CAST(:users AS jsonb))))
            UNION ALL
            SELECT 'email', email_key, id, 1 FROM contact WHERE email_key = ANY(
                ARRAY(SELECT jsonb_array_elements_text(CAST(:emails AS jsonb))))
            UNION ALL
            SELECT 'anonymous', value, contact_id, 1 FROM contact_alias
            WHERE kind = :anonymous_kind AND value = ANY(
                ARRAY(SELECT jsonb_array_elements_text(CAST(:browsers AS jsonb))))
            UNION ALL
            SELECT 'user', value, contact_id, 0 FROM contact_alias
            WHERE kind = 'external_id' AND value = ANY(
                ARRAY(SELECT jsonb_array_elements_text(CAST(:users AS jsonb))))
            UNION ALL
            SELECT 'email', value, contact_id, 0 FROM contact_alias
            WHERE kind = 'email_key' AND value = ANY(
                ARRAY(SELECT jsonb_array_elements_text(CAST(:emails AS jsonb))))
            """
        ),
        {
            "users": _json(values["user"]),
            "emails": _json(values["email"]),
            "browsers": _json(values["anonymous"]),
            "anonymous_kind": ANONYMOUS,
        },
    )
    rows = sorted(found.all(), key=lambda row: int(row[3]))
    return {(kind, value): contact_id for kind, value, contact_id, _ in rows}


async def lock_names(session: AsyncSession, names: Collection[Name]) -> None:
    """Nobody else makes contacts or accounts of these names until this transaction ends."""
    await session.execute(
        text(
            """
            SELECT pg_advisory_xact_lock(:space, stripe) FROM (
                SELECT DISTINCT abs(hashtext(name) % :stripes) AS stripe
                FROM jsonb_array_elements_text(CAST(:names AS jsonb)) name ORDER BY stripe
            ) stripes
            """
        ),
        {
            "space": _NAMES_LOCK,
            "stripes": _STRIPES,
            "names": _json([f"{kind}:{value}" for kind, value in names]),
        },
    )


async def lock_contacts(
    session: AsyncSession, contact_ids: Collection[int]
) -> list[dict[str, Any]]:
    """Whole rows of contacts, held until the transaction ends. Raises Overtaken if one is gone.

    Because the lock comes before the events get their ids, one contact's events become visible in
    the order of their ids.
    """
    if not contact_ids:
        return []
    found = await session.execute(
        text(
            """
            SELECT * FROM contact WHERE id = ANY(
                ARRAY(SELECT CAST(jsonb_array_elements(CAST(:ids AS jsonb)) AS bigint)))
            ORDER BY id FOR NO KEY UPDATE
            """
        ),
        {"ids": _json(list(contact_ids))},
    )
    names = tuple(found.keys())
    rows = [dict(zip(names, row, strict=True)) for row in found.all()]
    if len(rows) < len(contact_ids):
        raise Overtaken
    return rows


async def lock_accounts(
    session: AsyncSession, external_ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    columns = ", ".join(ACCOUNT_COLUMNS)
    found = await session.execute(
        text(
            f"SELECT id, external_id, {columns} FROM account "  # noqa: S608
            "WHERE external_id = ANY("
            "ARRAY(SELECT jsonb_array_elements_text(CAST(:ids AS jsonb)))) "
            "ORDER BY id FOR NO KEY UPDATE"
        ),
        {"ids": _json(list(external_ids))},
    )
    return {row.external_id: dict(row._mapping) for row in found}


def _json(values: list[Any]) -> str:
    """A list travels as JSON, which is several times cheaper to write than the driver's arrays."""
    return orjson.dumps(values).decode()
