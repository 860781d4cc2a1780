"""What contacts may choose, what they chose, and a yes that waits to be confirmed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Instant, Key


class Frequency(StrEnum):
    """How often a contact wants to hear from us at most."""

    EVERY = "every"
    DAILY = "daily"
    WEEKLY = "weekly"


class Topic(Base):
    """What messages are about, and people may switch off. `default_on` is for those who never
    chose. `medium` None means every one. `frequencies` that are offered; none means all."""

    __tablename__ = "topic"

    slug: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    label_zh: Mapped[str | None]
    help: Mapped[str | None]
    help_zh: Mapped[str | None]
    purpose: Mapped[str] = mapped_column(server_default="marketing")
    medium: Mapped[str | None]
    default_on: Mapped[bool] = mapped_column(server_default=text("true"))
    frequencies: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    position: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[CreatedAt]


class ContactPreference(Base):
    """A contact's choices: `topics` by slug, true or false; what is not there was never chosen.
    `unmeasured`: opens and clicks of this contact are not looked at."""

    __tablename__ = "contact_preference"

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    frequency: Mapped[str] = mapped_column(server_default=Frequency.EVERY)
    unmeasured: Mapped[bool] = mapped_column(server_default=text("false"))
    topics: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    updated_at: Mapped[CreatedAt]


class ConsentRequest(Base):
    """Somebody asked for messages; the address has to confirm it. Until then nothing is granted.

    `text_version` says which words they agreed to.
    """

    __tablename__ = "consent_request"
    __table_args__ = (Index("ix_consent_request_contact_id", "contact_id", "id"),)

    id: Mapped[Key]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    channel: Mapped[str]
    purpose: Mapped[str]
    topics: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    source: Mapped[str]
    text_version: Mapped[str | None]
    asked_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    confirmed_at: Mapped[Instant | None]
