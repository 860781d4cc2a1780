"""Questions and complaints, and the work people owe a customer."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Instant, Key


class TicketStatus(StrEnum):
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


class TicketPriority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Ticket(Base):
    """A question or complaint of a contact.

    `policy_id` is the version of the ticket policy it is kept by; without one it has no `clocks`
    (the two stopwatches and what was told of them). `subject_key` is the subject as a second
    question about the same is known by. `satisfaction_asked_at` is when the survey opened.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("uq_ticket_external_id", "external_id", unique=True),
        Index("ix_ticket_contact_id", "contact_id"),
        Index("ix_ticket_owner_id", "owner_id"),
    )

    id: Mapped[Key]
    external_id: Mapped[str | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    subject: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=TicketStatus.NEW)
    priority: Mapped[str] = mapped_column(server_default=TicketPriority.NORMAL)
    opened_at: Mapped[Instant]
    solved_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]
    source: Mapped[str | None]
    category: Mapped[str | None]
    subject_key: Mapped[str | None]
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("ticket_policy.id"))
    clocks: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    first_response_at: Mapped[Instant | None]
    closed_at: Mapped[Instant | None]
    reopened: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    satisfaction_asked_at: Mapped[Instant | None]
    satisfaction_score: Mapped[int | None] = mapped_column(SmallInteger)
    satisfaction_comment: Mapped[str | None]
    satisfaction_given_at: Mapped[Instant | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="SET NULL"))


class ActivityKind(StrEnum):
    TASK = "task"
    CALL = "call"
    MEETING = "meeting"
    NOTE = "note"


class Activity(Base):
    """A task, call, meeting or note. `run_id` tells which flow asked for it."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_contact_id", "contact_id", "created_at"),
        Index("ix_activity_owner_id_due_at", "owner_id", "due_at"),
        Index("ix_activity_deal_id", "deal_id"),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    run_id: Mapped[int | None]
    due_at: Mapped[Instant | None]
    done_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]
