"""Scoring models and the scores of contacts."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class ScoringModel(Base):
    """`document` is the model's stored form; the total of the default model is `contact.score`.

    `recount_after` is the contact up to which everybody has been scored in the round under way,
    empty when none is. `recount_at` begins the next round by itself. `counted_at` is the end of the
    first round: before it, borders of bands that are passed are not told.
    """

    __tablename__ = "scoring_model"
    __table_args__ = (
        Index(
            "ix_scoring_model_is_default",
            "is_default",
            unique=True,
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    document: Mapped[Document]
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    revision: Mapped[int] = mapped_column(server_default="1")
    recount_after: Mapped[int | None] = mapped_column(server_default="0")
    recount_at: Mapped[Instant | None]
    counted_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class ContactScore(Base):
    """A contact's total in a model; empty while it is worked out for the first time. `due_at` is
    when points will have faded enough to count anew. `adjusted` is what flows gave and took beside
    the model's rules.
    """

    __tablename__ = "contact_score"
    __table_args__ = (
        Index("ix_contact_score_contact_id", "contact_id"),
        Index("ix_contact_score_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_contact_score_model_id_total", "model_id", "total"),
    )

    model_id: Mapped[int] = mapped_column(
        ForeignKey("scoring_model.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    total: Mapped[int | None]
    band: Mapped[str | None]
    due_at: Mapped[Instant | None]
    scored_at: Mapped[Instant | None]
    adjusted: Mapped[int] = mapped_column(server_default="0")
