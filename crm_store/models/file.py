"""Files that travel with messages, and the addresses of our own that get proofs."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Instant, Key


class StoredFile(Base):
    """One version of a file; it never changes. `file_name` is what the reader of a letter sees,
    `sha256` the hexadecimal digest of the content.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        Index("uq_stored_file_name_version", "name", "version", unique=True),
        Index("ix_stored_file_sha256", "sha256"),
    )

    id: Mapped[Key]
    name: Mapped[str]
    version: Mapped[int]
    file_name: Mapped[str]
    content_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, deferred_raiseload=True)
    created_at: Mapped[CreatedAt]
    created_by: Mapped[str]


class SeedAddress(Base):
    """An address of our own people that gets proofs of messages. `address_key` is folded."""

    __tablename__ = "seed_address"

    address_key: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    note: Mapped[str]
    added_at: Mapped[Instant]
    added_by: Mapped[str]
