"""What decides when messages go: the house's policy, and what waits or is put together."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class SendingPolicy(Base):
    """A version of the policy; the last one counts. `source` is the text people wrote."""

    __tablename__ = "sending_policy"

    id: Mapped[Key]
    source: Mapped[str]
    document: Mapped[Document]
    saved_by: Mapped[str]
    created_at: Mapped[CreatedAt]


class SendingTurn(Base):
    """Whoever counts what a contact got, to send them more, holds this row until it is written."""

    __tablename__ = "sending_turn"
    __table_args__ = ({"postgresql_with": {"fillfactor": 50}},)

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    taken_at: Mapped[Instant]


class Deferral(Base):
    """A message was made to wait, and why. `read` are the plain values the ruling came from."""

    __tablename__ = "deferral"
    __table_args__ = (Index("ix_deferral_effect_id", "effect_id", "id"),)

    id: Mapped[Key]
    effect_id: Mapped[int] = mapped_column(ForeignKey("effect.id", ondelete="CASCADE"))
    reason: Mapped[str]
    until: Mapped[Instant]
    ruled_at: Mapped[Instant]
    read: Mapped[Document]


class DigestItem(Base):
    """A message that goes with others in one mail; `run_id` is the run that sends it."""

    __tablename__ = "digest_item"
    __table_args__ = (
        UniqueConstraint("effect_id", name="uq_digest_item_effect_id"),
        Index("ix_digest_item_contact_id", "contact_id"),
        Index("ix_digest_item_due_at", "due_at", postgresql_where=text("run_id IS NULL")),
        Index("ix_digest_item_run_id", "run_id", postgresql_where=text("run_id IS NOT NULL")),
    )

    id: Mapped[Key]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    effect_id: Mapped[int]
    template: Mapped[str]
    topic: Mapped[str | None]
    subject: Mapped[str]
    preheader: Mapped[str]
    collected_at: Mapped[Instant]
    due_at: Mapped[Instant]
    run_id: Mapped[int | None]
