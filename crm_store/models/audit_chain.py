"""The seals of the audit: a chain for each day, each beginning with the end of the one before."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, Instant


class AuditPending(Base):
    """A row of the audit that is not sealed yet; written by a trigger beside it."""

    __tablename__ = "audit_pending"

    audit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class AuditDay(Base):
    """What one day's chain begins and ends with. Its rows may be gone, as of `removed_at`."""

    __tablename__ = "audit_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    begins_with: Mapped[str]
    head: Mapped[str]
    rows: Mapped[int]
    removed_at: Mapped[Instant | None]


class AuditSeal(Base):
    """The seal of one row: SHA-256 over the seal before it and over what the row says, of which
    `content` is the part that erasing may clear."""

    __tablename__ = "audit_seal"
    __table_args__ = (Index("uq_audit_seal_audit_id", "audit_id", unique=True),)

    day: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    audit_id: Mapped[int]
    content: Mapped[str]
    seal: Mapped[str]
    sealed_at: Mapped[Instant]
