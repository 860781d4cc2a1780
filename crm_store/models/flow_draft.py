"""Drafts of flows while they are drawn, and the line of undo behind them."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from crm_store.base import Base, CreatedAt, Document


class FlowDraft(Base):
    """What the editor knows of a draft beyond its text, which is `flow.draft_source` as ever.

    `document` is the drawing: the written flow with notes and places, its steps in their order,
    which `jsonb` would not keep. It belongs to the text of
    `revision`; where the flow's own revision is another, somebody saved a file since. `base_source`
    is a text with its comments whose flow hashes to `base_hash`: a drawing that comes back to that
    flow is written by that text again. `position` is the place in the line of undo.
    """

    __tablename__ = "flow_draft"

    flow_id: Mapped[int] = mapped_column(
        ForeignKey("flow.id", ondelete="CASCADE"), primary_key=True
    )
    document: Mapped[Document] = mapped_column(JSON)
    revision: Mapped[int]
    position: Mapped[int] = mapped_column(server_default="0")
    base_source: Mapped[str]
    base_hash: Mapped[str]
    base_version: Mapped[int | None]
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    updated_at: Mapped[CreatedAt]


class FlowDraftStep(Base):
    """One change of a draft. `document` is the drawing after it while undo can come back to it, at
    `position` in the line of undo; `touched` are the nodes and keys it changed. `batch` is the
    browser's own name for it, so that what is sent twice is done once.
    """

    __tablename__ = "flow_draft_step"
    __table_args__ = (
        Index(
            "uq_flow_draft_step_flow_id_position",
            "flow_id",
            "position",
            unique=True,
            postgresql_where=text("position IS NOT NULL"),
        ),
    )

    flow_id: Mapped[int] = mapped_column(
        ForeignKey("flow_draft.flow_id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int | None]
    document: Mapped[Document | None] = mapped_column(JSON(none_as_null=True))
    touched: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))
    batch: Mapped[str | None]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    changed_at: Mapped[CreatedAt]
