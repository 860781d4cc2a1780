"""Requests that our own people decide, and what became of each voice."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from crm_store.base import Base, CreatedAt, Document, Instant, Key

_NO_FILES = text("'{}'::bigint[]")
_OPEN = "status = ANY (ARRAY['open'::text, 'held'::text, 'returned'::text])"


class ApprovalRequest(Base):
    """One thing to be decided; it stays on the chain it began with, a published version or a
    `document` of its own.

    `state` is the machine's; `status` says the same for queries. `subject_kind` names who is told
    the end; `record_kind` and `record_id` what is locked meanwhile. `run_id` and `contact_id` are
    whom it goes with.
    """

    __tablename__ = "approval_request"
    __table_args__ = (
        Index("uq_approval_request_key", "key", unique=True),
        Index("ix_approval_request_run_id", "run_id"),
        Index("ix_approval_request_contact_id", "contact_id"),
        Index("ix_approval_request_subject", "subject_kind", "subject_id"),
        Index("ix_approval_request_requester_id", "requester_id"),
        Index(
            "ix_approval_request_record",
            "record_kind",
            "record_id",
            postgresql_where=text(_OPEN),
        ),
        Index("ix_approval_request_open", "id", postgresql_where=text(_OPEN)),
    )

    id: Mapped[Key]
    key: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    record_kind: Mapped[str | None]
    record_id: Mapped[int | None]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    chain: Mapped[str | None]
    definition_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("definition_version.id", ondelete="RESTRICT")
    )
    document: Mapped[Document | None]
    title: Mapped[str]
    title_zh: Mapped[str] = mapped_column(server_default=text("''"))
    body: Mapped[str]
    body_zh: Mapped[str] = mapped_column(server_default=text("''"))
    amount_minor: Mapped[int | None]
    currency: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    editable_fields: Mapped[list[str]] = mapped_column(
        ARRAY(Text(collation="C")), server_default=text("'{}'::text[]")
    )
    status: Mapped[str]
    state: Mapped[Document]
    opened_at: Mapped[Instant]
    deadline: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]


class ApprovalSeat(Base):
    """One voice of one level: whose it is, and what they said. `open`: it can still be used."""

    __tablename__ = "approval_seat"
    __table_args__ = (
        Index("uq_approval_seat_request_id_seat", "request_id", "seat", unique=True),
        Index("ix_approval_seat_holder_id", "holder_id", postgresql_where=text("open")),
    )

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("approval_request.id", ondelete="CASCADE"))
    seat: Mapped[int]
    round: Mapped[int]
    level: Mapped[str]
    holder_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    vote: Mapped[str | None]
    open: Mapped[bool]
    asked_at: Mapped[Instant]
    voted_at: Mapped[Instant | None]


class ApprovalDecision(Base):
    """What somebody did with a request and was taken; rows are only ever added. `answer_id` is
    empty for what Cadenza did by itself."""

    __tablename__ = "approval_decision"
    __table_args__ = (
        Index("ix_approval_decision_request_id", "request_id", "id"),
        Index("uq_approval_decision_answer_id", "answer_id", unique=True),
    )

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("approval_request.id", ondelete="CASCADE"))
    round: Mapped[int]
    level: Mapped[str]
    seat: Mapped[int | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    verb: Mapped[str]
    comment: Mapped[str | None]
    door: Mapped[str]
    answer_id: Mapped[str | None]
    at: Mapped[Instant]


class ApprovalComment(Base):
    """What somebody said about a request, with stored files attached."""

    __tablename__ = "approval_comment"
    __table_args__ = (Index("ix_approval_comment_request_id", "request_id", "id"),)

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("approval_request.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    text: Mapped[str]
    file_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=_NO_FILES)
    at: Mapped[Instant]


class PublishRule(Base):
    """What may be published only once a chain has agreed: `kind` is "flow", "template" or a kind of
    definition; `name` is empty for all of them."""

    __tablename__ = "publish_rule"

    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    chain: Mapped[str]
    created_at: Mapped[CreatedAt]
