"""What our own people are told."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, Instant, Key


class Notice(Base):
    """Something one of our people was told, once for each effect and person.

    `state` is that of the mail, in the words of a message; `read_at` is when they saw it here.
    What is told beside flows has a `key`, once for each person, and deliveries of its own
    (`notice_delivery`); `action_path` is for the mail alone.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("uq_notice_effect_id_user_id", "effect_id", "user_id", unique=True),
        Index("uq_notice_provider_key", "provider_key", unique=True),
        Index("ix_notice_user_id", "user_id", "id"),
        Index("uq_notice_key_user_id", "key", "user_id", unique=True),
        Index("ix_notice_subject", "subject_kind", "subject_id"),
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
    key: Mapped[str | None]
    subject_kind: Mapped[str | None]
    subject_id: Mapped[int | None]
    urgency: Mapped[str] = mapped_column(server_default="normal")
    path: Mapped[str] = mapped_column(server_default="")
    action_path: Mapped[str] = mapped_column(server_default="")
