"""Messages to contacts, from the moment one is about to be handed over."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, Instant, Key


class MessageState(StrEnum):
    """`maybe_sent`: handed over, but the answer was lost. `withheld`: consent or suppression.
    `put_off`: certainly not accepted; it will be tried again. `collected`: it goes with others in
    one message.
    """

    HANDING_OVER = "handing_over"
    SENT = "sent"
    MAYBE_SENT = "maybe_sent"
    REFUSED = "refused"
    WITHHELD = "withheld"
    PUT_OFF = "put_off"
    COLLECTED = "collected"


class Message(Base):
    """`provider_key` is our own message id; it travels to the provider (as Message-ID in mail).

    Without contact, address and subject: its contact was erased, and it is only counted.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("uq_message_provider_key", "provider_key", unique=True),
        Index("ix_message_contact_id", "contact_id", "handed_over_at"),
        Index("ix_message_effect_id", "effect_id"),
        Index("ix_message_flow_id", "flow_id", "state"),
        Index("ix_message_maybe", "id", postgresql_where=text("state = 'maybe_sent'")),
        Index(
            "ix_message_handed_over_at",
            "handed_over_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 32},
        ),
    )

    id: Mapped[Key]
    effect_id: Mapped[int] = mapped_column(ForeignKey("effect.id", ondelete="CASCADE"))
    run_id: Mapped[int]
    flow_id: Mapped[int]
    node: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    channel: Mapped[str]
    purpose: Mapped[str]
    template: Mapped[str]
    language: Mapped[str | None]
    address: Mapped[str | None]
    subject: Mapped[str | None]
    provider_key: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    handed_over_at: Mapped[Instant]
    answered_at: Mapped[Instant | None]
    # What it is about, None where its template does not say; and how it travelled, None: e-mail.
    topic: Mapped[str | None]
    # The stored text it was written from: "v3", or the hash of a template's files.
    template_version: Mapped[str | None]
    medium: Mapped[str | None]
    # The domain it came from; what is sent by a domain is counted together.
    sender_domain: Mapped[str | None]
    # When each of these first happened. `soft_bounced_at`: a mailbox that is full or asleep;
    # `blocked_at`: refused because of what or who was sending. Opens by mail programs are apart.
    delivered_at: Mapped[Instant | None]
    bounced_at: Mapped[Instant | None]
    soft_bounced_at: Mapped[Instant | None]
    blocked_at: Mapped[Instant | None]
    opened_at: Mapped[Instant | None]
    machine_opened_at: Mapped[Instant | None]
    clicked_at: Mapped[Instant | None]
    complained_at: Mapped[Instant | None]
    unsubscribed_at: Mapped[Instant | None]
