"""What became of messages: clicks, counters of sender domains, how far bounces were read."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, Instant


class MessageClick(Base):
    """A link of a message that was followed, once; apart whether by a person or by a machine."""

    __tablename__ = "message_click"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    link: Mapped[str] = mapped_column(primary_key=True)
    by_machine: Mapped[bool] = mapped_column(primary_key=True)
    first_at: Mapped[Instant]


class SenderDay(Base):
    """What was sent by a domain on a day (UTC), and how much of that came back.

    In several rows, `slot` by `slot`, so that workers who send at once need not wait for each
    other; the sum over the slots counts.
    """

    __tablename__ = "sender_day"
    __table_args__ = ({"postgresql_with": {"fillfactor": "50"}},)

    domain: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    sent: Mapped[int] = mapped_column(server_default="0")
    bounced: Mapped[int] = mapped_column(server_default="0")
    complained: Mapped[int] = mapped_column(server_default="0")


class SenderState(StrEnum):
    """`paused`: no marketing goes out by this domain until somebody resumes it."""

    WELL = "well"
    WARNED = "warned"
    PAUSED = "paused"


class SenderHealth(Base):
    """How a sender domain stands. `sent`, `bounced` and `complained` are what was counted when it
    came to this state; messages from before `counted_from` do not count any more."""

    __tablename__ = "sender_health"

    domain: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    since: Mapped[Instant]
    reason: Mapped[str | None]
    sent: Mapped[int] = mapped_column(server_default="0")
    bounced: Mapped[int] = mapped_column(server_default="0")
    complained: Mapped[int] = mapped_column(server_default="0")
    counted_from: Mapped[Instant | None]


class BounceFile(Base):
    """How far a file of bounces (mbox) was read. `before` is a hash of what stands before that
    place, by which a file that was replaced is told from one that grew."""

    __tablename__ = "bounce_file"

    path: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    before: Mapped[str]
    read_at: Mapped[Instant]
