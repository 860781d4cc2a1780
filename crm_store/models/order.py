"""What is sold, and what was bought."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Instant, Key


class OrderStatus(StrEnum):
    OPEN = "open"
    PAID = "paid"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Product(Base):
    """`name_key` is the folded name, by which imports find a product when they lack its sku."""

    __tablename__ = "product"
    __table_args__ = (Index("ix_product_name_key", "name_key"),)

    id: Mapped[Key]
    sku: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_key: Mapped[str]
    family: Mapped[str | None]
    price_minor: Mapped[int | None]
    currency: Mapped[str | None]
    created_at: Mapped[CreatedAt]


class Order(Base):
    """`total_base_minor` is the total in the base currency, written by a trigger at the rate of the
    day on which the order was placed; absent without a rate.
    """

    __tablename__ = "order"
    __table_args__ = (
        Index("uq_order_external_id", "external_id", unique=True),
        # Carries what rules ask of orders, so that they are added up without reading the table.
        Index(
            "ix_order_contact_id_carrying",
            *("contact_id", "placed_at"),
            postgresql_include=[
                *("status", "currency", "total_minor", "total_base_minor", "item_count")
            ],
        ),
    )

    id: Mapped[Key]
    external_id: Mapped[str | None]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    placed_at: Mapped[Instant]
    status: Mapped[str] = mapped_column(server_default=OrderStatus.COMPLETED)
    total_minor: Mapped[int]
    total_base_minor: Mapped[int | None]
    currency: Mapped[str]
    item_count: Mapped[int | None]
    created_at: Mapped[CreatedAt]
