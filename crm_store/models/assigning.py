"""Who was given what and why, what waits for somebody, and work handed from one to others."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class AssignmentRound(Base):
    """Whose turn it is by the rules of one name: `turns` by rule. Whoever gives out by these rules
    holds the row until the transaction ends."""

    __tablename__ = "assignment_round"

    rules: Mapped[str] = mapped_column(primary_key=True)
    turns: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))


class AssignmentChoice(Base):
    """One decision of the rules: who got a contact, deal or ticket, and `why` (which rule, who was
    passed over). `rule` is the one that decided; `kept` had an owner that stays."""

    __tablename__ = "assignment_choice"
    __table_args__ = (
        Index("ix_assignment_choice_record", "kind", "record_id", "id"),
        Index("ix_assignment_choice_today", "rules", "user_id", "at"),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    record_id: Mapped[int]
    rules: Mapped[str]
    version_id: Mapped[int]
    rule: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    kept: Mapped[bool] = mapped_column(server_default=text("false"))
    why: Mapped[Document]
    at: Mapped[Instant]


class AssignmentQueue(Base):
    """A record that nobody can take just now. It is looked at again at `look_again_at` and leaves
    the queue with an owner; `was_owner_id` is the one it had when it came."""

    __tablename__ = "assignment_queue"
    __table_args__ = (
        Index("uq_assignment_queue_record", "kind", "record_id", unique=True),
        Index("ix_assignment_queue_look_again_at", "look_again_at", "id"),
        Index("ix_assignment_queue_untold", "id", postgresql_where=text("told_at IS NULL")),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    record_id: Mapped[int]
    rules: Mapped[str]
    why: Mapped[Document]
    team: Mapped[str | None]
    was_owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    queued_at: Mapped[Instant]
    look_again_at: Mapped[Instant]
    tries: Mapped[int] = mapped_column(server_default="1")
    told_at: Mapped[Instant | None]


class HandoverState(StrEnum):
    """`running` gives page by page, `returning` takes back; `cancelled` stops where it is."""

    RUNNING = "running"
    DONE = "done"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Handover(Base):
    """One person's work going to others. `shares` says by kind who takes and how; `kind` and
    `cursor` are how far it is, `given` how many of each kind each taker has. At `return_at` what
    the takers still have is given back.
    """

    __tablename__ = "handover"
    __table_args__ = (
        Index(
            "uq_handover_under_way",
            "from_user_id",
            unique=True,
            postgresql_where=text("state IN ('running', 'returning')"),
        ),
        Index(
            "ix_handover_under_way",
            "id",
            postgresql_where=text("state IN ('running', 'returning')"),
        ),
        Index(
            "ix_handover_return_at",
            "return_at",
            postgresql_where=text("state = 'done' AND return_at IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    from_user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    shares: Mapped[Document]
    note: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=HandoverState.RUNNING)
    kind: Mapped[str]
    cursor: Mapped[int] = mapped_column(server_default="0")
    given: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    returned: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    return_at: Mapped[Instant | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    ended_at: Mapped[Instant | None]


class HandoverItem(Base):
    """One record that changed hands. `back` says what became of it at the return: "returned", or
    why it stayed ("closed", "passed_on", "gone")."""

    __tablename__ = "handover_item"

    handover_id: Mapped[int] = mapped_column(
        ForeignKey("handover.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    to_user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    at: Mapped[Instant]
    back: Mapped[str | None]
