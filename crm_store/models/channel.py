"""Ways to hand messages over, who writes, and how much may still go."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Double, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant

channel_revision = Sequence("channel_revision", metadata=Base.metadata, data_type=BigInteger())


class Channel(Base):
    """A named channel. `settings` holds what may be shown, `secret` the rest as sealed JSON.

    The row "default" has no settings of its own: it limits the channel that the environment names.
    `domain_rates` is {"example.com": 2.5}, mails a second to addresses there; "*" is every other
    domain. `warm_up` is {"from": "2026-11-22", "plan": [50, 100, 500]}, the most mails of each day.
    Every change gets the next `revision`.
    """

    __tablename__ = "channel"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    settings: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    secret: Mapped[str | None]
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    identity: Mapped[str | None]
    per_second: Mapped[float | None] = mapped_column(Double())
    domain_rates: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    warm_up: Mapped[dict[str, Any] | None]
    revision: Mapped[int] = mapped_column(server_default=channel_revision.next_value())
    created_at: Mapped[CreatedAt]
    changed_at: Mapped[CreatedAt]
    changed_by: Mapped[str]


class SenderIdentity(Base):
    """Somebody messages may come from; templates, channels and steps mean it by its slug."""

    __tablename__ = "sender_identity"

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    address: Mapped[str]
    reply_to: Mapped[str | None]
    domain: Mapped[str]
    warm_up: Mapped[dict[str, Any] | None]
    revision: Mapped[int] = mapped_column(server_default=channel_revision.next_value())
    changed_at: Mapped[CreatedAt]
    changed_by: Mapped[str]


class ChannelBucket(Base):
    """How much may go at once under one rate: `tokens` at `filled_at`, and until when those that
    had to wait are lined up, service messages in a line of their own. A row that is full and lines
    up nobody says nothing, and is thrown away."""

    __tablename__ = "channel_bucket"

    key: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float] = mapped_column(Double())
    filled_at: Mapped[Instant]
    lined_up_until: Mapped[Instant]
    service_until: Mapped[Instant]


class ChannelDay(Base):
    """How many mails went under one warm-up plan on one day (UTC)."""

    __tablename__ = "channel_day"
    __table_args__ = (Index("ix_channel_day_day", "day"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    taken: Mapped[int] = mapped_column(server_default=text("0"))
