"""Tasks about deals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class NewDealTask(NamedTuple):
    deal_id: int
    contact_id: int | None
    account_id: int | None
    owner_id: int | None
    subject: str
    body: str | None
    due_at: datetime | None


async def add_deal_tasks(
    session: AsyncSession, tasks: Sequence[NewDealTask], now: datetime
) -> None:
    if tasks:
        await session.execute(
            text(
                """
                INSERT INTO activity (kind, subject, body, contact_id, account_id, deal_id,
                                      owner_id, due_at, created_at)
                SELECT 'task', subject, body, contact_id, account_id, deal_id, owner_id, due_at,
                       :now
                FROM json_to_recordset(CAST(:rows AS json))
                     AS t(deal_id bigint, contact_id bigint, account_id bigint, owner_id bigint,
                          subject text, body text, due_at timestamptz)
                """
            ),
            {"rows": rowset([task._asdict() for task in tasks]), "now": now},
        )
