"""Messages that are opened or whose links are followed: what has to be known of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A message of a contact who is still known. `taken_at` is when the provider took it, as far
    as we know. `unmeasured`: the contact does not want to be looked at."""

    id: int
    contact_id: int
    flow_id: int
    template: str
    channel: str
    state: str
    taken_at: datetime
    unmeasured: bool


async def messages_looked_at(
    session: AsyncSession, message_ids: Collection[int]
) -> dict[int, LookedAt]:
    """By id; messages of nobody are left out."""
    found = await session.execute(
        text(
            """
            SELECT m.id, m.contact_id, m.flow_id, m.template, m.channel, m.state,
                   coalesce(CASE WHEN m.state = 'sent' THEN m.answered_at END, m.handed_over_at),
                   coalesce(p.unmeasured, false)
            FROM message m LEFT JOIN contact_preference p ON p.contact_id = m.contact_id
            WHERE m.id = ANY(:ids) AND m.contact_id IS NOT NULL
            """
        ),
        {"ids": list(message_ids)},
    )
    rows = [LookedAt(*row) for row in found]
    return {row.id: row for row in rows}


async def message_of_effect(session: AsyncSession, effect_id: int) -> SentLetter | None:
    """The newest message an effect led to, as far as it may be shown again."""
    found = await session.execute(
        text(
            """
            SELECT id, contact_id, effect_id, purpose, template, template_version, language
            FROM message
            WHERE effect_id = :effect AND contact_id IS NOT NULL
              AND state IN ('handing_over', 'sent', 'maybe_sent', 'collected')
            ORDER BY id DESC LIMIT 1
            """
        ),
        {"effect": effect_id},
    )
    row = found.one_or_none()
    return None if row is None else SentLetter(*row)


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A message that went out, by what it is written again from. `template_version` None: it was
    not written down."""

    id: int
    contact_id: int
    effect_id: int
    purpose: str
    template: str
    template_version: str | None
    language: str | None
