"""Messages to contacts, from the moment one is about to be handed over."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, Instant, Key


class MessageState(StrEnum):
    """`maybe_sent`: handed over, but the answer was lost. `withheld`: consent or suppression.
    `put_off`: certainly not accepted; it will be tried again.
    """

    HANDING_OVER = "handing_over"
    SENT = "sent"
    MAYBE_SENT = "maybe_sent"
    REFUSED = "refused"
    WITHHELD = "withheld"
    PUT_OFF = "put_off"


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
