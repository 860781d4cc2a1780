"""What waits for its time, the answers people gave to it, and how our people are told."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, Document, Instant, Key

clock_revision = Sequence("clock_revision", metadata=Base.metadata, data_type=BigInteger())


class Clock(Base):
    """An open deal, approval, escalation or ticket, and when it is to be looked at next.

    The row lives as long as the thing is open; with no `due_at` it waits for people alone. Every
    change gets the next `revision`. `hosted_at` is when Temporal was last known to have this
    revision: None until it took it.
    """

    __tablename__ = "clock"
    __table_args__ = (
        Index("ix_clock_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_clock_unhosted", "revision", postgresql_where=text("hosted_at IS NULL")),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    entity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_at: Mapped[Instant | None]
    hosted_at: Mapped[Instant | None]
    revision: Mapped[int] = mapped_column(server_default=clock_revision.next_value())


class GivenAnswer(Base):
    """An answer of a person to something open, written before it is acted on and kept for ever.

    What is `given` may be words of a person, so it stays here and never travels through Temporal.
    `code`, `message` and `details` say what became of it; None while nobody has acted on it.
    """

    __tablename__ = "given_answer"
    __table_args__ = (
        Index("ix_given_answer_kind_entity_id", "kind", "entity_id"),
        Index("ix_given_answer_by_id", "by_id"),
    )

    answer_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    entity_id: Mapped[int]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    verb: Mapped[str]
    given: Mapped[Document]
    door: Mapped[str]
    asked_at: Mapped[Instant]
    code: Mapped[str | None]
    message: Mapped[str | None]
    details: Mapped[Document | None]
    answered_at: Mapped[Instant | None]


class NoticeWay(Base):
    """How somebody wants to be told things of an urgency, instead of by mail alone.

    `channel` is the name of a channel, "default" for mail to their address or `address`, "none" for
    the list of notices alone.
    """

    __tablename__ = "notice_way"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    urgency: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str | None]


class NoticeDelivery(Base):
    """One notice by one channel: waiting until `due_at`, claimed by `claimed_by` until
    `lease_until`, or over. `channel` is None for mail by the default channel."""

    __tablename__ = "notice_delivery"
    __table_args__ = (
        Index("ix_notice_delivery_notice_id", "notice_id"),
        Index(
            "ix_notice_delivery_waiting",
            "due_at",
            "id",
            postgresql_where=text("state IN ('waiting', 'handing_over')"),
        ),
        Index("uq_notice_delivery_provider_key", "provider_key", unique=True),
    )

    id: Mapped[Key]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"))
    channel: Mapped[str | None]
    address: Mapped[str]
    provider_key: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[Instant]
    claimed_by: Mapped[str | None]
    lease_until: Mapped[Instant | None]
    answered_at: Mapped[Instant | None]
