"""Topics that messages are about."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class TopicRow:
    """`medium` None: every one. `frequencies` that are offered to people; empty means all."""

    slug: str
    label: str
    label_zh: str | None = None
    help: str | None = None
    help_zh: str | None = None
    purpose: str = "marketing"
    medium: str | None = None
    default_on: bool = True
    frequencies: tuple[str, ...] = ()
    position: int = 0

    def label_in(self, language: str) -> str:
        """Chinese words for "zh" where there are any, else the others."""
        return (self.label_zh if language == "zh" else None) or self.label

    def help_in(self, language: str) -> str:
        return (self.help_zh if language == "zh" else None) or self.help or ""


async def topic_rows(session: AsyncSession) -> list[TopicRow]:
    """All of them, in the order people see."""
    found = await session.execute(
        text(
            """
            SELECT slug, label, label_zh, help, help_zh, purpose, medium, default_on, frequencies,
                   position
            FROM topic ORDER BY position, slug
            """
        )
    )
    rows = [dict(row) for row in found.mappings()]
    return [TopicRow(**{**row, "frequencies": tuple(row["frequencies"])}) for row in rows]


async def put_topic(session: AsyncSession, topic: TopicRow) -> bool:
    """Make or replace it; whether it is new."""
    found = await session.execute(
        text(
            """
            INSERT INTO topic (slug, label, label_zh, help, help_zh, purpose, medium, default_on,
                               frequencies, position)
            VALUES (:slug, :label, :label_zh, :help, :help_zh, :purpose, :medium, :default_on,
                    CAST(:frequencies AS jsonb), :position)
            ON CONFLICT (slug) DO UPDATE SET
                label = excluded.label, label_zh = excluded.label_zh, help = excluded.help,
                help_zh = excluded.help_zh, purpose = excluded.purpose, medium = excluded.medium,
                default_on = excluded.default_on, frequencies = excluded.frequencies,
                position = excluded.position
            RETURNING xmax = 0
            """
        ),
        {
            "slug": topic.slug,
            "label": topic.label,
            "label_zh": topic.label_zh,
            "help": topic.help,
            "help_zh": topic.help_zh,
            "purpose": topic.purpose,
            "medium": topic.medium,
            "default_on": topic.default_on,
            "frequencies": orjson.dumps(topic.frequencies).decode(),
            "position": topic.position,
        },
    )
    return bool(found.scalar_one())


async def delete_topic(session: AsyncSession, slug: str) -> bool:
    """Whether there was one. What contacts chose about it stays, and holds if it comes back."""
    found = await session.execute(
        text("DELETE FROM topic WHERE slug = :slug RETURNING 1"), {"slug": slug}
    )
    return found.one_or_none() is not None
