"""Message templates that people write in the program, and their published versions."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Key


class TemplateState(StrEnum):
    """`draft`: never published. `retired`: no longer offered; its versions stay."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class MessageTemplate(Base):
    """`draft` holds the texts by file name; `revision` counts its edits.

    `change_number` grows with whatever changes what is sent (publish, retire), over all templates
    in the order of their commits, so that its largest value says whether anything is new.
    """

    __tablename__ = "message_template"
    __table_args__ = (Index("ix_message_template_change_number", "change_number"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default=TemplateState.DRAFT)
    draft: Mapped[Document]
    revision: Mapped[int] = mapped_column(server_default="1")
    published_version_id: Mapped[int | None]
    change_number: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class MessageTemplateVersion(Base):
    """A published version: never changed. `frames` are the frames it was published with."""

    __tablename__ = "message_template_version"
    __table_args__ = (
        Index("uq_message_template_version_number", "template_id", "number", unique=True),
        Index("uq_message_template_version_hash", "template_id", "hash", unique=True),
    )

    id: Mapped[Key]
    template_id: Mapped[int] = mapped_column(ForeignKey("message_template.id", ondelete="CASCADE"))
    number: Mapped[int]
    hash: Mapped[str]
    sources: Mapped[Document]
    frames: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    checked_at: Mapped[CreatedAt]
    published_at: Mapped[CreatedAt]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
