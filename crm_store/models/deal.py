"""Deals and the pipelines they move through."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class StageKind(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class ForecastCategory(StrEnum):
    OMITTED = "omitted"
    PIPELINE = "pipeline"
    BEST_CASE = "best_case"
    COMMIT = "commit"
    CLOSED = "closed"


class Pipeline(Base):
    """`definition_version_id` is the published version in force; without one every move of its
    deals is allowed and no clock runs."""

    __tablename__ = "pipeline"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    label_zh: Mapped[str | None]
    definition_version_id: Mapped[int | None]
    created_at: Mapped[CreatedAt]


class Stage(Base):
    """A place in a pipeline. `kind` says what it means; `label` is only what people call it. No
    deal stands on one that is retired: the pipeline does without it now."""

    __tablename__ = "stage"
    __table_args__ = (Index("uq_stage_pipeline_id_key", "pipeline_id", "key", unique=True),)

    id: Mapped[Key]
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id", ondelete="CASCADE"))
    key: Mapped[str]
    label: Mapped[str]
    kind: Mapped[str]
    position: Mapped[int]
    probability_percent: Mapped[int]
    forecast_category: Mapped[str]
    label_zh: Mapped[str | None]
    retired_at: Mapped[Instant | None]


class Deal(Base):
    """`amount_base_minor` is the amount in the base currency, written by a trigger at the rate of
    the day on which the deal closed, or opened while it is open; absent without a rate.
    """

    __tablename__ = "deal"
    __table_args__ = (
        Index("uq_deal_external_id", "external_id", unique=True),
        Index("ix_deal_contact_id", "contact_id"),
        Index("ix_deal_account_id", "account_id"),
        Index("ix_deal_stage_id", "stage_id"),
        Index("ix_deal_owner_id", "owner_id"),
        # what was won or lost within some time
        Index("ix_deal_closed_at", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    )

    id: Mapped[Key]
    external_id: Mapped[str | None]
    name: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id", ondelete="SET NULL"))
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    stage_entered_at: Mapped[Instant]
    amount_minor: Mapped[int | None]
    amount_base_minor: Mapped[int | None]
    currency: Mapped[str | None]
    forecast_category: Mapped[str]
    expected_close_on: Mapped[date | None]
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    lost_reason: Mapped[str | None]
    custom: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
