"""The people who work with Cadenza: users, teams, roles, and who is signed in."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class Role(Base):
    """`permissions` is `{"allow": [...], "hidden": [...]}` of `verb:kind:scope`, such as
    `publish:flow:all`, and of fields that are not shown, such as `contact.birthday`. Those that are
    `shipped` come with the release; others were made by an admin."""

    __tablename__ = "role"

    key: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    permissions: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    description: Mapped[str | None]
    shipped: Mapped[bool] = mapped_column(server_default=text("false"))
    revision: Mapped[int] = mapped_column(server_default="1")


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
    `zone` None is the company's; skills and territories are words in small letters. Nobody signs in
    as a `service_account`: programs act as it, by keys. `totp_last_step` is the step of time whose
    code was used last; `single_sign_on_name` is issuer and subject.
    """

    __tablename__ = "user"
    __table_args__ = (
        Index("uq_user_email_key", "email_key", unique=True),
        Index("uq_user_external_id", "external_id", unique=True),
        Index("ix_user_name_key", "name_key"),
        Index("uq_user_single_sign_on_name", "single_sign_on_name", unique=True),
        Index("ix_user_team_id", "team_id"),
        Index("ix_user_manager_id", "manager_id"),
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
    service_account: Mapped[bool] = mapped_column(server_default=text("false"))
    totp_sealed: Mapped[str | None]
    totp_since: Mapped[Instant | None]
    totp_last_step: Mapped[int] = mapped_column(server_default="0")
    single_sign_on_name: Mapped[str | None]
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
    """One signed-in browser. The cookie carries a random token; only its SHA-256 is kept. `means`
    is how they signed in: "password", "second_factor", "single_sign_on" or "link"."""

    __tablename__ = "sign_in"
    __table_args__ = (
        Index("ix_sign_in_user_id", "user_id"),
        Index("uq_sign_in_id", "id", unique=True),
    )

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity())
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    credential_epoch: Mapped[int]
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[CreatedAt]
    expires_at: Mapped[Instant]
    address: Mapped[str | None]
    device: Mapped[str | None]
    means: Mapped[str] = mapped_column(server_default="password")


class OneTimeLink(Base):
    """Something that works once: an invitation, a new password, the second half of a sign-in. It is
    over when used, expired, or when the credentials of its user have changed."""

    __tablename__ = "one_time_link"
    __table_args__ = (Index("ix_one_time_link_user_id", "user_id", "purpose"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity())
    purpose: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    credential_epoch: Mapped[int]
    details: Mapped[Document | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]


class RecoveryCode(Base):
    """A way in without the second factor, once. Only its hash is kept."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[Instant | None]


class SingleSignOnAttempt(Base):
    """Somebody is away at the company's own sign-in. `browser_hash` is of a cookie, so that nobody
    comes back in somebody else's browser."""

    __tablename__ = "single_sign_on_attempt"

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    browser_hash: Mapped[str]
    nonce: Mapped[str]
    verifier: Mapped[str]
    onward: Mapped[str]
    expires_at: Mapped[Instant]


class Audit(Base):
    """Who changed what, through which door, and why. Rows are only ever added; erasing a person may
    clear `before`, `after` and `why` as of `cleared_at`."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject", "subject_kind", "subject_id", "at"),
        Index("ix_audit_at", "at", "id"),
        Index("ix_audit_actor", "actor_kind", "actor_id", "at", "id"),
        Index("ix_audit_kind", "subject_kind", "at", "id"),
        Index("ix_audit_verb", "verb", "at", "id"),
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
    door: Mapped[str | None]
    request_id: Mapped[str | None]
    cleared_at: Mapped[Instant | None]
