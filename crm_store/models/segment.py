"""Segments: saved rules and static lists, who is in them, and how that changed from day to day."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Instant, Key


class SegmentKind(StrEnum):
    """The members of a `rule` follow it; those of a `static` list are put in and taken out."""

    RULE = "rule"
    STATIC = "static"


class SegmentState(StrEnum):
    """`counting`: its members are not complete yet; `broken`: its rule cannot be read any more."""

    COUNTING = "counting"
    KEPT = "kept"
    BROKEN = "broken"


class Segment(Base):
    """`rule` is empty for a static list; `fill` is a rule whose matches are still to be put in.

    `revision` grows with every edit and `asked` with every wish for a recount of everybody;
    `answered` is the last wish that was fulfilled. `due_at` is when a driver looks again, empty
    for a static list with nothing to fill in. `counted_at` is the moment the members were last
    right for, and `recounted_at` the moment of the last look at everybody. `flips_at` is the
    soonest change by time alone that events have brought since the last look began; `rests_until`
    keeps a segment that always changes from being looked at all the time.
    """

    __tablename__ = "segment"
    __table_args__ = (
        Index("ix_segment_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    label_zh: Mapped[str | None]
    kind: Mapped[str] = mapped_column(server_default=SegmentKind.RULE)
    rule: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    fill: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    state: Mapped[str] = mapped_column(server_default=SegmentState.COUNTING)
    revision: Mapped[int] = mapped_column(server_default="1")
    asked: Mapped[int] = mapped_column(server_default="1")
    answered: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[Instant | None] = mapped_column(server_default=text("now()"))
    counted_at: Mapped[Instant | None]
    recounted_at: Mapped[Instant | None]
    flips_at: Mapped[Instant | None]
    rests_until: Mapped[Instant | None]
    took_ms: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class SegmentMember(Base):
    """One row is one membership. Its coming and going are what entered and left events tell."""

    __tablename__ = "segment_member"
    __table_args__ = (Index("ix_segment_member_contact_id", "contact_id", "segment_id"),)

    segment_id: Mapped[int] = mapped_column(
        ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    entered_at: Mapped[Instant]


class SegmentSize(Base):
    """How many members, as a sum over `slot`, so that drivers do not wait for one another's row."""

    __tablename__ = "segment_size"

    segment_id: Mapped[int] = mapped_column(
        ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    members: Mapped[int] = mapped_column(server_default="0")


class SegmentCount(Base):
    """How many came and went on a day of the workspace's zone; a sum over `slot` as well."""

    __tablename__ = "segment_count"

    segment_id: Mapped[int] = mapped_column(
        ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    entered: Mapped[int] = mapped_column(server_default="0")
    left_: Mapped[int] = mapped_column(server_default="0")
