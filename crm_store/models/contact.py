"""People: who they are, how to reach them, what they agreed to."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class LifecycleStage(StrEnum):
    SUBSCRIBER = "subscriber"
    LEAD = "lead"
    MARKETING_QUALIFIED_LEAD = "marketing_qualified_lead"
    SALES_QUALIFIED_LEAD = "sales_qualified_lead"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    EVANGELIST = "evangelist"
    OTHER = "other"
    AT_RISK = "at_risk"
    CHURNED = "churned"


class LeadStatus(StrEnum):
    NEW = "new"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    OPEN_DEAL = "open_deal"
    UNQUALIFIED = "unqualified"
    ATTEMPTED_TO_CONTACT = "attempted_to_contact"
    CONNECTED = "connected"
    BAD_TIMING = "bad_timing"


class BirthdayCalendar(StrEnum):
    GREGORIAN = "gregorian"
    LUNAR = "lunar"


class Contact(Base):
    """One person, merged from every source that knows them.

    `email_key` is the folded address and unique: two spellings of one address are one person.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index("uq_contact_email_key", "email_key", unique=True),
        Index("uq_contact_external_id", "external_id", unique=True),
        Index("ix_contact_account_id", "account_id"),
        # Somebody's own contacts by name, the list that most people open first.
        Index("ix_contact_owner_id", "owner_id", "name_key", "id"),
        Index("ix_contact_score", "score", "id"),
        Index("ix_contact_lifecycle_stage", "lifecycle_stage", "id"),
        Index("ix_contact_name_key", "name_key", "id"),
        Index("ix_contact_created_at", "created_at", "id"),
        # Putting numbers on the list of those who get nothing finds and holds who has them.
        Index("ix_contact_phone", "phone", postgresql_where=text("phone IS NOT NULL")),
        # Whose birthday is near is asked every few minutes.
        Index(
            "ix_contact_birthday_day_of_year",
            text("((extract(month from birthday) * 100 + extract(day from birthday))::integer)"),
            postgresql_where=text("birthday IS NOT NULL"),
        ),
        Index(
            "ix_contact_birthday_lunar",
            "birthday",
            postgresql_where=text("birthday_calendar = 'lunar'"),
        ),
        # Lists in the order of a place, in which an unknown one is the least.
        Index("ix_contact_country", text("coalesce(country, ''::text)"), "id"),
        Index("ix_contact_city", text("coalesce(city, ''::text)"), "id"),
        # Finds a few letters anywhere in a city or a job.
        Index(
            "ix_contact_words",
            "city",
            "job_title",
            postgresql_using="gin",
            postgresql_ops={"city": "gin_trgm_ops", "job_title": "gin_trgm_ops"},
        ),
        # Finds a few letters anywhere in a name or address among a million people.
        Index(
            "ix_contact_search",
            "name_key",
            "email_key",
            postgresql_using="gin",
            postgresql_ops={"name_key": "gin_trgm_ops", "email_key": "gin_trgm_ops"},
        ),
    )

    id: Mapped[Key]
    external_id: Mapped[str | None]
    email: Mapped[str | None]
    email_key: Mapped[str | None]
    phone: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    name_key: Mapped[str] = mapped_column(server_default="")
    job_title: Mapped[str | None]
    language: Mapped[str | None]
    country: Mapped[str | None]
    city: Mapped[str | None]
    time_zone: Mapped[str | None]
    birthday: Mapped[date | None]
    birthday_calendar: Mapped[str] = mapped_column(server_default=BirthdayCalendar.GREGORIAN)
    lifecycle_stage: Mapped[str] = mapped_column(server_default=LifecycleStage.LEAD)
    lead_status: Mapped[str | None]
    source: Mapped[str | None]
    score: Mapped[int] = mapped_column(server_default="0")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    custom: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    last_seen_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class ContactAlias(Base):
    """Another name a source uses for a contact, such as a visitor's anonymous id."""

    __tablename__ = "contact_alias"
    __table_args__ = (Index("ix_contact_alias_contact_id", "contact_id"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    created_at: Mapped[CreatedAt]


class Tag(Base):
    __tablename__ = "tag"

    name: Mapped[str] = mapped_column(primary_key=True)
    color: Mapped[str | None]
    created_at: Mapped[CreatedAt]


class ContactTag(Base):
    __tablename__ = "contact_tag"
    __table_args__ = (Index("ix_contact_tag_tag", "tag", "contact_id"),)

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(ForeignKey("tag.name", onupdate="CASCADE"), primary_key=True)


class LawfulBasis(StrEnum):
    """GDPR article 6(1), the bases that apply to messages."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGITIMATE_INTEREST = "legitimate_interest"
    LEGAL_OBLIGATION = "legal_obligation"


class Consent(Base):
    """What a contact agreed to, by channel and purpose. No row means: never asked."""

    __tablename__ = "consent"

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    channel: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    granted: Mapped[bool]
    lawful_basis: Mapped[str]
    source: Mapped[str]
    recorded_at: Mapped[CreatedAt]
    # How it was given: when it was asked and confirmed, and which words were agreed to.
    evidence: Mapped[Document | None]


class Suppression(Base):
    """An address nothing is sent to, whoever it belongs to now or later.

    Of an erased contact it is not the address itself but `erased_key` of it.
    """

    __tablename__ = "suppression"

    channel: Mapped[str] = mapped_column(primary_key=True)
    address_key: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    recorded_at: Mapped[CreatedAt]
    # Of a mailbox that may take mail again; empty for good.
    expires_at: Mapped[Instant | None]


class MergedContact(Base):
    """A contact that turned out to be another one: its number still leads to who it is now."""

    __tablename__ = "merged_contact"
    __table_args__ = (Index("ix_merged_contact_kept_id", "kept_id"),)

    lost_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kept_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    merged_at: Mapped[CreatedAt]


class ErasureSalt(Base):
    """One row: what addresses of erased contacts are hashed with, by `erased_key` in SQL."""

    __tablename__ = "erasure_salt"

    salt: Mapped[str] = mapped_column(primary_key=True)


class CustomField(Base):
    """A field that the people who use Cadenza defined for themselves; values sit in `custom`."""

    __tablename__ = "custom_field"
    __table_args__ = (Index("uq_custom_field_record_key", "record", "key", unique=True),)

    id: Mapped[Key]
    record: Mapped[str]
    key: Mapped[str]
    label: Mapped[str]
    label_zh: Mapped[str | None]
    type: Mapped[str]
    options: Mapped[dict[str, Any] | None]
    created_at: Mapped[CreatedAt]


__all__ = [
    "BirthdayCalendar",
    "Consent",
    "Contact",
    "ContactAlias",
    "ContactTag",
    "CustomField",
    "ErasureSalt",
    "LawfulBasis",
    "LeadStatus",
    "LifecycleStage",
    "MergedContact",
    "Suppression",
    "Tag",
]
