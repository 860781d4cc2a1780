"""The people who work with Cadenza: users, teams, roles, and who is signed in."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class Role(Base):
    """`permissions` is `{"allow": [...]}` of `verb:kind:scope`, e.g. `publish:flow:all`."""

    __tablename__ = "role"

    key: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    permissions: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))


class Team(Base):
    """`calendar` names one by which its people work, unless they have their own."""

    __tablename__ = "team"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    # users refer to teams as well, so one of the two is added afterwards
    head_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL", use_alter=True)
    )
    calendar: Mapped[str | None] = mapped_column(ForeignKey("calendar.name", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]


class User(Base):
    """`credential_epoch` rises with password and role changes; sessions of an older epoch end.
    `zone` None is the company's; skills and territories are words in small letters.
    """

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
    zone: Mapped[str | None]
    calendar: Mapped[str | None] = mapped_column(ForeignKey("calendar.name", ondelete="SET NULL"))
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))
    territories: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))
    created_at: Mapped[CreatedAt]


class Absence(Base):
    """Somebody is away from `starts_at` until just before `ends_at`. Rows that were cancelled are
    deleted; the audit keeps them."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="in_order"),
        Index("ix_absence_user_id", "user_id", "starts_at"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    note: Mapped[str | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]


class PeopleChange(Base):
    """A row for each statement that changed users, teams or absences, written by the database
    itself, so that an import is noticed too. Rows of earlier days are forgotten."""

    __tablename__ = "people_change"

    id: Mapped[Key]
    at: Mapped[CreatedAt]


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
