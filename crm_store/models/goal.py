"""What runs reached, and which arms of a split people were given."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from crm_store.base import Base, Instant, Key


class GoalReached(Base):
    """One row per run, however often its goal's event comes. `amount_minor` in `currency` is what
    the event was worth, `base_minor` the same in the base currency of that day; all three are empty
    where it says nothing, or where a later run of the contact has the amount already.

    The run is named by number only: a reference would lock its row, and dispatch counts runs that
    somebody else may be moving.
    """

    __tablename__ = "goal_reached"
    __table_args__ = (Index("ix_goal_reached_flow_id", "flow_id", "reached_at"),)

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    flow_id: Mapped[int] = mapped_column(ForeignKey("flow.id", ondelete="CASCADE"))
    subject_id: Mapped[int]
    event_id: Mapped[int | None]
    reached_at: Mapped[Instant]
    amount_minor: Mapped[int | None]
    currency: Mapped[str | None]
    base_minor: Mapped[int | None]


class SplitTaken(Base):
    """The arm that chance gave a person, kept where a winner is to be found. `reached_at` is when
    they did what the arms are compared by.
    """

    __tablename__ = "split_taken"
    __table_args__ = ({"postgresql_with": {"fillfactor": "80"}},)

    flow_id: Mapped[int] = mapped_column(
        ForeignKey("flow.id", ondelete="CASCADE"), primary_key=True
    )
    node: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    flow_version_id: Mapped[int]
    arm: Mapped[str]
    taken_at: Mapped[Instant]
    reached_at: Mapped[Instant | None]


class SplitWinner(Base):
    """A decision that everybody who comes to the node goes by one arm. It holds until it is
    withdrawn, for versions whose node has the same `arms`.
    """

    __tablename__ = "split_winner"
    __table_args__ = (
        Index(
            "uq_split_winner_standing",
            "flow_id",
            "node",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    flow_id: Mapped[int] = mapped_column(ForeignKey("flow.id", ondelete="CASCADE"))
    node: Mapped[str]
    arm: Mapped[str]
    arms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    method: Mapped[str]
    decided_by: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    decided_at: Mapped[Instant]
    withdrawn_at: Mapped[Instant | None]
