"""What sales people are to reach, and what the forecast said day by day."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Key
from crm_store.models.stage_visit import StageVisit

# How long deals stayed is asked of stays that ended within some time.
Index(
    "ix_stage_visit_pipeline_id_left_at",
    StageVisit.pipeline_id,
    StageVisit.left_at,
    postgresql_where=StageVisit.left_at.is_not(None),
)


class TargetUnit(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"


class Target(Base):
    """What is to be won in a month or quarter: by a person, by a team, or by everybody (neither).

    `starts_on` is the first day of the period.
    """

    __tablename__ = "target"
    __table_args__ = (
        CheckConstraint("owner_id IS NULL OR team_id IS NULL", name="one_holder"),
        CheckConstraint("amount_minor >= 0", name="not_negative"),
        Index(
            "uq_target_unit_starts_on_owner_id_team_id_currency",
            *("unit", "starts_on", "owner_id", "team_id", "currency"),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_target_owner_id", "owner_id"),
        Index("ix_target_team_id", "team_id"),
    )

    id: Mapped[Key]
    unit: Mapped[str]
    starts_on: Mapped[date]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    currency: Mapped[str]
    amount_minor: Mapped[int]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class ForecastDay(Base):
    """A day on which the forecast was written down, in the house's own zone. One without deals has
    no lines, but was written all the same."""

    __tablename__ = "forecast_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    taken_at: Mapped[CreatedAt]


class ForecastLine(Base):
    """What was said on a day for a month.

    `month` is the first day of the month a deal was expected to close in (NULL: nobody said when);
    the category `closed` holds what was won in its month by then. Owner and team are plain numbers:
    the past does not change when somebody leaves. `weighted_*` are by the chances of the stages.
    `base_minor` leaves out the amounts of `without_rate` deals.
    """

    __tablename__ = "forecast_line"
    __table_args__ = (Index("ix_forecast_line_month_day", "month", "day"),)

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(ForeignKey("forecast_day.day", ondelete="CASCADE"))
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id", ondelete="CASCADE"))
    month: Mapped[date | None]
    owner_id: Mapped[int | None]
    team_id: Mapped[int | None]
    category: Mapped[str]
    currency: Mapped[str | None]
    deals: Mapped[int]
    amount_minor: Mapped[int]
    weighted_minor: Mapped[int]
    base_minor: Mapped[int]
    weighted_base_minor: Mapped[int]
    without_rate: Mapped[int]
