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

from crm_store.giving_way import AGAIN

# Kind and value: `user` (external id), `email` (folded), `anonymous`; `account` (external id).
Name = tuple[str, str]

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
        {"ids": orjson.dumps(list(external_ids)).decode()},
    )
    return {row.external_id: dict(row._mapping) for row in found}
