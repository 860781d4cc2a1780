"""Things that happened, and the queue of those that rules have not looked at yet."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class Event(Base):
    """Something that happened, once: a source's message id is accepted a single time."""

    __tablename__ = "event"
    __table_args__ = (
        Index("uq_event_source_message_id", "source", "message_id", unique=True),
        Index("ix_event_contact_id_name_occurred_at", "contact_id", "name", "occurred_at"),
        # Who has done this lately, of everybody.
        Index(
            "ix_event_name_occurred_at", "name", "occurred_at", postgresql_include=["contact_id"]
        ),
        Index("ix_event_received_at", "received_at", "id"),
    )

    id: Mapped[Key]
    source: Mapped[str]
    message_id: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="track")
    name: Mapped[str]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    properties: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    occurred_at: Mapped[Instant]
    received_at: Mapped[CreatedAt]


class EventPending(Base):
    """An event that dispatch has still to look at. The row goes in the transaction that did.

    Apart from `event`, so that taking an event never rewrites its large row or its indexes.
    `partition` is a stable hash of the contact: one contact's events stay in order.
    """

    __tablename__ = "event_pending"
    __table_args__ = (Index("ix_event_pending_partition_event_id", "partition", "event_id"),)

    event_id: Mapped[int] = mapped_column(
        ForeignKey("event.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    partition: Mapped[int] = mapped_column(SmallInteger)


class WriteKey(Base):
    """A source's key to send events; only its SHA-256 is kept. With `may_merge`, its alias calls
    make two contacts one."""

    __tablename__ = "write_key"

    id: Mapped[Key]
    source: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
    revoked_at: Mapped[Instant | None]
    last_used_at: Mapped[Instant | None]
    may_merge: Mapped[bool] = mapped_column(server_default=text("false"))


class DeadLetter(Base):
    """What a source sent and nobody could take: as it came (`body`), why, and what became of it.

    The same body again is one letter that was `seen` once more. `cut` bodies were too large to be
    kept whole and cannot be taken any more.
    """

    __tablename__ = "dead_letter"
    __table_args__ = (
        Index("uq_dead_letter_source_digest", "source", "digest", unique=True),
        Index("ix_dead_letter_state", "state", "id"),
        Index(
            "ix_dead_letter_source",
            "source",
            "code",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        CheckConstraint("state IN ('waiting', 'replayed', 'dropped')", name="state"),
    )

    id: Mapped[Key]
    source: Mapped[str]
    door: Mapped[str]
    code: Mapped[str]
    message: Mapped[str]
    problems: Mapped[list[Any]] = mapped_column(JSONB(none_as_null=True))
    message_id: Mapped[str | None]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str]
    cut: Mapped[bool] = mapped_column(server_default=text("false"))
    seen: Mapped[int] = mapped_column(server_default=text("1"))
    received_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    state: Mapped[str] = mapped_column(server_default="waiting")
    settled_at: Mapped[Instant | None]
    settled_by: Mapped[str | None]
