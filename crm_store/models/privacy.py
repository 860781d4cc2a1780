"""Backups and what a restore holds back, requests about somebody's data, and how long rows stay."""

from __future__ import annotations

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class BackupMade(Base):
    """A backup that was finished. `taken_at` is the moment that its rows show."""

    __tablename__ = "backup_made"
    __table_args__ = (Index("ix_backup_made_taken_at", "taken_at"),)

    id: Mapped[Key]
    taken_at: Mapped[Instant]
    finished_at: Mapped[Instant]
    file_name: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    schema_revision: Mapped[str]
    with_keys: Mapped[bool]
    made_by: Mapped[str]


class RestoreHold(Base):
    """A restore of this database: no worker does anything while one is there that nobody released.

    A restore writes the row in the transaction that brings the rows, so there is no moment between
    them. `choice` is what was decided about what was overdue, with its counts.
    """

    __tablename__ = "restore_hold"
    __table_args__ = (
        Index("ix_restore_hold_open", "id", postgresql_where=text("released_at IS NULL")),
    )

    id: Mapped[Key]
    taken_at: Mapped[Instant]
    restored_at: Mapped[CreatedAt]
    file_name: Mapped[str]
    released_at: Mapped[Instant | None]
    released_by: Mapped[str | None]
    choice: Mapped[Document | None]


class PrivacyRequest(Base):
    """Somebody asked for their data, or to be erased. After erasing, only the number is left.

    `kind` is "export" or "erase"; `state` "open", "done" or "declined". `certificate` counts rows
    and holds nothing about the person.
    """

    __tablename__ = "privacy_request"
    __table_args__ = (
        Index("ix_privacy_request_state", "state", "due_at"),
        Index("ix_privacy_request_contact", "contact_number"),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    contact_number: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="open")
    asked_at: Mapped[Instant]
    due_at: Mapped[Instant]
    note: Mapped[str | None]
    opened_by: Mapped[str]
    opened_at: Mapped[CreatedAt]
    done_at: Mapped[Instant | None]
    done_by: Mapped[str | None]
    reason: Mapped[str | None]
    certificate: Mapped[Document | None]


class RetentionRule(Base):
    """Rows of a kind older than `keep_days` go. No row, no rule: they stay."""

    __tablename__ = "retention_rule"

    kind: Mapped[str] = mapped_column(primary_key=True)
    keep_days: Mapped[int] = mapped_column(SmallInteger)
    changed_at: Mapped[Instant]
    changed_by: Mapped[str]
    applied_at: Mapped[Instant | None]
    removed: Mapped[int] = mapped_column(server_default=text("0"))


__all__ = ["BackupMade", "PrivacyRequest", "RestoreHold", "RetentionRule"]
