"""What a contact's orders, deals and tickets come to, and the borders of their scores."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, DateTime, Double, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Instant


class ContactSummary(Base):
    """Written by triggers on "order", deal and ticket and by nobody else, except the scores.

    A contact without a row has bought nothing and has nothing open. Amounts are in the base
    currency of the moment when they were added up, which stands beside them; they are absent where
    there is nothing to add up or a part could not be converted.
    """

    __tablename__ = "contact_summary"

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    order_count: Mapped[int] = mapped_column(server_default="0")
    first_order_at: Mapped[Instant | None]
    last_order_at: Mapped[Instant | None]
    days_between_orders: Mapped[float | None] = mapped_column(Double)
    total_spent_minor: Mapped[int | None]
    average_order_minor: Mapped[int | None]
    lifetime_value_minor: Mapped[int | None]
    order_currency: Mapped[str | None]
    recency_score: Mapped[int | None] = mapped_column(SmallInteger)
    frequency_score: Mapped[int | None] = mapped_column(SmallInteger)
    monetary_score: Mapped[int | None] = mapped_column(SmallInteger)
    rfm_band: Mapped[str | None]
    open_deal_count: Mapped[int] = mapped_column(server_default="0")
    open_deal_minor: Mapped[int | None]
    deal_currency: Mapped[str | None]
    open_ticket_count: Mapped[int] = mapped_column(server_default="0")


class RfmBorders(Base):
    """The four values that part all customers into fifths, as of a day; the newest row counts.

    `customers` is how many were compared. Borders are absent where nobody had the value.
    """

    __tablename__ = "rfm_borders"

    day: Mapped[date] = mapped_column(primary_key=True)
    computed_at: Mapped[CreatedAt]
    customers: Mapped[int]
    currency: Mapped[str]
    recency: Mapped[list[datetime] | None] = mapped_column(ARRAY(DateTime(timezone=True)))
    frequency: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    monetary: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
