"""What changed in a record, written by triggers so that no door can forget it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, Instant, Key


class FieldChange(Base):
    """One field of one record, before and after; NULL is "not known".

    `record` is contact, account, deal, ticket or order, `field` its name in rules: "country",
    "custom.plan", "amount". A tag is a row of its own, field "tags": `new` when it was added, `old`
    when it was removed. Inserted records write nothing, so the first `old` is the initial value.
    `changed_at` is the database's clock while the record was locked: a record's rows are in the
    order of the changes. There are no foreign keys, which would double the price of a change;
    triggers take the history away with its record.
    """

    __tablename__ = "field_change"
    __table_args__ = (
        Index("ix_field_change_contact_id", "contact_id", "field", "changed_at"),
        Index(
            "ix_field_change_field",
            "field",
            "changed_at",
            postgresql_where=text("record = 'contact'"),
        ),
        Index(
            "ix_field_change_record",
            "record",
            "record_id",
            postgresql_where=text("record <> 'contact'"),
        ),
        Index("ix_field_change_transaction_id", "transaction_id"),
    )

    id: Mapped[Key]
    record: Mapped[str]
    record_id: Mapped[int]
    contact_id: Mapped[int | None]
    field: Mapped[str]
    old: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    new: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    changed_at: Mapped[Instant]
    transaction_id: Mapped[int]
