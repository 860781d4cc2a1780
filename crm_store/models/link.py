"""Where links of letters lead."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Key


class Link(Base):
    """A target that click links may lead to, once for each address.

    `digest` is the SHA-256 of the address. `contact_id` names the contact while the address was
    sent to nobody else: what holds somebody's name goes when they are erased.
    """

    __tablename__ = "link"
    __table_args__ = (
        Index("uq_link_digest", "digest", unique=True),
        Index("ix_link_contact_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
    )

    id: Mapped[Key]
    digest: Mapped[bytes]
    url: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    created_at: Mapped[CreatedAt]
