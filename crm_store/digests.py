"""Messages that go together in one: collected, taken when they are due, and read for the letter."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class NewItem(NamedTuple):
    contact_id: int
    effect_id: int
    template: str
    topic: str | None
    subject: str
    preheader: str
    due_at: datetime


class Item(NamedTuple):
    """What a digest says of one message."""

    effect_id: int
    topic: str | None
    subject: str
    preheader: str


async def add_items(session: AsyncSession, items: Sequence[NewItem], now: datetime) -> None:
    """Collect messages; one that was collected before is there once."""
    if not items:
        return
    await session.execute(
        text(
            """
            INSERT INTO digest_item (contact_id, effect_id, template, topic, subject, preheader,
                                     due_at, collected_at)
            SELECT new.*, :now FROM json_to_recordset(CAST(:rows AS json))
                AS new(contact_id bigint, effect_id bigint, template text, topic text,
                       subject text, preheader text, due_at timestamptz)
            ON CONFLICT (effect_id) DO NOTHING
            """
        ),
        {"now": now, "rows": rowset([one._asdict() for one in items])},
    )


async def due_contacts(session: AsyncSession, now: datetime, limit: int) -> list[tuple[int, int]]:
    """(contact, its first item) of those who have something due, by contact."""
    found = await session.execute(
        text(
            """
            SELECT contact_id, min(id) FROM digest_item
            WHERE run_id IS NULL AND due_at <= :now
            GROUP BY contact_id ORDER BY contact_id LIMIT :limit
            """
        ),
        {"now": now, "limit": limit},
    )
    return [(row[0], row[1]) for row in found]


async def next_due(session: AsyncSession, now: datetime) -> datetime | None:
    """When something is due next, after `now`."""
    found = await session.execute(
        text("SELECT min(due_at) FROM digest_item WHERE run_id IS NULL AND due_at > :now"),
        {"now": now},
    )
    due: datetime | None = found.scalar_one()
    return due


async def give_to_runs(session: AsyncSession, runs: Mapping[int, int], now: datetime) -> None:
    """Let what is due go with these runs, given by contact."""
    if runs:
        await session.execute(
            text(
                """
                UPDATE digest_item SET run_id = new.run_id
                FROM unnest(CAST(:contacts AS bigint[]), CAST(:runs AS bigint[]))
                     AS new(contact_id, run_id)
                WHERE digest_item.contact_id = new.contact_id AND digest_item.run_id IS NULL
                  AND due_at <= :now
                """
            ),
            {"contacts": list(runs), "runs": list(runs.values()), "now": now},
        )


async def run_of_effect(session: AsyncSession, effect_id: int) -> int | None:
    found = await session.execute(
        text("SELECT run_id FROM effect WHERE id = :id"), {"id": effect_id}
    )
    run_id: int | None = found.scalar_one_or_none()
    return run_id


async def items_of(session: AsyncSession, run_ids: Collection[int]) -> dict[int, list[Item]]:
    """What goes with each run, in the order in which it was collected."""
    found = await session.execute(
        text(
            "SELECT run_id, effect_id, topic, subject, preheader FROM digest_item"
            " WHERE run_id = ANY(:runs) ORDER BY id"
        ),
        {"runs": list(run_ids)},
    )
    items: dict[int, list[Item]] = {}
    for row in found:
        items.setdefault(row[0], []).append(Item(*row[1:]))
    return items
