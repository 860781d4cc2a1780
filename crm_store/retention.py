"""Rows that may go after a time, kind by kind: how many there are, and taking a batch of them out.

Every kind names what is old by `:before`. What others still need stays: a person's newest state is
in their own row, and runs that go on keep their journal.
"""

# ruff: noqa: S608 - the names in the statements are this file's own

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.merging import changed


@dataclass(frozen=True, slots=True)
class _Old:
    """Rows of `table` that meet `where`; `blank` clears columns instead of removing rows."""

    table: str
    key: str
    where: str
    blank: str | None = None


KINDS: Final[Mapping[str, _Old]] = {
    "events": _Old(
        "event",
        "id",
        "received_at < :before AND NOT EXISTS (SELECT 1 FROM"
        " event_pending p WHERE p.event_id = t.id)",
    ),
    "journal": _Old(
        "journal",
        "id",
        "at < :before AND EXISTS (SELECT 1 FROM run r WHERE r.id = t.run_id AND r.state = 'ended')",
    ),
    "message_addresses": _Old(
        "message",
        "id",
        "handed_over_at < :before AND (address IS NOT NULL OR subject IS NOT NULL)",
        "address = NULL, subject = NULL",
    ),
    "clicks": _Old("message_click", "ctid", "first_at < :before"),
    "field_history": _Old("field_change", "id", "changed_at < :before"),
    "notices": _Old("notice", "id", "created_at < :before AND state <> 'waiting'"),
    "tickets_closed": _Old(
        "ticket_comment",
        "id",
        "created_at < :before AND EXISTS (SELECT 1"
        " FROM ticket k WHERE k.id = t.ticket_id AND k.closed_at < :before)",
    ),
    "sessions": _Old("sign_in", "ctid", "expires_at < :before"),
    "dead_letters": _Old("dead_letter", "id", "last_seen_at < :before"),
    "webhook_log": _Old("webhook_delivery", "id", "ended_at < :before"),
    "jobs": _Old("job", "id", "ended_at < :before"),
    "privacy_requests": _Old("privacy_request", "id", "done_at < :before"),
}


async def count_old(session: AsyncSession, kind: str, before: datetime) -> int:
    old = KINDS[kind]
    found = await session.scalar(
        text(f"SELECT count(*) FROM {old.table} t WHERE {old.where}"), {"before": before}
    )
    return int(found or 0)


async def remove_old(session: AsyncSession, kind: str, before: datetime, limit: int) -> int:
    """One batch; how many there were. Rows that somebody holds just now come the next time."""
    old = KINDS[kind]
    batch = (
        f"SELECT t.{old.key} FROM {old.table} t WHERE {old.where} LIMIT :limit"
        " FOR UPDATE OF t SKIP LOCKED"
    )
    deed = (
        f"DELETE FROM {old.table} WHERE {old.key} = ANY(ARRAY({batch}))"
        if old.blank is None
        else f"UPDATE {old.table} SET {old.blank} WHERE {old.key} = ANY(ARRAY({batch}))"
    )
    return changed(await session.execute(text(deed), {"before": before, "limit": limit}))
