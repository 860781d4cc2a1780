"""What is said about tickets, and by which rules they are kept."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Key


class AuthorKind(StrEnum):
    CONTACT = "contact"
    USER = "user"
    SYSTEM = "system"


class TicketComment(Base):
    """Something said about a ticket. `internal` ones are never shown to the customer. A contact who
    speaks is the ticket's own. `message_id` is the source's id of it: the same is kept once.
    """

    __tablename__ = "ticket_comment"
    __table_args__ = (
        Index("ix_ticket_comment_ticket_id", "ticket_id", "id"),
        Index("uq_ticket_comment_message_id", "source", "message_id", unique=True),
    )

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    author_kind: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    internal: Mapped[bool] = mapped_column(server_default=false())
    body: Mapped[str]
    source: Mapped[str | None]
    message_id: Mapped[str | None]
    created_at: Mapped[CreatedAt]


class TicketPolicy(Base):
    """A version of what is promised for tickets; the last one counts for new ones. `source` is the
    text people wrote."""

    __tablename__ = "ticket_policy"

    id: Mapped[Key]
    source: Mapped[str]
    document: Mapped[Document]
    saved_by: Mapped[str]
    created_at: Mapped[CreatedAt]
