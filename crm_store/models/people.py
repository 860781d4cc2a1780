"""The people who work with Cadenza: users, teams, roles, and who is signed in."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class Role(Base):
    """`permissions` is `{"allow": [...]}` of `verb:kind:scope`, e.g. `publish:flow:all`."""

    __tablename__ = "role"

    key: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    permissions: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))


class Team(Base):
    __tablename__ = "team"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]


class User(Base):
    """`credential_epoch` rises with password and role changes; sessions of an older epoch end."""

    __tablename__ = "user"
    __table_args__ = (
        Index("uq_user_email_key", "email_key", unique=True),
        Index("uq_user_external_id", "external_id", unique=True),
        Index("ix_user_name_key", "name_key"),
    )

    id: Mapped[Key]
    external_id: Mapped[str | None]
    email: Mapped[str | None]
    email_key: Mapped[str | None]
    name: Mapped[str]
    name_key: Mapped[str]
    role: Mapped[str] = mapped_column(ForeignKey("role.key"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    password_hash: Mapped[str | None]
    password_is_one_time: Mapped[bool] = mapped_column(server_default=text("false"))
    credential_epoch: Mapped[int] = mapped_column(server_default="0")
    language: Mapped[str] = mapped_column(server_default="en")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[CreatedAt]


class SignIn(Base):
    """One signed-in browser. The cookie carries a random token; only its SHA-256 is kept."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_user_id", "user_id"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    credential_epoch: Mapped[int]
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[CreatedAt]
    expires_at: Mapped[Instant]


class Audit(Base):
    """Who changed what, through which door, and why. Rows are only ever added."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject", "subject_kind", "subject_id", "at"),
        Index("ix_audit_at", "at", "id"),
    )

    id: Mapped[Key]
    at: Mapped[CreatedAt]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    verb: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    before: Mapped[Document | None]
    after: Mapped[Document | None]
    why: Mapped[str | None]
