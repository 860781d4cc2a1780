"""Dates and schedules that fired, and how far each flow has looked."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Instant


class DateWatch(Base):
    """How far a flow has looked for dates or firings that came: everything up to `looked_until`.

    A look over many people goes page by page. While one is under way it is at everything later
    than `since` and up to `until`; `part` and the cursors are where it stands, and whoever comes
    after a crash goes on there.
    """

    __tablename__ = "date_watch"

    flow_id: Mapped[int] = mapped_column(
        ForeignKey("flow.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    looked_until: Mapped[Instant]
    since: Mapped[Instant | None]
    until: Mapped[Instant | None]
    part: Mapped[str | None]
    contact_cursor: Mapped[int] = mapped_column(server_default="0")
    record_cursor: Mapped[int] = mapped_column(server_default="0")


class DateFired(Base):
    """A date that let a contact into a flow: once for each occasion, whatever becomes of the date.

    `source` is the field, with the record's number when it is not the contact's own:
    "deal.expected_close_on:17". `occasion` is the year in the calendar of the date, or the date
    itself when it comes only once.
    """

    __tablename__ = "date_fired"
    __table_args__ = (Index("ix_date_fired_flow_id", "flow_id"),)

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    flow_id: Mapped[int] = mapped_column(
        ForeignKey("flow.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    source: Mapped[str] = mapped_column(primary_key=True)
    occasion: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[Instant]
    fired_at: Mapped[CreatedAt]


class ScheduleFiring(Base):
    """A time of a flow's schedule at which an audience entered, or would have: once for each."""

    __tablename__ = "schedule_firing"

    flow_id: Mapped[int] = mapped_column(
        ForeignKey("flow.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    fire_at: Mapped[Instant] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int | None] = mapped_column(
        ForeignKey("enrolment.id", ondelete="SET NULL")
    )
    fired_at: Mapped[CreatedAt]


__all__ = ["DateFired", "DateWatch", "ScheduleFiring"]
