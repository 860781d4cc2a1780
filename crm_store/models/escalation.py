"""What must be taken up by our people: cases, who was told, and who has the duty instead."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class EscalationCase(Base):
    """Something that must be taken up, told level after level until it is.

    It keeps the version of its policy, or the document of one that was written where it was used.
    An ask about the same subject with the same `fold_key` joins the open case; without a key none
    does. `contact_id` is whom the words speak of. `state` is that of the machine; what lists need
    of it stands beside it. `level` is the last level told, from 1.
    """

    __tablename__ = "escalation_case"
    __table_args__ = (
        Index(
            "uq_escalation_case_fold",
            "subject_kind",
            "subject_id",
            "fold_key",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_escalation_case_open", "id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_escalation_case_contact_id", "contact_id"),
        Index("ix_escalation_case_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[Key]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    policy: Mapped[str]
    fold_key: Mapped[str | None]
    policy_version_id: Mapped[int | None] = mapped_column(ForeignKey("definition_version.id"))
    policy_document: Mapped[Document | None]
    title: Mapped[str]
    body: Mapped[str]
    title_zh: Mapped[str]
    body_zh: Mapped[str]
    path: Mapped[str] = mapped_column(server_default="")
    urgency: Mapped[str] = mapped_column(server_default="normal")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    team: Mapped[str | None]
    status: Mapped[str]
    paused: Mapped[bool] = mapped_column(server_default=text("false"))
    held_for: Mapped[str | None]
    state: Mapped[Document]
    level: Mapped[int]
    told_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    opened_at: Mapped[Instant]
    acknowledged_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    acknowledged_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    comment: Mapped[str | None]


class EscalationAsk(Base):
    """One ask that a case holds, once for its key, and the run that waits for it, if one does."""

    __tablename__ = "escalation_ask"
    __table_args__ = (
        Index("uq_escalation_ask_key", "key", unique=True),
        Index("ix_escalation_ask_case_id", "case_id"),
        Index("ix_escalation_ask_run_id", "run_id", postgresql_where=text("run_id IS NOT NULL")),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("escalation_case.id", ondelete="CASCADE"))
    key: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    node: Mapped[str | None]
    visit: Mapped[int | None]
    asked_at: Mapped[Instant]
    answered_at: Mapped[Instant | None]


class EscalationStep(Base):
    """What happened to a case and whom it concerned, a row for each person; never changed.

    `kind` is "told", "told_again", "skipped", "held", "taken", "stood_in", "reopened", "paused",
    "resumed", "folded" or "ended"; `why` says how they came to be told, or why it is held. `level`
    counts from 1.
    """

    __tablename__ = "escalation_step"
    __table_args__ = (Index("ix_escalation_step_case_id", "case_id", "id"),)

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("escalation_case.id", ondelete="CASCADE"))
    at: Mapped[Instant]
    kind: Mapped[str]
    round: Mapped[int | None]
    level: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    why: Mapped[str | None]
    urgency: Mapped[str | None]


class DutyOverride(Base):
    """Somebody who has the duty of a rotation for a while, whoever's turn it is."""

    __tablename__ = "duty_override"
    __table_args__ = (Index("ix_duty_override_rotation", "policy", "rotation", "ends_at"),)

    id: Mapped[Key]
    policy: Mapped[str]
    rotation: Mapped[str]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
