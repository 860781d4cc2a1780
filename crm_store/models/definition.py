"""Definitions of how work is done, and their published versions."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Key


class DefinitionState(StrEnum):
    """A `retired` definition begins nothing new; what began under it goes on."""

    ACTIVE = "active"
    RETIRED = "retired"


class Definition(Base):
    """One pipeline, approval chain, escalation policy or set of assignment rules, by kind and name.

    `current_version_id` is what begins from now on; it is None only while the first version is
    being written.
    """

    __tablename__ = "definition"
    __table_args__ = (Index("uq_definition_kind_name", "kind", "name", unique=True),)

    id: Mapped[Key]
    kind: Mapped[str]
    name: Mapped[str]
    label: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=DefinitionState.ACTIVE)
    current_version_id: Mapped[int | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class DefinitionVersion(Base):
    """A published version. The database itself refuses to change what it says."""

    __tablename__ = "definition_version"
    __table_args__ = (
        Index("uq_definition_version_number", "definition_id", "number", unique=True),
        Index("uq_definition_version_hash", "definition_id", "hash", unique=True),
    )

    id: Mapped[Key]
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id", ondelete="CASCADE"))
    number: Mapped[int]
    hash: Mapped[str]
    label: Mapped[str]
    document: Mapped[Document]
    source: Mapped[str]
    note: Mapped[str | None]
    published_at: Mapped[CreatedAt]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
