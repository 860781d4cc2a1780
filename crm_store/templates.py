"""Message templates of the database, and their published versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import MessageTemplate, MessageTemplateVersion, TemplateState, User

# The advisory lock's key ("tmpl"): changes get their numbers in the order of their commits.
_CHANGES_LOCK = 0x746D706C


@dataclass(frozen=True, slots=True)
class Change:
    """A template that was published, or (without sources) retired."""

    name: str
    number: int
    version: int | None
    sources: Mapping[str, str] | None
    frames: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A template in a list: `meta` is the draft's text, `version` the number that is sent."""

    name: str
    state: str
    meta: str
    revision: int
    version: int | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class VersionLine:
    number: int
    hash: str
    published_at: datetime
    published_by: str | None
    is_sent: bool


_CHANGES = text(
    """
    SELECT t.name, t.change_number, v.number, v.sources, v.frames
    FROM message_template t
    LEFT JOIN message_template_version v
           ON v.id = t.published_version_id AND t.state = 'published'
    WHERE t.change_number > :seen ORDER BY t.change_number
    """
)


async def changes_after(session: AsyncSession, seen: int) -> list[Change]:
    """What was published or retired since then, in the order of commits."""
    found = await session.execute(_CHANGES, {"seen": seen})
    return [Change(name, no, version, texts, fr or {}) for name, no, version, texts, fr in found]


async def template_named(
    session: AsyncSession, name: str, *, lock: bool = False
) -> MessageTemplate | None:
    wanted = select(MessageTemplate).where(MessageTemplate.name == name)
    return await session.scalar(wanted.with_for_update() if lock else wanted)


async def add_template(
    session: AsyncSession, name: str, draft: Mapping[str, str], now: datetime
) -> MessageTemplate | None:
    """A new draft; None where somebody else has just made one of this name."""
    values = {
        "name": name,
        "draft": dict(draft),
        "state": TemplateState.DRAFT,
        "revision": 1,
        "created_at": now,
        "updated_at": now,
    }
    made = insert(MessageTemplate).values(values).on_conflict_do_nothing(index_elements=["name"])
    return await session.scalar(made.returning(MessageTemplate))


async def version_numbered(
    session: AsyncSession, template_id: int, number: int
) -> MessageTemplateVersion | None:
    wanted = select(MessageTemplateVersion).where(
        MessageTemplateVersion.template_id == template_id, MessageTemplateVersion.number == number
    )
    return await session.scalar(wanted)


async def version_with_hash(
    session: AsyncSession, template_id: int, hash_: str
) -> MessageTemplateVersion | None:
    wanted = select(MessageTemplateVersion).where(
        MessageTemplateVersion.template_id == template_id, MessageTemplateVersion.hash == hash_
    )
    return await session.scalar(wanted)


async def highest_number(session: AsyncSession, template_id: int) -> int:
    """0 when nothing was ever published."""
    wanted = select(func.coalesce(func.max(MessageTemplateVersion.number), 0)).where(
        MessageTemplateVersion.template_id == template_id
    )
    return int((await session.execute(wanted)).scalar_one())


async def number_change(session: AsyncSession, template: MessageTemplate, now: datetime) -> None:
    """Let every library see that this template has changed. Waits for others who are doing so:
    a lower number must not become visible after a higher one."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHANGES_LOCK})
    highest = select(func.max(MessageTemplate.change_number)).scalar_subquery()
    await session.execute(
        update(MessageTemplate)
        .where(MessageTemplate.id == template.id)
        .values(change_number=highest + 1, updated_at=now)
    )


async def template_lines(session: AsyncSession) -> list[TemplateLine]:
    """All by name; the meta is the draft's text."""
    found = await session.execute(
        select(
            MessageTemplate.name,
            MessageTemplate.state,
            MessageTemplate.draft["meta.yaml"].astext,
            MessageTemplate.revision,
            MessageTemplateVersion.number,
            MessageTemplate.updated_at,
        )
        .outerjoin(
            MessageTemplateVersion,
            (MessageTemplateVersion.id == MessageTemplate.published_version_id)
            & (MessageTemplate.state == TemplateState.PUBLISHED),
        )
        .order_by(MessageTemplate.name)
    )
    return [TemplateLine(row[0], row[1], row[2] or "", *row[3:]) for row in found]


async def version_lines(session: AsyncSession, template: MessageTemplate) -> list[VersionLine]:
    """Newest first."""
    found = await session.execute(
        select(
            MessageTemplateVersion.id,
            MessageTemplateVersion.number,
            MessageTemplateVersion.hash,
            MessageTemplateVersion.published_at,
            User.name,
        )
        .outerjoin(User, User.id == MessageTemplateVersion.published_by)
        .where(MessageTemplateVersion.template_id == template.id)
        .order_by(MessageTemplateVersion.number.desc())
    )
    sent = template.published_version_id if template.state == TemplateState.PUBLISHED else None
    return [VersionLine(row[1], row[2], row[3], row[4], row[0] == sent) for row in found]


def add_version(session: AsyncSession, values: Mapping[str, Any]) -> MessageTemplateVersion:
    version = MessageTemplateVersion(**values)
    session.add(version)
    return version
