"""Other systems: where they send what happened, and the secrets we share with them."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class HookSource(Base):
    """A system that reports what happened, and how its documents are read.

    `secret` and `previous_secret` are sealed; the latter is accepted until `previous_until`.
    `contact_paths` maps "email", "user_id" or "anonymous_id" to a place in the document. The event
    is named by `event_name`, or by what stands at `event_path`; at most one of them is set. A
    `mapping` says more and replaces all three. `signature` is how the sender signs.
    """

    __tablename__ = "hook_source"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    secret: Mapped[str]
    previous_secret: Mapped[str | None]
    previous_until: Mapped[Instant | None]
    contact_paths: Mapped[Document]
    event_name: Mapped[str | None]
    event_path: Mapped[str | None]
    signature: Mapped[str] = mapped_column(server_default="standard")
    signature_header: Mapped[str | None]
    mapping: Mapped[Document | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[Instant | None]


class PublicForm(Base):
    """A form that anybody may send; `document` has its fields and what becomes of them."""

    __tablename__ = "public_form"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    document: Mapped[Document]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    last_used_at: Mapped[Instant | None]


class KeptSecret(Base):
    """A secret that flows name and never hold; `sealed` is unreadable without the server's key."""

    __tablename__ = "kept_secret"

    name: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[str]
    changed_at: Mapped[Instant]
    changed_by: Mapped[str]
