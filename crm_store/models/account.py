"""Companies that contacts work for and deals are made with."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Key


class Account(Base):
    """`name_key` is the folded name; an import matches by external id, else domain, else name."""

    __tablename__ = "account"
    __table_args__ = (
        Index("uq_account_external_id", "external_id", unique=True),
        Index("ix_account_domain", "domain"),
        Index("ix_account_name_key", "name_key"),
    )

    id: Mapped[Key]
    external_id: Mapped[str | None]
    name: Mapped[str]
    name_key: Mapped[str]
    domain: Mapped[str | None]
    industry: Mapped[str | None]
    employee_count: Mapped[int | None]
    annual_revenue_minor: Mapped[int | None]
    currency: Mapped[str | None]
    country: Mapped[str | None]
    city: Mapped[str | None]
    year_founded: Mapped[int | None]
    parent_account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL")
    )
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    custom: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
