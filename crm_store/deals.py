"""Deals of contacts, as flows make and choose them: many contacts in one statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.bulk import as_json


class OpenDeal(NamedTuple):
    """A deal on an open stage, held by this transaction. `worth` is in the base currency."""

    id: int
    contact_id: int
    pipeline_id: int
    pipeline: str
    stage_id: int
    stage: str
    owner_id: int | None
    opened_at: datetime
    worth: int | None


class StageRow(NamedTuple):
    id: int
    pipeline_id: int
    pipeline: str
    key: str
    kind: str
    forecast_category: str


class NewDeal(NamedTuple):
    """`owner_email_key` None: the contact's owner."""

    contact_id: int
    name: str
    stage_id: int
    amount_minor: int | None
    currency: str | None
    expected_close_on: str | None
    owner_email_key: str | None


async def hold_open_deals(
    session: AsyncSession, contact_ids: Collection[int]
) -> dict[int, list[OpenDeal]]:
    """The open deals of each contact, newest first, held in the order of ids."""
    found = await session.execute(
        text(
            """
            SELECT d.id, d.contact_id, d.pipeline_id, p.key, d.stage_id, s.key, d.owner_id,
                   d.opened_at, d.amount_base_minor
            FROM deal d JOIN stage s ON s.id = d.stage_id JOIN pipeline p ON p.id = d.pipeline_id
            WHERE d.contact_id = ANY(:ids) AND s.kind = 'open'
            ORDER BY d.id FOR NO KEY UPDATE OF d
            """
        ),
        {"ids": list(contact_ids)},
    )
    deals: dict[int, list[OpenDeal]] = {}
    for row in found:
        deals.setdefault(row[1], []).append(OpenDeal._make(row))
    for own in deals.values():
        own.sort(key=lambda deal: (deal.opened_at, deal.id), reverse=True)
    return deals


async def stages(session: AsyncSession) -> list[StageRow]:
    """Every stage in use, the oldest pipeline first and each from its first stage on."""
    found = await session.execute(
        text(
            """
            SELECT s.id, s.pipeline_id, p.key, s.key, s.kind, s.forecast_category
            FROM stage s JOIN pipeline p ON p.id = s.pipeline_id WHERE s.retired_at IS NULL
            ORDER BY p.id, s.position, s.id
            """
        )
    )
    return [StageRow._make(row) for row in found]


async def add_deals(
    session: AsyncSession, deals: Sequence[NewDeal], now: datetime
) -> list[tuple[int, int]]:
    """Make deals that open now; each id with its contact, those of one contact in the order given.
    An unknown or inactive owner leaves a deal without one, where managers see it."""
    if not deals:
        return []
    found = await session.execute(
        text(
            """
            INSERT INTO deal (name, account_id, contact_id, owner_id, pipeline_id, stage_id,
                              stage_entered_at, amount_minor, currency, forecast_category,
                              expected_close_on, opened_at, closed_at, created_at, updated_at)
            SELECT n.name, c.account_id, c.id,
                   CASE WHEN n.owner_email_key IS NULL THEN c.owner_id ELSE u.id END,
                   s.pipeline_id, s.id, :now, n.amount_minor, n.currency, s.forecast_category,
                   n.expected_close_on, :now,
                   CASE WHEN s.kind <> 'open' THEN CAST(:now AS timestamptz) END, :now, :now
            FROM jsonb_to_recordset(CAST(:rows AS jsonb))
                 AS n(contact_id bigint, name text, stage_id bigint, amount_minor bigint,
                      currency text, expected_close_on date, owner_email_key text, place int)
            JOIN contact c ON c.id = n.contact_id
            JOIN stage s ON s.id = n.stage_id
            LEFT JOIN "user" u ON u.email_key = n.owner_email_key AND u.active
            ORDER BY n.place
            RETURNING id, contact_id
            """
        ),
        {
            "rows": as_json([deal._asdict() | {"place": at} for at, deal in enumerate(deals)]),
            "now": now,
        },
    )
    return sorted((row[0], row[1]) for row in found)
