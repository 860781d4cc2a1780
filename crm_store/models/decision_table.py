"""Decision tables as they were saved."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Key


class DecisionTable(Base):
    """`document` is the table's stored form; `revision` counts its edits."""

    __tablename__ = "decision_table"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    document: Mapped[Document]
    revision: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
