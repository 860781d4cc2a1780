"""Where deals stood, from when until when, and how they stand on the stage of today."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, Instant, Key


class StageVisit(Base):
    """One stay of a deal on a stage, won and lost ones too; the last one of a deal has not ended.

    `working_seconds` is the time that somebody worked meanwhile, in the calendar of the deal's
    pipeline; NULL while the stay goes on, and where the pipeline has no published definition.
    `via` is the door: board, api, flow, import, clock, approval or pipeline (its stages were
    changed). `definition_version_id` is the version of the pipeline under which the stage was
    entered; versions never change and are not foreign keys here, so that no move locks them.
    """

    __tablename__ = "stage_visit"
    __table_args__ = (
        Index("ix_stage_visit_deal_id", "deal_id", "entered_at"),
        Index(
            "uq_stage_visit_open", "deal_id", unique=True, postgresql_where=text("left_at IS NULL")
        ),
        Index("ix_stage_visit_pipeline_id", "pipeline_id", "entered_at"),
        Index("ix_stage_visit_stage_id", "stage_id", "entered_at"),
    )

    id: Mapped[Key]
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id", ondelete="CASCADE"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    from_stage_id: Mapped[int | None]
    entered_at: Mapped[Instant]
    left_at: Mapped[Instant | None]
    working_seconds: Mapped[int | None]
    moved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    via: Mapped[str]
    definition_version_id: Mapped[int | None]


class DealStay(Base):
    """What the clocks of an open deal know about its stay on its stage: the state of the pipeline
    machine. The row goes when the deal closes.

    `version_id` is the version of the pipeline whose clocks run; a deal keeps the one it entered
    the stage with. `pending` is a move that waits for the approval `request_id`.
    """

    __tablename__ = "deal_stay"
    __table_args__ = (
        Index("ix_deal_stay_version_id", "version_id"),
        Index(
            "uq_deal_stay_request_id",
            "request_id",
            unique=True,
            postgresql_where=text("request_id IS NOT NULL"),
        ),
    )

    deal_id: Mapped[int] = mapped_column(
        ForeignKey("deal.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version_id: Mapped[int]
    state: Mapped[dict[str, Any]] = mapped_column(
        JSONB(none_as_null=True), server_default=text("'{}'::jsonb")
    )
    pending: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    request_id: Mapped[int | None]
    updated_at: Mapped[Instant]
