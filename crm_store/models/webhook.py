"""Systems that are told what happens, and each time they were told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Double, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class WebhookSubscription(Base):
    """`reason` says why it is not enabled: new, by_hand, gone, failing, broken_rule.

    `secret` and `previous_secret` are sealed; both sign until `previous_until`. `tokens` are calls
    it may be given at once, as they were at `tokens_at`. `failures` counts those in a row.
    """

    __tablename__ = "webhook_subscription"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    event_types: Mapped[list[Any]] = mapped_column(ARRAY(Text(collation="C")))
    rule: Mapped[Document | None]
    enabled: Mapped[bool] = mapped_column(server_default=text("false"))
    reason: Mapped[str | None] = mapped_column(server_default=text("'new'"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    secret: Mapped[str]
    previous_secret: Mapped[str | None]
    previous_until: Mapped[Instant | None]
    per_second: Mapped[int] = mapped_column(server_default=text("50"))
    concurrency: Mapped[int] = mapped_column(server_default=text("4"))
    tokens: Mapped[float] = mapped_column(Double(), server_default=text("0"))
    tokens_at: Mapped[Instant | None]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    failing_since: Mapped[Instant | None]
    resting_until: Mapped[Instant | None]
    delivered_at: Mapped[Instant | None]
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    changed_at: Mapped[Instant]
    changed_by: Mapped[str]


class WebhookDelivery(Base):
    """One event for one subscription; without an event it is a test.

    `state`: unchecked (its rule was not asked yet), waiting, handing_over, delivered, failed.
    Written by a trigger in the statement that writes the event.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("uq_webhook_delivery_event_id", "event_id", "subscription_id", unique=True),
        Index("ix_webhook_delivery_subscription_id", "subscription_id", "id"),
        Index(
            "ix_webhook_delivery_waiting",
            *("subscription_id", "due_at", "id"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_webhook_delivery_unchecked", "id", postgresql_where=text("state = 'unchecked'")),
        Index(
            "ix_webhook_delivery_handing_over",
            *("subscription_id", "lease_until"),
            postgresql_where=text("state = 'handing_over'"),
        ),
        Index(
            "ix_webhook_delivery_failed",
            *("subscription_id", "id"),
            postgresql_where=text("state = 'failed'"),
        ),
        Index(
            "ix_webhook_delivery_ended_at",
            "ended_at",
            postgresql_where=text("ended_at IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("webhook_subscription.id", ondelete="CASCADE")
    )
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    message_id: Mapped[str]
    type: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[Instant]
    lease_until: Mapped[Instant | None]
    claimed_by: Mapped[str | None]
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    status: Mapped[int | None]
    code: Mapped[str | None]


class WebhookAttempt(Base):
    """One call. `code` is "ok", "http_500", "timed_out" and the like; `answer` its beginning."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_delivery_id", "delivery_id", "id"),)

    id: Mapped[Key]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("webhook_delivery.id", ondelete="CASCADE"))
    at: Mapped[Instant]
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    code: Mapped[str]
    answer: Mapped[str]
