"""What flows ask of our own people: notices, decisions, acknowledgements."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from crm_store.base import Base, Instant, Key


class Notice(Base):
    """Something one of our people was told, once for each effect and person.

    `state` is that of the mail, in the words of a message; `read_at` is when they saw it here.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("uq_notice_effect_id_user_id", "effect_id", "user_id", unique=True),
        Index("uq_notice_provider_key", "provider_key", unique=True),
        Index("ix_notice_user_id", "user_id", "id"),
        Index("ix_notice_contact_id", "contact_id"),
    )

    id: Mapped[Key]
    # None of these three where no flow asked for it.
    effect_id: Mapped[int | None] = mapped_column(ForeignKey("effect.id", ondelete="CASCADE"))
    run_id: Mapped[int | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    provider_key: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    created_at: Mapped[Instant]
    answered_at: Mapped[Instant | None]
    read_at: Mapped[Instant | None]


class ApprovalRequest(Base):
    """A decision that a run waits for. `asked_for_id` is on whose behalf it was asked: they do not
    decide it themselves. Nobody decides any more once the run has left the visit.
    """

    __tablename__ = "approval_request"
    __table_args__ = (
        Index("uq_approval_request_effect_id", "effect_id", unique=True),
        Index("ix_approval_request_run_id", "run_id"),
        Index("ix_approval_request_contact_id", "contact_id"),
        Index("ix_approval_request_open", "id", postgresql_where=text("decision IS NULL")),
    )

    id: Mapped[Key]
    effect_id: Mapped[int] = mapped_column(ForeignKey("effect.id", ondelete="CASCADE"))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    flow_id: Mapped[int]
    node: Mapped[str]
    visit: Mapped[int]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    asked_for_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    approver_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    title: Mapped[str]
    body: Mapped[str]
    asked_at: Mapped[Instant]
    deadline: Mapped[Instant]
    decision: Mapped[str | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    decided_at: Mapped[Instant | None]
    comment: Mapped[str | None]


class EscalationCase(Base):
    """Something that must be taken up by one of our people, told level after level until it is.

    Unique by run, node and the visit of its first level; `told_ids` are those told so far.
    """

    __tablename__ = "escalation_case"
    __table_args__ = (
        Index("uq_escalation_case_run_node_visit", "run_id", "node", "visit", unique=True),
        Index("ix_escalation_case_contact_id", "contact_id"),
        Index("ix_escalation_case_open", "id", postgresql_where=text("acknowledged_at IS NULL")),
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    flow_id: Mapped[int]
    node: Mapped[str]
    visit: Mapped[int]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    level: Mapped[int]
    told_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    title: Mapped[str]
    body: Mapped[str]
    opened_at: Mapped[Instant]
    acknowledged_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    acknowledged_at: Mapped[Instant | None]
