"""Targets of click links: each address once, found again by its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


@dataclass(frozen=True, slots=True)
class LinkRow:
    """`contact_id` while the address was sent to that contact alone."""

    id: int
    url: str
    contact_id: int | None


async def links_to(session: AsyncSession, urls: Collection[str]) -> dict[str, LinkRow]:
    """The stored ones of these addresses, by address."""
    if not urls:
        return {}
    found = await session.execute(
        text("SELECT id, url, contact_id FROM link WHERE digest = ANY(CAST(:digests AS bytea[]))"),
        {"digests": [_digest(url) for url in urls]},
    )
    rows = [LinkRow(*row) for row in found]
    return {row.url: row for row in rows}


async def put_links(
    session: AsyncSession, urls: Mapping[str, int | None], now: datetime
) -> dict[str, LinkRow]:
    """Store addresses, each with the one contact it is sent to (None: to several). One that was
    somebody else's alone is nobody's own from now on."""
    if not urls:
        return {}
    rows = [
        {"digest": _digest(url).hex(), "url": url, "contact": contact}
        for url, contact in urls.items()
    ]
    found = await session.execute(
        text(
            """
            INSERT INTO link (digest, url, contact_id, created_at)
            SELECT decode(new.digest, 'hex'), new.url, new.contact, :now
            FROM json_to_recordset(CAST(:rows AS json))
                 AS new(digest text, url text, contact bigint)
            -- in one order, so that two transactions with the same links never wait for each other
            ORDER BY new.digest
            ON CONFLICT (digest) DO UPDATE SET contact_id =
                CASE WHEN link.contact_id = excluded.contact_id THEN link.contact_id END
            RETURNING id, url, contact_id
            """
        ),
        {"rows": rowset(rows), "now": now},
    )
    stored = [LinkRow(*row) for row in found]
    return {row.url: row for row in stored}


async def link_by_id(session: AsyncSession, link_id: int) -> LinkRow | None:
    found = await session.execute(
        text("SELECT id, url, contact_id FROM link WHERE id = :id"), {"id": link_id}
    )
    row = found.one_or_none()
    return None if row is None else LinkRow(*row)


def _digest(url: str) -> bytes:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()
